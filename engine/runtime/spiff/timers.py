"""ISO 8601 dates, durations and repeating intervals, computed by the calendar.

The library's own timers read the wall clock, take naive dates for UTC and make a month 30 days (`P1M` on 31
January). Here a month is a month: the day is kept, or the last of a shorter month; occurrence n of a cycle
is counted from its anchor, so that a cycle on the 31st comes back to the 31st. Calendar units follow the
company's time zone.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import Message
from engine.feel import YearsMonths

_DURATION = re.compile(
    r"^(?P<sign>-?)P(?!$)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?!$)(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?$"
)
_REPEAT = re.compile(r"^R(?P<times>\d{0,9})$")


_EXACT = ("weeks", "days", "hours", "minutes", "seconds")


@dataclass(frozen=True, slots=True)
class Period:
    """A duration: calendar months, and an exact rest."""

    months: int
    rest: timedelta

    def after(self, instant: datetime, zone: ZoneInfo, times: int = 1) -> datetime:
        """Return the instant `times` periods after `instant`, in UTC; months and days are those of `zone`.

        Raises ValueError where that lies beyond the calendar.
        """
        try:
            local = instant.astimezone(zone)
            if self.months:
                local = _add_months(local, self.months * times)
            rest = self.rest * times
            moved = local + timedelta(days=rest.days)
            return moved.astimezone(UTC) + timedelta(seconds=rest.seconds, microseconds=rest.microseconds)
        except (ValueError, OverflowError):
            raise ValueError(Message("it lies beyond the years 1 to 9999")) from None

    @property
    def is_positive(self) -> bool:
        """Whether the period goes forward at all."""
        return self.months > 0 or (self.months == 0 and self.rest > timedelta(0))


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repeating interval; `times` is None for one without end."""

    times: int | None
    start: datetime | None
    period: Period
    text: str


def parse_period(value: Any) -> Period:
    """Read a duration: ISO 8601 text, a timedelta, or a FEEL duration. Raises ValueError."""
    if isinstance(value, timedelta):
        return Period(0, value)
    if isinstance(value, YearsMonths):
        return Period(value.months, timedelta(0))
    if value is None:
        raise ValueError(Message("null is no ISO 8601 duration such as P3D or PT4H"))
    return _read_period(str(value))


@lru_cache(maxsize=1024)
def _read_period(text: str) -> Period:
    found = _DURATION.match(text.strip())
    if found is None:
        raise ValueError(Message("'{text}' is no ISO 8601 duration such as P3D or PT4H", text=text))
    part = {name: float(text) for name, text in found.groupdict().items() if text and name != "sign"}
    sign = -1 if found["sign"] else 1
    try:
        whole = int(part.get("years", 0) * 12 + part.get("months", 0))
        rest = timedelta(**{name: part.get(name, 0) for name in _EXACT})
    except OverflowError:
        raise ValueError(Message("'{text}' is longer than any calendar", text=text)) from None
    return Period(sign * whole, sign * rest)


def parse_instant(value: Any, zone: ZoneInfo) -> datetime:
    """Read an instant: a date means its beginning in `zone`, a time without offset is one of `zone`.

    Raises ValueError for anything that is no date.
    """
    if isinstance(value, str):
        value = _from_text(value.strip())
    try:
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
        if isinstance(value, date):
            return datetime.combine(value, time(), zone).astimezone(UTC)
    except OverflowError:
        raise ValueError(Message("it lies beyond the years 1 to 9999")) from None
    raise ValueError(
        Message(
            "{value} is no date; give an ISO 8601 date such as 2026-03-02T09:00:00+08:00", value=repr(value)
        )
    )


def parse_cycle(value: Any, zone: ZoneInfo) -> Cycle:
    """Read `R3/PT10H`, `R/P1D`, `R3/2026-01-01T00:00:00Z/P1D`, or a bare duration. Raises ValueError."""
    if not isinstance(value, str):
        return Cycle(None, None, _forward(parse_period(value)), str(value))
    parts = value.strip().split("/")
    found = _REPEAT.match(parts[0])
    if found is None and len(parts) == 1:
        return Cycle(None, None, _forward(parse_period(value)), value)
    if found is None or not 2 <= len(parts) <= 3:
        raise ValueError(Message("'{value}' is no ISO 8601 cycle such as R3/PT10H or R/P1D", value=value))
    times = int(found["times"]) if found["times"] else None
    start = None
    if len(parts) == 3 and parts[2].startswith("P"):
        start = parse_instant(parts[1], zone)
    elif len(parts) == 3:
        raise ValueError(
            Message("'{value}' gives a cycle by its end; give its start: R3/START/P1D", value=value)
        )
    return Cycle(times, start, _forward(parse_period(parts[-1])), value.strip())


def occurrence(cycle: Cycle, anchor: datetime, number: int, zone: ZoneInfo) -> datetime:
    """Return the instant of occurrence `number` (0 is the first) of a cycle armed at `anchor`.

    Raises ValueError where that lies beyond the calendar.
    """
    if cycle.start is not None:
        return cycle.period.after(cycle.start, zone, number)
    return cycle.period.after(anchor, zone, number + 1)


def next_occurrence(cycle: Cycle, anchor: datetime, number: int, now: datetime, zone: ZoneInfo) -> int:
    """Return the number of the first occurrence after `number` that is still to come.

    Occurrences that passed while nobody ran are one firing, not a burst of them. Raises ValueError as
    `occurrence`.
    """
    low, high = number + 1, number + 2
    if occurrence(cycle, anchor, low, zone) > now:
        return low
    while occurrence(cycle, anchor, high, zone) <= now:
        low, high = high, high + 2 * (high - number)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if occurrence(cycle, anchor, middle, zone) <= now else (low, middle)
    return high


def _forward(period: Period) -> Period:
    if not period.is_positive:
        raise ValueError(Message("a cycle needs a duration above zero"))
    return period


def _from_text(text: str) -> datetime | date:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        message = Message(
            "'{text}' is no ISO 8601 date such as 2026-03-02T09:00:00+08:00; FEEL needs `=` in front",
            text=text,
        )
        raise ValueError(message) from None


def _add_months(instant: datetime, months: int) -> datetime:
    total = instant.year * 12 + instant.month - 1 + months
    year, month = divmod(total, 12)
    day = min(instant.day, calendar.monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)
