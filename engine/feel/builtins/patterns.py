"""Regular expressions of XPath, with a time limit each (DMN 1.5, table 73 refers to XPath's functions)."""

from __future__ import annotations

import re as _stdlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import regex  # type: ignore[import-untyped]

from engine.errors import FeelError, Message
from engine.feel.limits import MAX_PATTERN_SECONDS

_FLAGS = {"i": regex.IGNORECASE, "s": regex.DOTALL, "m": regex.MULTILINE, "x": 0, "q": 0}
_GROUP = _stdlib.compile(r"\\(.)|\$(\d+)", _stdlib.DOTALL)
_MOST_GROUPS = 99


@lru_cache(maxsize=1024)
def _compiled(pattern: str, flags: str) -> Any:
    """Return the compiled pattern. Raises ValueError for no regular expression, or for unknown flags."""
    options = 0
    for flag in flags:
        if flag not in _FLAGS:
            raise ValueError(flag)
        options |= _FLAGS[flag]
    if "q" in flags:
        return regex.compile(regex.escape(pattern), options)
    if "x" in flags:
        pattern = _without_spaces(pattern)
    try:
        return regex.compile(_translated(pattern, options), options)
    except (regex.error, RecursionError, OverflowError) as error:
        raise ValueError(pattern) from error


def _translated(pattern: str, options: int) -> str:
    """Return an XPath pattern as one of Python's. Raises ValueError for what XPath does not have."""
    # Its tables of characters take a while to import, and most models have no patterns.
    from elementpath.regex import RegexError, translate_pattern

    try:
        return str(translate_pattern(pattern, flags=int(options), xsd_version="1.1"))
    except RegexError as error:
        raise ValueError(pattern) from error


def _without_spaces(pattern: str) -> str:
    """Return the pattern without spaces outside character classes, as the flag `x` asks (XPath 5.6.2)."""
    out: list[str] = []
    depth = 0
    escaped = False
    for character in pattern:
        if not escaped:
            depth += (character == "[") - (character == "]")
        if depth > 0 or character not in " \t\n\r":
            out.append(character)
        escaped = character == "\\" and not escaped
    return "".join(out)


def _within_time(search: Callable[[], Any]) -> Any:
    try:
        return search()
    except TimeoutError:
        raise FeelError(
            Message(
                "a regular expression took more than {seconds} s on one text; make it simpler",
                seconds=MAX_PATTERN_SECONDS,
            )
        ) from None


def found_in(text: str, pattern: str, flags: str) -> bool:
    """Return whether the pattern matches anywhere in the text."""
    search = _compiled(pattern, flags)
    return _within_time(lambda: search.search(text, timeout=MAX_PATTERN_SECONDS)) is not None


def replaced(text: str, pattern: str, replacement: str, flags: str) -> str:
    """Return the text with every match replaced; `$1` in the replacement is the first group.

    Raises ValueError when the pattern matches the empty text, or for a stray `$` or backslash (as
    XPath does).
    """
    search = _compiled(pattern, flags)
    if search.search("") is not None:
        raise ValueError(pattern)
    if "q" in flags:
        return str(
            _within_time(lambda: search.sub(lambda _f: replacement, text, timeout=MAX_PATTERN_SECONDS))
        )
    _check_replacement(replacement)

    def expand(found: Any) -> str:
        return _GROUP.sub(lambda part: part.group(1) or _group(found, part.group(2)), replacement)

    return str(_within_time(lambda: search.sub(expand, text, timeout=MAX_PATTERN_SECONDS)))


def _check_replacement(replacement: str) -> None:
    rest = _stdlib.sub(r"\\[\\$]|\$\d", "", replacement)
    if "\\" in rest or "$" in rest:
        raise ValueError(replacement)


def _group(found: Any, digits: str) -> str:
    """Return the group of the longest number that there is; what is left of the digits is text."""
    groups = found.re.groups
    for length in range(len(digits), 0, -1):
        number = int(digits[:length])
        if number <= min(groups, _MOST_GROUPS):
            return (found.group(number) or "") + digits[length:]
    return digits[1:]


def parts(text: str, delimiter: str) -> list[str]:
    """Return the parts between matches. Raises ValueError when the pattern matches the empty text."""
    search = _compiled(delimiter, "")
    if search.search("") is not None:
        raise ValueError(delimiter)
    found: list[str] = []
    last = 0
    for one in _within_time(lambda: list(search.finditer(text, timeout=MAX_PATTERN_SECONDS))):
        found.append(text[last : one.start()])
        last = one.end()
    found.append(text[last:])
    return found


def all_in(text: str, pattern: str) -> list[str]:
    """Return every match of the pattern."""
    search = _compiled(pattern, "")
    return [
        one.group() for one in _within_time(lambda: list(search.finditer(text, timeout=MAX_PATTERN_SECONDS)))
    ]
