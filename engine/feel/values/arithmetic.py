"""`+ - * / **` and the sign, on numbers, strings, dates, times and durations (DMN 1.5, 10.3.2.13.4).

Every function returns None where FEEL has no answer.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.feel.limits import checked_text
from engine.feel.types import kind_of
from engine.feel.values import numbers
from engine.feel.values.durations import MICROSECOND, YearsMonths
from engine.feel.values.numbers import number_of
from engine.feel.values.wide import (
    NANOS_OF_DAY,
    date_of_number,
    day_of,
    instant,
    join,
    make_date,
    make_datetime,
    make_time,
    nanos_of_day,
    offset_of,
    time_offset,
    time_part,
)

_DATES = ("date", "date and time")


def add(left: Any, right: Any) -> Any:
    """Return left + right."""
    first, second = kind_of(left), kind_of(right)
    if first == second == "number":
        return _numeric(numbers.add, left, right)
    if first == second == "string":
        return checked_text(left + right)
    if first == second and first in ("days and time duration", "years and months duration"):
        return _sum_of_durations(left, right)
    if second in ("days and time duration", "years and months duration"):
        return _shift(left, first, right, 1)
    if first in ("days and time duration", "years and months duration"):
        return _shift(right, second, left, 1)
    return None


def subtract(left: Any, right: Any) -> Any:
    """Return left - right."""
    first, second = kind_of(left), kind_of(right)
    if first == second == "number":
        return _numeric(numbers.subtract, left, right)
    if first == second and first in ("days and time duration", "years and months duration"):
        return _sum_of_durations(left, negate(right))
    if second in ("days and time duration", "years and months duration"):
        return _shift(left, first, right, -1)
    if first in _DATES and second in _DATES:
        return _between(left, first, right, second)
    return _between_times(left, right) if first == second == "time" else None


def multiply(left: Any, right: Any) -> Any:
    """Return left * right."""
    first, second = kind_of(left), kind_of(right)
    if first == second == "number":
        return _numeric(numbers.multiply, left, right)
    if first == "number":
        left, right, first, second = right, left, second, first
    return _scaled(left, number_of(right), first) if second == "number" else None


def divide(left: Any, right: Any) -> Any:
    """Return left / right."""
    first, second = kind_of(left), kind_of(right)
    if first == second == "number":
        return _numeric(numbers.divide, left, right)
    if first == second == "years and months duration":
        return numbers.divide(left.months, right.months)
    if first == second == "days and time duration":
        return numbers.divide(left // MICROSECOND, right // MICROSECOND)
    if second != "number":
        return None
    factor = number_of(right)
    return None if not factor else _scaled(left, numbers.divide(1, factor), first, divisor=factor)


def power(left: Any, right: Any) -> Any:
    """Return left ** right."""
    return _numeric(numbers.power, left, right)


def negate(value: Any) -> Any:
    """Return -value, for numbers and durations."""
    kind = kind_of(value)
    if kind == "number":
        number = number_of(value)
        return None if number is None else numbers.negate(number)
    if kind == "years and months duration":
        return YearsMonths(-value.months)
    return -value if kind == "days and time duration" else None


def _numeric(operation: Any, left: Any, right: Any) -> Any:
    first, second = number_of(left), number_of(right)
    return None if first is None or second is None else operation(first, second)


def _sum_of_durations(left: Any, right: Any) -> Any:
    if isinstance(left, YearsMonths):
        return YearsMonths(left.months + right.months)
    try:
        return left + right
    except OverflowError:
        return None


def _scaled(duration: Any, factor: Any, kind: str, divisor: Any = None) -> Any:
    """Return a duration times a number; with `divisor`, divided by that, which loses nothing to rounding."""
    if factor is None:
        return None
    if kind not in ("years and months duration", "days and time duration"):
        return None
    months = kind == "years and months duration"
    count = duration.months if months else duration // MICROSECOND
    scaled = numbers.multiply(count, factor) if divisor is None else numbers.divide(count, divisor)
    if scaled is None:
        return None
    try:
        return YearsMonths(int(scaled)) if months else timedelta(microseconds=round(scaled))
    except (OverflowError, ValueError):
        return None


def _shift(value: Any, kind: str, duration: Any, sign: int) -> Any:
    if isinstance(duration, YearsMonths):
        return add_months(value, sign * duration.months) if kind in _DATES else None
    nanos = sign * (duration // MICROSECOND) * 1000
    if kind == "time":
        return make_time((nanos_of_day(value) + nanos) % NANOS_OF_DAY, value.tzinfo)
    if kind == "date":
        return date_of_number(day_of(value) + nanos // NANOS_OF_DAY)
    return _later(value, nanos) if kind == "date and time" else None


def _later(value: Any, nanos: int) -> Any:
    """Return a date and time so much later as time goes, not as its zone's clocks show it."""
    zone = value.tzinfo
    if isinstance(value, datetime) and zone is not None:
        try:
            utc = value.astimezone(UTC)
            moved = make_datetime(day_of(utc), nanos_of_day(utc) + nanos, UTC)
            if isinstance(moved, datetime):
                return moved.astimezone(zone)
        except OverflowError:
            pass  # Beyond Python's years the offset that held before is taken.
    return make_datetime(day_of(value), nanos_of_day(value) + nanos, zone)


def add_months(value: Any, months: int) -> Any:
    """Return a date, or date and time, months later; a day that the month lacks becomes its last one."""
    years, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    for day in range(value.day, value.day - 4, -1):
        found = make_date(years, month + 1, day)
        if found is not None:
            return found if kind_of(value) == "date" else join(found, time_part(value))
    return None


def _between(left: Any, first: str, right: Any, second: str) -> Any:
    left, right = (
        (_midnight(left) if first == "date" else left),
        (_midnight(right) if second == "date" else right),
    )
    if (offset_of(left) is None) != (offset_of(right) is None):
        return None
    return _length(instant(left) - instant(right))


def _midnight(value: Any) -> Any:
    return join(value, make_time(0, UTC))


def _between_times(left: Any, right: Any) -> Any:
    first, second = time_offset(left), time_offset(right)
    if (first is None) != (second is None):
        return None
    nanos = nanos_of_day(left) - nanos_of_day(right)
    if first is not None and second is not None:
        nanos -= round((first - second).total_seconds()) * 1_000_000_000
    return _length(nanos)


def _length(nanos: int) -> timedelta | None:
    try:
        return timedelta(microseconds=nanos // 1000)
    except OverflowError:
        return None
