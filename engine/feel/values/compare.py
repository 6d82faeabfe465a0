"""Equality and order of any two values, three-valued: None where FEEL cannot say (DMN 1.5, 10.3.2.13)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from engine.feel.limits import checked_value
from engine.feel.types import kind_of
from engine.feel.values.numbers import number_of
from engine.feel.values.ranges import Range
from engine.feel.values.wide import day_of, instant, nanos_of_day, offset_of, time_offset

QUICK: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""Python's own comparisons, for two values of one plain type, int or str."""
_BY_VALUE = frozenset(["string", "boolean", "days and time duration", "years and months duration"])
_ORDERED = frozenset(["string", "days and time duration", "years and months duration"])


def equal(left: Any, right: Any) -> bool | None:
    """Return whether two values are equal; None for values of different kinds. Null equals only null.

    Raises FeelError for values that are too large to compare.
    """
    return _equal(checked_value(left), checked_value(right))


def _equal(left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return left is right
    kind = kind_of(left)
    if kind != kind_of(right):
        return None
    if kind in _BY_VALUE:
        return bool(left == right)
    if kind == "number":
        return number_of(left) == number_of(right)
    if kind == "list":
        return _equal_lists(left, right)
    if kind == "context":
        return _equal_contexts(left, right)
    if kind == "range":
        return _equal_ranges(left, right)
    if kind in ("date", "time", "date and time"):
        return order(left, right) == 0
    return left is right


def _equal_lists(left: Any, right: Any) -> bool | None:
    if len(left) != len(right):
        return False
    return _all(_equal(a, b) for a, b in zip(left, right, strict=True))


def _equal_contexts(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool | None:
    if left.keys() != right.keys():
        return False
    return _all(_equal(value, right[name]) for name, value in left.items())


def _all(found: Any) -> bool | None:
    outcome: bool | None = True
    for one in found:
        if one is False:
            return False
        if one is None:
            outcome = False
    return outcome


def _equal_ranges(left: Range, right: Range) -> bool:
    return (
        left.start_included == right.start_included
        and left.end_included == right.end_included
        and equal(left.start, right.start) is True
        and equal(left.end, right.end) is True
        and (left.operator == "!=") == (right.operator == "!=")
    )


def order(left: Any, right: Any) -> int | None:
    """Return below 0, 0 or above 0 as `left` lies before, at or behind `right`; None without an order."""
    kind = kind_of(left)
    if kind != kind_of(right):
        return None
    if kind == "number":
        first, second = number_of(left), number_of(right)
        return None if first is None or second is None else (first > second) - (first < second)
    if kind in _ORDERED:
        return int(left > right) - int(left < right)
    if kind == "date":
        return day_of(left) - day_of(right)
    if kind == "date and time":
        if (offset_of(left) is None) != (offset_of(right) is None):
            return None
        return instant(left) - instant(right)
    return _order_of_times(left, right) if kind == "time" else None


def _order_of_times(left: Any, right: Any) -> int | None:
    _, first_local, first = identity(left)
    _, second_local, second = identity(right)
    return int(first - second) if first_local == second_local else None


def identity(value: Any) -> Any:
    """Return something hashable that is the same for two values exactly where `equal` says true of them.

    Raises FeelError for a value that is too large.
    """
    return _identity(checked_value(value))


def _identity(value: Any) -> Any:
    kind = kind_of(value)
    if kind in _BY_VALUE or kind == "null":
        return kind, value
    if kind == "number":
        return kind, number_of(value)
    if kind == "list":
        return kind, tuple(_identity(member) for member in value)
    if kind == "context":
        return kind, frozenset((name, _identity(member)) for name, member in value.items())
    if kind == "date":
        return kind, day_of(value)
    if kind == "date and time":
        return kind, offset_of(value) is None, instant(value)
    if kind == "time":
        offset = time_offset(value)
        shift = 0 if offset is None else round(offset.total_seconds()) * 1_000_000_000
        return kind, offset is None, nanos_of_day(value) - shift
    if kind == "range":
        ends = _identity(value.start), _identity(value.end)
        return kind, *ends, value.start_included, value.end_included, value.operator == "!="
    return kind, id(value)


def holds(symbol: str, left: Any, right: Any) -> bool | None:
    """Return the outcome of `left symbol right`, None where FEEL cannot say."""
    if symbol == "=":
        return equal(left, right)
    if symbol == "!=":
        found = equal(left, right)
        return None if found is None else not found
    ordered = order(left, right)
    if ordered is None:
        return None
    if symbol == "<":
        return ordered < 0
    if symbol == "<=":
        return ordered <= 0
    return ordered > 0 if symbol == ">" else ordered >= 0


def in_range(value: Any, within: Range) -> bool | None:
    """Return whether a value lies in a range; None where it cannot be compared with its ends."""
    if within.operator == "=":
        return equal(value, within.start)
    if within.operator == "!=":
        found = equal(value, within.start)
        return None if found is None else not found
    if within.start is not None:
        low = order(value, within.start)
        if low is None:
            return None
        if low < 0 or (low == 0 and not within.start_included):
            return False
    if within.end is not None:
        high = order(value, within.end)
        if high is None:
            return None
        if high > 0 or (high == 0 and not within.end_included):
            return False
    return True
