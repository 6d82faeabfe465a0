"""How points and ranges lie to one another (DMN 1.5, table 78), and `range` from text (table 72)."""

from __future__ import annotations

from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.types import kind_of
from engine.feel.values.compare import equal, order
from engine.feel.values.ranges import Range


def _order(left: Any, right: Any) -> int:
    found = order(left, right)
    if found is None:
        raise TypeError
    return found


def _is_range(value: Any) -> bool:
    return kind_of(value) == "range"


def _ends(value: Any) -> Range:
    return value if _is_range(value) else Range(value, value)


def _starts_behind(first: Range, second: Range) -> bool:
    """Return whether `second` begins where `first` has ended."""
    found = _order(first.end, second.start)
    return found < 0 or (found == 0 and not (first.end_included and second.start_included))


@builtin("before", "point1: any, point2: any")
def before(first: Any, second: Any) -> bool:
    """Return whether the first ends before the second begins."""
    return _starts_behind(_ends(first), _ends(second))


@builtin("after", "point1: any, point2: any")
def after(first: Any, second: Any) -> bool:
    """Return whether the first begins when the second has ended."""
    return _starts_behind(_ends(second), _ends(first))


@builtin("meets", "range1: range, range2: range")
def meets(first: Range, second: Range) -> bool:
    """Return whether the first ends on the point on which the second begins, both included."""
    return first.end_included and second.start_included and _order(first.end, second.start) == 0


@builtin("met by", "range1: range, range2: range")
def met_by(first: Range, second: Range) -> bool:
    """Return whether the second meets the first."""
    return meets(second, first)


@builtin("overlaps", "range1: range, range2: range")
def overlaps(first: Range, second: Range) -> bool:
    """Return whether the ranges have a point in common."""
    return not _starts_behind(first, second) and not _starts_behind(second, first)


def _start_order(first: Range, second: Range) -> int:
    found = _order(first.start, second.start)
    return found or int(second.start_included) - int(first.start_included)


def _end_order(first: Range, second: Range) -> int:
    found = _order(first.end, second.end)
    return found or int(first.end_included) - int(second.end_included)


@builtin("overlaps before", "range1: range, range2: range")
def overlaps_before(first: Range, second: Range) -> bool:
    """Return whether the first begins before the second and ends within it."""
    return (
        _start_order(first, second) < 0
        and not _starts_behind(first, second)
        and _end_order(first, second) <= 0
    )


@builtin("overlaps after", "range1: range, range2: range")
def overlaps_after(first: Range, second: Range) -> bool:
    """Return whether the second overlaps the first before."""
    return overlaps_before(second, first)


@builtin("finishes", "point: any, range: range")
def finishes(first: Any, second: Range) -> bool:
    """Return whether the first ends together with the second and begins within it."""
    if not _is_range(first):
        return second.end_included and _order(first, second.end) == 0
    return (
        _order(first.end, second.end) == 0
        and _end_order(first, second) == 0
        and _start_order(first, second) >= 0
    )


@builtin("finished by", "range: range, point: any")
def finished_by(first: Range, second: Any) -> bool:
    """Return whether the second finishes the first."""
    return finishes(second, first)


@builtin("includes", "range: range, point: any")
def includes(first: Range, second: Any) -> bool:
    """Return whether the second lies wholly in the first."""
    inner = _ends(second)
    return _start_order(first, inner) <= 0 and _end_order(inner, first) <= 0


@builtin("during", "point: any, range: range")
def during(first: Any, second: Range) -> bool:
    """Return whether the first lies wholly in the second."""
    return includes(second, first)


@builtin("starts", "point: any, range: range")
def starts(first: Any, second: Range) -> bool:
    """Return whether the first begins together with the second and ends within it."""
    if not _is_range(first):
        return second.start_included and _order(first, second.start) == 0
    return (
        _order(first.start, second.start) == 0
        and _start_order(first, second) == 0
        and _end_order(first, second) <= 0
    )


@builtin("started by", "range: range, point: any")
def started_by(first: Range, second: Any) -> bool:
    """Return whether the second starts the first."""
    return starts(second, first)


@builtin("coincides", "point1: any, point2: any")
def coincides(first: Any, second: Any) -> bool | None:
    """Return whether two points, or two ranges, are the same."""
    return equal(first, second)


@builtin("range", "from: string")
def range_from_text(text: str) -> Any:
    """Return the range that a text spells with constants as its ends."""
    from engine.feel.builtins.range_text import parse_range

    return parse_range(text)
