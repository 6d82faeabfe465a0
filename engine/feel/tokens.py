"""A FEEL text cut into tokens (DMN 1.5, 10.3.1.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from engine.errors import Message
from engine.feel.errors import FeelSyntaxError
from engine.feel.limits import MAX_TEXT
from engine.feel.mistakes import unreadable

Kind = Literal["name", "number", "string", "symbol", "end"]

_IDENTIFIER_START = r"[^\W\d]|[?\U00010000-\U000EFFFF]"
_TOKEN = re.compile(
    rf"""
    (?P<space>\s+|//[^\n\r]*|/\*.*?\*/)
  | (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<name>(?:{_IDENTIFIER_START})(?:\w|[?\U00010000-\U000EFFFF])*)
  | (?P<symbol>\*\*|\.\.|->|<=|>=|!=|[-+*/=<>(){{}}\[\],:.|@'&%^~;!$\u2013\u2014])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|([ntr"\'\\/bf])|(.))', re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text, from `start` to before `end`. A string's `text` is its value, without quotes."""

    kind: Kind
    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Return the tokens of `text`, closed by one of kind `end`. Raises FeelSyntaxError."""
    if len(text) > MAX_TEXT:
        raise FeelSyntaxError(
            Message(
                "the expression has {count} characters; at most {most} are allowed",
                count=len(text),
                most=MAX_TEXT,
            )
        )
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise unreadable(text, position)
        position = found.end()
        kind = found.lastgroup
        if kind == "string":
            tokens.append(Token("string", _unescape(found.group()[1:-1]), found.start(), position))
        elif kind in ("name", "number", "symbol"):
            tokens.append(Token(kind, found.group(), found.start(), position))  # type: ignore[arg-type]
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    units = _ESCAPE.sub(_escape, text)
    if any("\ud800" <= character <= "\udfff" for character in units):
        # Two \u escapes may spell one character beyond the basic plane, as in JSON.
        units = units.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return units


def _escape(found: re.Match[str]) -> str:
    four, six, simple, other = found.groups()
    if four or six:
        code = int(four or six, 16)
        return chr(code) if code <= 0x10FFFF else found.group()
    if simple:
        return _SIMPLE_ESCAPES.get(simple, simple)
    return "\\" + str(other)
