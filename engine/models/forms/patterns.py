"""Regular expressions with JavaScript's meaning, on Python's engine.

A form's pattern is judged in the browser by `new RegExp(pattern).test(value)`, without flags: it counts in
UTF-16 units, `\\d`, `\\w` and `\\b` are ASCII, `\\s` is Unicode, `$` is the very end, `.` stops at four line
ends. Python differs in each of these, so the pattern is translated, and the value is split into UTF-16 units.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from engine.errors import Message
from engine.models.parsers import told_of_pattern

_SPACES = "\\t\\n\\x0b\\x0c\\r \\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
_NOT_SPACES = (
    "\\x00-\\x08\\x0e-\\x1f!-\\x9f\\xa1-\\u167f\\u1681-\\u1fff\\u200b-\\u2027\\u202a-\\u202e"
    "\\u2030-\\u205e\\u2060-\\u2fff\\u3001-\\ufefe\\uff00-\\uffff"
)
_IN_CLASS = {
    "d": "0-9",
    "w": "A-Za-z0-9_",
    "s": _SPACES,
    "D": "\\x00-/:-\\uffff",
    "W": "\\x00-/:-@\\[-\\^`{-\\uffff",
    "S": _NOT_SPACES,
    "b": "\\x08",
}
_LETTERS = {"t": "\\t", "n": "\\n", "v": "\\x0b", "f": "\\x0c", "r": "\\r", "0": "\\x00"}
_GROUPS = ("(?:", "(?=", "(?!", "(?<=", "(?<!")
_QUANTIFIER = re.compile(r"\{(\d+)(,(\d*))?\}")
_MAX_PATTERN = 1000


class PatternRefused(ValueError):
    """A pattern that cannot be judged on the server; `said` tells which part of it."""

    def __init__(self, said: Message) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class Pattern:
    """A JavaScript pattern, ready to search with."""

    source: str
    compiled: re.Pattern[str]

    def found_in(self, text: str) -> bool:
        """Return whether the pattern matches anywhere in `text`."""
        return self.compiled.search(utf16_units(text)) is not None


def compile_pattern(source: str) -> Pattern:
    """Translate a JavaScript pattern. Raises PatternRefused, saying which part is refused."""
    if len(source) > _MAX_PATTERN:
        raise PatternRefused(Message("the pattern has more than {most} characters", most=_MAX_PATTERN))
    translated = _Translation(utf16_units(source)).run()
    try:
        return Pattern(source, re.compile(translated, re.ASCII))
    except (re.error, OverflowError) as error:
        raise PatternRefused(
            Message(
                "the pattern '{source}' is no regular expression: {reason}",
                source=source,
                reason=told_of_pattern(error),
            )
        ) from error


def utf16_units(text: str) -> str:
    """Return `text` with every character beyond U+FFFF as its two surrogates, as JavaScript counts."""
    if not text or max(text) <= "\uffff":
        return text
    raw = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(raw[at] | raw[at + 1] << 8) for at in range(0, len(raw), 2))


@dataclass
class _Translation:
    source: str
    at: int = 0
    out: list[str] = field(default_factory=list)
    open_groups: list[bool] = field(default_factory=lambda: [False])  # holds an unbounded repetition?
    last_group_repeats: bool = False

    def run(self) -> str:
        while self.at < len(self.source):
            self._atom()
        if len(self.open_groups) != 1:
            raise PatternRefused(Message("a parenthesis is not closed"))
        return "".join(self.out)

    def _atom(self) -> None:
        char = self.source[self.at]
        self.last_group_repeats = False
        if char == "\\":
            self._escape()
        elif char == "[":
            self._class()
        elif char == "(":
            self._open()
            return
        elif char == ")":
            self._close()
        elif char == ".":
            self._take("[^\\n\\r\\u2028\\u2029]")
        elif char == "$":
            self._take("\\Z")
            return
        elif char in "^|":
            self._take(char)
            return
        elif char in "*+?" or _QUANTIFIER.match(self.source, self.at):
            raise PatternRefused(
                Message(
                    "nothing to repeat before '{char}' at character {number}", char=char, number=self.at + 1
                )
            )
        else:
            self._take(re.escape(char))
        self._quantifier()

    def _take(self, text: str, width: int = 1) -> None:
        self.out.append(text)
        self.at += width

    def _escape(self) -> None:
        if self.at + 1 >= len(self.source):
            raise PatternRefused(Message("the pattern ends with a backslash"))
        char = self.source[self.at + 1]
        rest = self.source[self.at :]
        if char in "bB":
            # Python's \B does not hold in an empty text before 3.14.
            self._take("\\b" if char == "b" else "(?!\\b)", 2)
            if self.source[self.at : self.at + 1] in tuple("*+?") or _QUANTIFIER.match(self.source, self.at):
                raise PatternRefused(Message("nothing to repeat at character {number}", number=self.at + 1))
        elif char in "dDwW":
            self._take(f"\\{char}", 2)
        elif char in "sS":
            self._take(f"[{_IN_CLASS[char]}]", 2)
        elif char.isdigit() and char != "0":
            number = re.match(r"\\(\d+)", rest)
            self._take(f"(?:{number[0] if number else ''})", len(number[0]) if number else 2)
        elif char == "k" and (name := re.match(r"\\k<(\w+)>", rest)):
            self._take(f"(?P={name[1]})", len(name[0]))
        else:
            self._take(*self._character())

    def _character(self) -> tuple[str, int]:
        """Return the Python form of the character escape at this place, and its width."""
        rest = self.source[self.at :]
        if found := re.match(r"\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}", rest):
            return found[0], len(found[0])
        if found := re.match(r"\\c([A-Za-z])", rest):
            return f"\\x{ord(found[1]) % 32:02x}", 3
        char = rest[1]
        return _LETTERS.get(char, re.escape(char)), 2

    def _class(self) -> None:
        negated = self.source.startswith("[^", self.at)
        self.at += 2 if negated else 1
        parts: list[str] = []
        while True:
            if self.at >= len(self.source):
                raise PatternRefused(Message("a bracket is not closed"))
            char = self.source[self.at]
            if char == "]":
                self.at += 1
                break
            parts.append(self._class_part(char))
        if parts:
            self.out.append(f"[{'^' if negated else ''}{''.join(parts)}]")
        else:
            self.out.append("[\\x00-\\uffff]" if negated else "(?!)")

    def _class_part(self, char: str) -> str:
        if char == "\\":
            if self.at + 1 >= len(self.source):
                raise PatternRefused(Message("a bracket is not closed"))
            known = _IN_CLASS.get(self.source[self.at + 1])
            text, width = (known, 2) if known is not None else self._character()
            self.at += width
            return text
        self.at += 1
        if char == "-":
            # A hyphen beside a class such as \d is itself; Python wants it escaped to be sure of that.
            edge = self.source[self.at - 2] == "[" or self.source.startswith("]", self.at)
            beside = self.source[self.at - 3 : self.at - 1] in _SHORTHANDS
            beside = beside or self.source[self.at : self.at + 2] in _SHORTHANDS
            return "\\-" if edge or beside else "-"
        return f"\\{char}" if char in "[&~|^" else char

    def _open(self) -> None:
        rest = self.source[self.at :]
        if name := re.match(r"\(\?<([A-Za-z_]\w*)>", rest):
            self._take(f"(?P<{name[1]}>", len(name[0]))
        elif rest.startswith("(?"):
            kind = next((item for item in _GROUPS if rest.startswith(item)), None)
            if kind is None:
                raise PatternRefused(
                    Message("the group '{rest}' is not known; use (?:...), (?=...) or (?!...)", rest=rest[:4])
                )
            self._take(kind, len(kind))
        else:
            self._take("(")
        self.open_groups.append(False)

    def _close(self) -> None:
        if len(self.open_groups) == 1:
            raise PatternRefused(Message("a parenthesis closes that was not opened"))
        self.last_group_repeats = self.open_groups.pop()
        self.open_groups[-1] |= self.last_group_repeats
        self._take(")")

    def _quantifier(self) -> None:
        rest = self.source[self.at :]
        bounds = _QUANTIFIER.match(rest)
        if rest[:1] in ("*", "+", "?"):
            text, unbounded = rest[0], rest[0] != "?"
        elif bounds:
            text, unbounded = bounds[0], bounds[2] is not None and not bounds[3]
        else:
            return
        if unbounded and self.last_group_repeats:
            raise PatternRefused(
                Message(
                    "a repetition inside a repeated group may take forever on some texts; bound one of "
                    "them, for example {1,50} instead of +"
                )
            )
        self.open_groups[-1] |= unbounded
        self._take(text, len(text))
        if self.source.startswith("?", self.at):
            self._take("?")
        elif self.source[self.at : self.at + 1] in ("+", "*"):
            raise PatternRefused(Message("nothing to repeat at character {number}", number=self.at + 1))


_SHORTHANDS = frozenset({"\\d", "\\D", "\\w", "\\W", "\\s", "\\S"})
