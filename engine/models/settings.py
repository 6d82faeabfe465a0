"""process.toml: what a family of models is called, and how strictly it is checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from engine.domain.complaint import CHANNEL_PATTERN
from engine.errors import Finding, ModelRefused
from engine.models.bundle import MAX_SETTINGS_BYTES, file_kind

Severity = Literal["error", "warning"]

_FAMILY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LANGUAGES = ("zh-Hans", "en")


@dataclass(frozen=True, slots=True)
class FamilySettings:
    """What the models of a family have in common.

    `soundness`: how grave a deadlock found by analysis is. `lifecycle`: the processes carry a complaint from
    registration to archive, so its milestones and limits are required. `require_labels`: every element that
    people see is named in all languages, and tasks are documented. `channels`: by which complaints
    arrive beside those that come with Redress, with what each is called, by language.
    """

    family: str = ""
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    soundness: Severity = "warning"
    lifecycle: bool = False
    require_labels: bool = False
    channels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
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
        _refuse([f"the file has {len(content)} bytes; the bound is {MAX_SETTINGS_BYTES}"], source)
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        _refuse([f"the file is not TOML in UTF-8: {error}"], source)
    problems = list(_problems(data))
    if problems:
        _refuse(problems, source)
    known = {"family", "name", "labels", "soundness", "lifecycle", "require_labels", "channels"}
    return FamilySettings(
        source=source,
        unknown=tuple(sorted(set(data) - known)),
        **{name: value for name, value in data.items() if name in known},
    )


def _problems(data: Mapping[str, Any]) -> list[str]:
    found = []
    family = data.get("family", "")
    if not isinstance(family, str) or (family and not _FAMILY.fullmatch(family)):
        found.append("family: use lower-case letters, digits, - and _, at most 64")
    if not isinstance(data.get("name", ""), str):
        found.append("name: give a text")
    labels = data.get("labels", {})
    if not isinstance(labels, dict) or not all(isinstance(text, str) for text in labels.values()):
        found.append(f"labels: give a text for each of {', '.join(_LANGUAGES)}")
    if data.get("soundness", "warning") not in ("error", "warning"):
        found.append('soundness: say "error" or "warning"')
    found += [
        f"{name}: say true or false"
        for name in ("lifecycle", "require_labels")
        if not isinstance(data.get(name, False), bool)
    ]
    return found + list(_channel_problems(data.get("channels", {})))


def _channel_problems(channels: Any) -> Iterator[str]:
    if not isinstance(channels, dict):
        yield "channels: give a table, such as [channels.kiosk]"
        return
    for name, called in channels.items():
        if not CHANNEL_PATTERN.fullmatch(name):
            yield f"channels.{name}: take 2 to 20 small letters, digits, - and _, beginning with a letter"
        if not isinstance(called, dict) or not called or not set(called) <= {"zh-Hant", *_LANGUAGES}:
            yield f"channels.{name}: say what it is called in zh-Hant, zh-Hans and en"
        elif not all(isinstance(text, str) and text.strip() for text in called.values()):
            yield f"channels.{name}: give a text for each language"


def _refuse(messages: list[str], source: str) -> NoReturn:
    raise ModelRefused.of(Finding(message, file=source, code="settings") for message in messages)
