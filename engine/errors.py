"""The one tree of errors that Redress raises on purpose.

A subclass says what kind of thing went wrong; its message says what, where and what to do.
`web/errors.py` maps each branch of the tree to a status and a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Self

_PARAMETER: Final = re.compile(r"\{(\w+)\}")


class Name(str):
    """A name as it is drawn, in quotes, with what it is called in other languages."""

    __slots__ = ("labels",)
    labels: Mapping[str, str]

    def __new__(cls, drawn: str, labels: Mapping[str, str]) -> Self:
        """Take the drawn name, which is in zh-Hant, and its labels by language."""
        name = super().__new__(cls, repr(drawn))
        name.labels = {"zh-Hant": drawn, **labels}
        return name


class Message(str):
    """An English sentence that remembers its template and what was filled in, so that it can be said in
    another language. What is filled in is data, which nobody translates, or a message itself.
    """

    __slots__ = ("msgid", "params")
    msgid: str
    params: dict[str, str]

    def __new__(cls, msgid: str, /, **params: object) -> Self:
        """Fill `params` into the template `msgid`, each for its `{name}`."""
        texts = {
            name: each if isinstance(each, Message | Name) else str(each) for name, each in params.items()
        }
        message = super().__new__(cls, _filled(msgid, texts))
        message.msgid = msgid
        message.params = texts
        return message

    @classmethod
    def listed(cls, separator: str, items: Iterable[str]) -> Self:
        """Return `items`, messages or data, one after another."""
        texts = {f"item{number}": each for number, each in enumerate(items)}
        return cls(separator.join(f"{{{name}}}" for name in texts), **texts)

    def said(self, translate: Callable[[str], str]) -> str:
        """Return the sentence as `translate` says its template, and with it every message filled in."""
        texts = {
            name: each.said(translate) if isinstance(each, Message) else each
            for name, each in self.params.items()
        }
        return _filled(translate(self.msgid), texts)


def _filled(template: str, texts: Mapping[str, str]) -> str:
    """Fill in all at once: a `{name}` within what is filled in stays as it is."""
    return _PARAMETER.sub(lambda found: texts.get(found[1], found[0]), template)


class Refusal(Message):
    """A message of an error that quotes names, so that each reader is told them in their language."""

    __slots__ = ()


class RedressError(Exception):
    """Base of everything that the engine raises on purpose."""

    @property
    def message(self) -> str:
        """What it says, with the names that it quotes where it was given a `Refusal`."""
        given = self.args[0] if self.args else None
        return given if isinstance(given, Refusal) else str(self)


class ConfigurationError(RedressError):
    """A setting is missing, contradictory or not allowed in this environment."""


class NotFound(RedressError):
    """What was asked for does not exist (or the caller may not know that it does)."""


class Forbidden(RedressError):
    """The caller is known, and may not do this."""


class Conflict(RedressError):
    """The thing has changed meanwhile, or is not in a state that allows this."""


class NotActive(Conflict):
    """The instance has ended or is suspended: nothing can be done in it now."""


class LostRace(Conflict):
    """Another step wrote first; nothing of this one was kept."""


class NewerDraft(Conflict):
    """Another draft of the same form was kept than the one that its writer goes on from."""


class StateUnreadable(Conflict):
    """The stored state of an instance cannot be read: damaged, of another format, or not of its bundle."""


class InvalidInput(RedressError):
    """Input that a form, a schema or a rule refuses; `errors` tells it by field."""

    def __init__(self, message: str, errors: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.errors: dict[str, list[str]] = {key: list(value) for key, value in (errors or {}).items()}


class TooMany(RedressError):
    """More was asked for than one place, or all together, may ask for in a while."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class FormRefused(InvalidInput):
    """Values that a form does not accept."""


class FeelError(RedressError):
    """A FEEL expression cannot be compiled, or went past a limit; `said` tells what and where."""

    def __init__(self, said: Message) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check of model files found, and where.

    `code` names the rule; the template and the parameters of `message` say it in other languages.
    """

    message: Message
    file: str = ""
    element_id: str = ""
    line: int | None = None
    code: str = ""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return str(self.told)

    @property
    def told(self) -> Message:
        """All of it in one line, as a command prints it."""
        place = ":".join(str(part) for part in (self.file, self.line) if part)
        element = f" [{self.element_id}]" if self.element_id else ""
        severity = Message("error") if self.severity == "error" else Message("warning")
        where = f"{place}{element}".strip()
        if not where:
            return Message("{severity}: {said}", severity=severity, said=self.message)
        return Message("{place} {severity}: {said}", place=where, severity=severity, said=self.message)


@dataclass
class ModelRefused(RedressError):
    """Model files that cannot be deployed; `findings` lists all of them, not the first only."""

    findings: list[Finding] = field(default_factory=list)

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> ModelRefused:
        """Build the error from any iterable of findings."""
        return cls(list(findings))

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings) or "the model was refused"


class StepFailed(RedressError):
    """A step of an instance could not be carried out; the step was rolled back."""

    def __init__(self, message: str, *, element_id: str = "", process_id: str = "") -> None:
        super().__init__(message)
        self.element_id = element_id
        self.process_id = process_id


class TrailBroken(RedressError):
    """The history does not verify: something was changed, removed or reordered."""


class SealBroken(RedressError):
    """Encrypted data does not open: it was changed, moved to another row, or sealed under another key."""
