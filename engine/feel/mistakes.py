"""How a text that is not FEEL is told of: what stands where, with the text around it, and what to do."""

from __future__ import annotations

import unicodedata
from typing import Final

from engine.errors import Message
from engine.feel.errors import FeelSyntaxError

HERE: Final = "▸"
"""Stands before the place in the text that is shown."""
AROUND: Final = 40
"""Characters that are shown before and behind the place."""
AN_EXPRESSION: Final = Message("an expression")
A_FLATTER_TEXT: Final = Message("a flatter text")
_COMPLETE: Final = Message("complete it")
_PUT_RIGHT: Final = Message("take it out, or put right what stands before it")
_INSTEAD: Final = {
    "==": Message("compare with a single ="),
    "&": Message("write and"),
    "|": Message("write or"),
    "!": Message("write not(...), or != between two values"),
    "'": Message('write texts in straight double quotes: "..."'),
    "%": Message("write modulo(a, b)"),
    ";": Message("separate with commas"),
    **dict.fromkeys("“”„‘’「」『』", Message('write texts in straight double quotes: "..."')),
}
"""What other languages, keyboards and word processors write, and what FEEL writes for it."""


def misplaced(text: str, start: int, end: int, expected: Message) -> FeelSyntaxError:
    """Return the error that something else than `expected` stands from `start` to before `end`."""
    place = _place(text, start)
    if start >= len(text):
        message = Message(
            "the text ends where {expected} is expected, at line {line}, column {column} ({around}): "
            "{instead}",
            expected=expected,
            instead=_COMPLETE,
            **place,
        )
    else:
        message = Message(
            "'{found}' stands where {expected} is expected, at line {line}, column {column} ({around}): "
            "{instead}",
            found=text[start:end],
            expected=expected,
            instead=_instead(text, start) or _PUT_RIGHT,
            **place,
        )
    return FeelSyntaxError(message, start, expected)


def unreadable(text: str, start: int) -> FeelSyntaxError:
    """Return the error that FEEL has nothing that begins with the character at `start`."""
    place = _place(text, start)
    if text[start] == '"':
        message = Message(
            "the text that begins with a quotation mark at line {line}, column {column} ({around}) has no "
            "end: close it with another one",
            **place,
        )
    else:
        message = Message(
            "the character '{found}' at line {line}, column {column} ({around}) means nothing in FEEL: "
            "{instead}",
            found=text[start],
            instead=_instead(text, start) or Message("take it out"),
            **place,
        )
    return FeelSyntaxError(message, start, AN_EXPRESSION)


def _place(text: str, start: int) -> dict[str, object]:
    before = text[max(0, start - AROUND) : start]
    behind = text[start : start + AROUND]
    return {
        "line": text.count("\n", 0, start) + 1,
        "column": start - text.rfind("\n", 0, start),
        "around": " ".join(f"{before}{HERE}{behind}".split()),
    }


def _instead(text: str, start: int) -> Message | None:
    """Return what to write for a sign of another language or another width."""
    sign = text[start]
    if "==" in (text[start - 1 : start + 1], text[start : start + 2]):
        return _INSTEAD["=="]
    plain = unicodedata.normalize("NFKC", sign)
    if plain != sign and plain.isascii():
        return Message("write the half-width sign {sign}", sign=plain)
    return _INSTEAD.get(sign)
