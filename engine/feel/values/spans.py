"""What a range holds, one after another: whole numbers and days."""

from __future__ import annotations

from typing import Any

from engine.errors import FeelError, Message
from engine.feel.limits import MAX_LIST
from engine.feel.types import kind_of
from engine.feel.values.numbers import number_of
from engine.feel.values.ranges import Range
from engine.feel.values.wide import date_of_number, day_of


def span(start: Any, end: Any) -> list[Any] | None:
    """Return the whole numbers, or days, from `start` to `end`, also downwards; None for anything else."""
    kind = kind_of(start)
    if kind != kind_of(end):
        return None
    if kind == "date":
        return [date_of_number(number) for number in _steps(day_of(start), day_of(end))]
    first, last = number_of(start), number_of(end)
    if first is None or last is None or first != int(first) or last != int(last):
        return None
    return list(_steps(int(first), int(last)))


def _steps(first: int, last: int) -> range:
    if abs(last - first) >= MAX_LIST:
        raise FeelError(
            Message(
                "a range of {number} members is too long; at most {most} are allowed",
                number=abs(last - first) + 1,
                most=MAX_LIST,
            )
        )
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)


def span_of_range(within: Range) -> list[Any] | None:
    """Return what lies in a range that has both ends, without those that it excludes."""
    if within.start is None or within.end is None or within.operator:
        return None
    found = span(within.start, within.end)
    if found is None:
        return None
    if not within.start_included:
        found = found[1:]
    return found if within.end_included else found[:-1]
