"""Regular expressions of XPath (DMN 1.5, table 73 refers to XQuery and XPath functions), with a time limit each."""

from __future__ import annotations

import re as _stdlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import regex

from engine.errors import FeelError
from engine.feel.limits import MAX_PATTERN_SECONDS

_FLAGS = {"i": regex.IGNORECASE, "s": regex.DOTALL, "m": regex.MULTILINE, "x": regex.VERBOSE}
_NAME_START = (
    r"_:A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u2070-\u218f\u3001-\ud7ff"
)
_NAME = _NAME_START + r"\-.0-9\u00b7\u0300-\u036f\u203f-\u2040"
_CLASSES = {
    "i": f"[{_NAME_START}]",
    "I": f"[^{_NAME_START}]",
    "c": f"[{_NAME}]",
    "C": f"[^{_NAME}]",
}
_BLOCK = _stdlib.compile(r"\\([pP])\{Is([\w-]+)\}")
_GROUP = _stdlib.compile(r"\\(.)|\$(\d+)", _stdlib.DOTALL)
_MOST_GROUPS = 99


@lru_cache(maxsize=1024)
def _compiled(pattern: str, flags: str) -> Any:
    """Return the compiled pattern. Raises ValueError for one that is no regular expression, or for other flags."""
    options = regex.V1
    for flag in flags:
        if flag == "q":
            pattern = regex.escape(pattern)
        elif flag in _FLAGS:
            options |= _FLAGS[flag]
        else:
            raise ValueError(flag)
    if "q" not in flags:
        pattern = _translated(pattern)
    try:
        return regex.compile(pattern, options)
    except (regex.error, RecursionError, OverflowError) as error:
        raise ValueError(pattern) from error


def _translated(pattern: str) -> str:
    r"""Return an XPath pattern as one of `regex`: class subtraction, blocks, \i and \c; look-around is refused."""
    if _stdlib.search(r"(?<!\\)(?:\\\\)*\(\?(?!:)", pattern):
        raise ValueError(pattern)
    pattern = _BLOCK.sub(lambda found: rf"\{found.group(1)}{{In{found.group(2)}}}", pattern)
    out: list[str] = []
    depth = at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\" and at + 1 < len(pattern):
            escaped = pattern[at + 1]
            known = _CLASSES.get(escaped)
            out.append(known if known else character + escaped)
            at += 2
            continue
        if character == "[":
            if depth and out and out[-1] == "-":
                out[-1] = "--"
            elif depth:
                raise ValueError(pattern)
            depth += 1
        elif character == "]":
            depth -= 1
        elif depth and character in "&~|" and pattern[at : at + 2] == character * 2:
            out.append("\\")
        out.append(character)
        at += 1
    return "".join(out)


def _within_time(search: Callable[[], Any]) -> Any:
    try:
        return search()
    except TimeoutError:
        raise FeelError(
            f"a regular expression took more than {MAX_PATTERN_SECONDS} s on one text; make it simpler"
        ) from None


def found_in(text: str, pattern: str, flags: str) -> bool:
    """Return whether the pattern matches anywhere in the text."""
    search = _compiled(pattern, flags)
    return _within_time(lambda: search.search(text, timeout=MAX_PATTERN_SECONDS)) is not None


def replaced(text: str, pattern: str, replacement: str, flags: str) -> str:
    """Return the text with every match replaced; `$1` in the replacement is the first group.

    Raises ValueError when the pattern matches the empty text, or for a stray `$` or backslash (XPath fn:replace).
    """
    search = _compiled(pattern, flags)
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
    """Return the parts of the text between matches of the pattern."""
    search = _compiled(delimiter, "")
    found: list[str] = []
    last = 0
    for one in _within_time(lambda: list(search.finditer(text, timeout=MAX_PATTERN_SECONDS))):
        if one.end() > one.start():
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
