"""Functions of the calendar (DMN 1.5, table 79), the clock, and Camunda's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.types import kind_of
from engine.feel.values.numbers import divide
from engine.feel.values.wide import day_number, day_of, instant, join, make_date, time_part

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@builtin("day of year", "date: temporal")
def day_of_year(value: Any) -> int:
    """Return the number of the day in its year, from 1."""
    return day_of(value) - day_number(value.year, 1, 1) + 1


@builtin("day of week", "date: temporal")
def day_of_week(value: Any) -> str:
    """Return the English name of the day of the week."""
    return _DAYS[(day_of(value) - 1) % 7]


@builtin("month of year", "date: temporal")
def month_of_year(value: Any) -> str:
    """Return the English name of the month."""
    return _MONTHS[value.month - 1]


@builtin("week of year", "date: temporal")
def week_of_year(value: Any) -> int:
    """Return the week of ISO 8601."""
    year = value.year if 1 < value.year < 9999 else 2000 + value.year % 400
    return date(year, value.month, value.day).isocalendar().week


@builtin("last day of month", "date: temporal")
def last_day_of_month(value: Any) -> Any:
    """Return the last day of the month (Camunda)."""
    last = next(day for day in (31, 30, 29, 28) if make_date(value.year, value.month, day))
    found = make_date(value.year, value.month, last)
    return found if kind_of(value) == "date" else join(found, time_part(value))


@builtin("from unix timestamp", "timestamp: number")
def from_unix_timestamp(timestamp: Any) -> Any:
    """Return the instant, in UTC, so many milliseconds after 1970 (Camunda)."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(timestamp * 1000))


@builtin("unix timestamp", "date: date and time")
def unix_timestamp(value: Any) -> Any:
    """Return the milliseconds since 1970 (Camunda)."""
    epoch = day_number(1970, 1, 1) * 86_400_000_000_000
    return divide((instant(value) - epoch) // 1000, 1000)
