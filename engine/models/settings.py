"""process.toml: what a family of models is called, and how strictly it is checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from engine.domain.complaint import CHANNEL_PATTERN
from engine.errors import Finding, Message, ModelRefused
from engine.models.bundle import MAX_SETTINGS_BYTES, file_kind
from engine.models.parsers import told_of_toml

Severity = Literal["error", "warning"]

_FAMILY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LANGUAGES = ("zh-Hans", "en")


@dataclass(frozen=True, slots=True)
class FamilySettings:
    """What the models of a family have in common.

    `soundness`: how grave a deadlock found by analysis is. `lifecycle`: the processes carry a complaint from
    registration to archive, so its milestones and limits are required. `require_labels`: every element that
    people see is named in all languages, and tasks are documented. `channels`: by which complaints
    arrive beside those that come with Redress, with what each is called, by language. `words`: what texts of
    decision tables (their names, what they give) are called in other languages.
    """

    family: str = ""
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    soundness: Severity = "warning"
    lifecycle: bool = False
    require_labels: bool = False
    channels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    source: str = ""
    unknown: tuple[str, ...] = ()


def read_settings(files: Mapping[str, bytes]) -> FamilySettings:
    """Return the settings in the files' `process.toml`, or the defaults where there is none.

    Raises ModelRefused with every finding where the file is no TOML or says something that cannot be.
    """
    paths = sorted(path for path in files if file_kind(path) == "settings")
    return _parse(files[paths[0]], paths[0]) if paths else FamilySettings()


def _parse(content: bytes, source: str) -> FamilySettings:
    if len(content) > MAX_SETTINGS_BYTES:
        _refuse(
            [
                Message(
                    "the file has {count} bytes; the bound is {most}",
                    count=len(content),
                    most=MAX_SETTINGS_BYTES,
                )
            ],
            source,
        )
    try:
        text = content.decode("utf-8")
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        _refuse(
            [Message("the file is not TOML in UTF-8: {reason}", reason=told_of_toml(error, text))], source
        )
    except (UnicodeDecodeError, RecursionError) as error:
        _refuse([Message("the file is not TOML in UTF-8: {reason}", reason=error)], source)
    problems = list(_problems(data))
    if problems:
        _refuse(problems, source)
    known = {"family", "name", "labels", "soundness", "lifecycle", "require_labels", "channels", "words"}
    return FamilySettings(
        source=source,
        unknown=tuple(sorted(set(data) - known)),
        **{name: value for name, value in data.items() if name in known},
    )


def _problems(data: Mapping[str, Any]) -> list[Message]:
    found: list[Message] = []
    family = data.get("family", "")
    if not isinstance(family, str) or (family and not _FAMILY.fullmatch(family)):
        found.append(_of("family", Message("use lower-case letters, digits, - and _, at most 64")))
    if not isinstance(data.get("name", ""), str):
        found.append(_of("name", Message("give a text")))
    labels = data.get("labels", {})
    if not isinstance(labels, dict) or not all(isinstance(text, str) for text in labels.values()):
        found.append(_of("labels", Message("give a text for each of {names}", names=", ".join(_LANGUAGES))))
    if data.get("soundness", "warning") not in ("error", "warning"):
        found.append(_of("soundness", Message('say "error" or "warning"')))
    found += [
        _of(name, Message("say true or false"))
        for name in ("lifecycle", "require_labels")
        if not isinstance(data.get(name, False), bool)
    ]
    return [*found, *_channel_problems(data.get("channels", {})), *_word_problems(data.get("words", {}))]


def _channel_problems(channels: Any) -> Iterator[Message]:
    if not isinstance(channels, dict):
        yield _of("channels", Message("give a table, such as [channels.kiosk]"))
        return
    for name, called in channels.items():
        if not CHANNEL_PATTERN.fullmatch(name):
            message = Message("take 2 to 20 small letters, digits, - and _, beginning with a letter")
            yield _of(f"channels.{name}", message)
        if not isinstance(called, dict) or not called or not set(called) <= {"zh-Hant", *_LANGUAGES}:
            yield _of(f"channels.{name}", Message("say what it is called in zh-Hant, zh-Hans and en"))
        elif not all(isinstance(text, str) and text.strip() for text in called.values()):
            yield _of(f"channels.{name}", Message("give a text for each language"))


def _word_problems(words: Any) -> Iterator[Message]:
    if not isinstance(words, dict):
        yield _of("words", Message("give a table, such as [words]"))
        return
    for text, called in words.items():
        if not isinstance(called, dict) or not called or not set(called) <= set(_LANGUAGES):
            yield _of(f"words.{text}", Message("say what it is called in zh-Hans and en"))
        elif not all(isinstance(each, str) and each.strip() for each in called.values()):
            yield _of(f"words.{text}", Message("give a text for each language"))


def _of(name: str, said: Message) -> Message:
    return Message("{name}: {said}", name=name, said=said)


def _refuse(messages: list[Message], source: str) -> NoReturn:
    raise ModelRefused.of(Finding(message, file=source, code="settings") for message in messages)
