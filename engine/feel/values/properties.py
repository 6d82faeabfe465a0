"""Properties of dates, times, durations and ranges (DMN 1.5, table 62)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.feel.values.durations import MICROSECOND
from engine.feel.values.numbers import divide
from engine.feel.values.wide import day_of, nanosecond, offset_of, time_offset

_ON_CLOCK = ("hour", "minute")
_ON_CALENDAR = ("year", "month", "day")


def property_of(value: Any, kind: str, name: str) -> Any:
    """Return a property by name, None for one that this kind of value does not have."""
    if kind == "range":
        return _of_range(value, name)
    if kind == "years and months duration":
        return _of_months(value.months, name)
    if kind == "days and time duration":
        return _of_length(value, name)
    if kind in ("date", "date and time"):
        if name in _ON_CALENDAR:
            return getattr(value, name)
        if name == "weekday":
            return (day_of(value) - 1) % 7 + 1
        if kind == "date" and name in (*_ON_CLOCK, "second"):
            return 0
    return _on_clock(value, kind, name)


def _on_clock(value: Any, kind: str, name: str) -> Any:
    if kind == "date":
        return timedelta(0) if name == "time offset" else "Z" if name == "timezone" else None
    if name in _ON_CLOCK:
        return getattr(value, name)
    if name == "second":
        fraction = nanosecond(value)
        return (
            value.second if not fraction else divide(value.second * 1_000_000_000 + fraction, 1_000_000_000)
        )
    if name == "time offset":
        return time_offset(value) if kind == "time" else offset_of(value)
    if name == "timezone":
        return getattr(value.tzinfo, "key", None)
    return None


def _of_range(value: Any, name: str) -> Any:
    if name in ("start", "end"):
        return getattr(value, name)
    if name in ("start included", "end included"):
        return getattr(value, name.replace(" ", "_"))
    return None


def _of_months(months: int, name: str) -> Any:
    sign = -1 if months < 0 else 1
    years, rest = divmod(abs(months), 12)
    return {"years": sign * years, "months": sign * rest}.get(name)


def _of_length(value: timedelta, name: str) -> Any:
    total = value // MICROSECOND
    sign = -1 if total < 0 else 1
    total = abs(total)
    if name == "days":
        return sign * (total // 86_400_000_000)
    if name == "hours":
        return sign * (total // 3_600_000_000 % 24)
    if name == "minutes":
        return sign * (total // 60_000_000 % 60)
    return divide(sign * (total % 60_000_000), 1_000_000) if name == "seconds" else None
