"""String functions (DMN 1.5, table 73), and Camunda's. Characters are counted as Unicode code points."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from typing import Any

from engine.feel.builtins import patterns
from engine.feel.builtins.registry import builtin
from engine.feel.limits import checked_list, checked_text


@builtin("substring", "string: string, start position: number, length?: number")
def substring(string: str, start: Any, length: Any = None) -> Any:
    """Return the characters from a place, counted from 1 or, below zero, from the end."""
    first = int(start)
    if first == 0 or abs(first) > len(string):
        return None
    first = first - 1 if first > 0 else len(string) + first
    if length is None:
        return string[first:]
    return string[first : first + int(length)] if int(length) > 0 else None


@builtin("string length", "string: string")
def string_length(string: str) -> int:
    """Return how many characters there are."""
    return len(string)


@builtin("upper case", "string: string")
def upper_case(string: str) -> str:
    """Return the text in capitals."""
    return string.upper()


@builtin("lower case", "string: string")
def lower_case(string: str) -> str:
    """Return the text in small letters."""
    return string.lower()


@builtin("substring before", "string: string, match: string")
def substring_before(string: str, match: str) -> str:
    """Return what stands before the first match; empty without one."""
    return string.partition(match)[0] if match and match in string else ""


@builtin("substring after", "string: string, match: string")
def substring_after(string: str, match: str) -> str:
    """Return what stands behind the first match; empty without one."""
    return string.partition(match)[2] if match else string


@builtin("contains", "string: string, match: string")
def contains(string: str, match: str) -> bool:
    """Return whether the match occurs."""
    return match in string


@builtin("starts with", "string: string, match: string")
def starts_with(string: str, match: str) -> bool:
    """Return whether the text begins with the match."""
    return string.startswith(match)


@builtin("ends with", "string: string, match: string")
def ends_with(string: str, match: str) -> bool:
    """Return whether the text ends with the match."""
    return string.endswith(match)


@builtin("matches", "input: string, pattern: string, flags?: string|null")
def matches(text: str, pattern: str, flags: str | None = None) -> Any:
    """Return whether a regular expression of XPath matches anywhere."""
    return patterns.found_in(text, pattern, flags or "")


@builtin("replace", "input: string, pattern: string, replacement: string, flags?: string|null")
def replace(text: str, pattern: str, replacement: str, flags: str | None = None) -> Any:
    """Return the text with all matches of a regular expression replaced."""
    return checked_text(patterns.replaced(text, pattern, replacement, flags or ""))


@builtin("split", "string: string, delimiter: string")
def split(string: str, delimiter: str) -> Any:
    """Return the parts between matches of a regular expression."""
    return checked_list(patterns.parts(string, delimiter))


@builtin("extract", "input: string, pattern: string")
def extract(text: str, pattern: str) -> Any:
    """Return all matches of a regular expression (Camunda)."""
    return checked_list(patterns.all_in(text, pattern))


@builtin("string join", "list: list, delimiter?: string|null")
def string_join(members: Sequence[Any], delimiter: str | None = None) -> Any:
    """Return the texts as one, with a delimiter between; nulls are left out."""
    if not all(member is None or isinstance(member, str) for member in members):
        return None
    return checked_text((delimiter or "").join(member for member in members if member is not None))


@builtin("string join", "list: list, delimiter: string|null, prefix: string, suffix: string")
def string_join_around(members: Sequence[Any], delimiter: str | None, prefix: str, suffix: str) -> Any:
    """Return the texts as one, with something before and behind (Camunda)."""
    inner = string_join(members, delimiter)
    return None if inner is None else prefix + inner + suffix


@builtin("trim", "string: string")
def trim(string: str) -> str:
    """Return the text without spaces at its ends (Camunda)."""
    return string.strip()


@builtin("is blank", "string: string")
def is_blank(string: str) -> bool:
    """Return whether there are only spaces (Camunda)."""
    return not string.strip()


@builtin("to base64", "value: string")
def to_base64(value: str) -> str:
    """Return the text in Base64 (Camunda)."""
    return base64.b64encode(value.encode()).decode()


@builtin("uuid")
def uuid_() -> str:
    """Return a new random id (Camunda)."""
    return str(uuid.uuid4())
