"""Dates and times that Python's own types cannot hold: years beyond 1 to 9999, and nanoseconds.

FEEL asks for both (DMN 1.5, 10.3.2.3.4 refers to XML Schema). Whatever fits Python's types is one of them;
only
what does not fit becomes a Wide value. Everything that computes goes through the counts below, which work
on either.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import TypeAlias

NANOS_OF_DAY = 86_400_000_000_000
YEARS_END = 999_999_999
_CYCLE = 400
_CYCLE_DAYS = 146_097


@dataclass(frozen=True, slots=True)
class WideDate:
    """A date in a year beyond 1 to 9999."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class WideTime:
    """A time of day with nanoseconds."""

    hour: int
    minute: int
    second: int
    nanosecond: int
    tzinfo: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class WideDateTime:
    """A date and time beyond what `datetime` holds."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    nanosecond: int
    tzinfo: tzinfo | None = None


AnyDate: TypeAlias = date | WideDate
AnyTime: TypeAlias = time | WideTime
AnyDateTime: TypeAlias = datetime | WideDateTime


def day_number(year: int, month: int, day: int) -> int:
    """Return the day's number in the proleptic Gregorian calendar; 1 is 0001-01-01."""
    cycles, inside = divmod(year - 1, _CYCLE)
    return cycles * _CYCLE_DAYS + date(inside + 1, month, day).toordinal()


def make_date(year: int, month: int, day: int) -> AnyDate | None:
    """Return a date, or None when there is no such day or the year is beyond +-999999999."""
    try:
        if 1 <= year <= 9999:
            return date(year, month, day)
        if abs(year) > YEARS_END:
            return None
        date((year - 1) % _CYCLE + 1, month, day)
    except (ValueError, OverflowError):
        return None
    return WideDate(year, month, day)


def date_of_number(number: int) -> AnyDate | None:
    """Return the date of a day's number."""
    cycles, inside = divmod(number - 1, _CYCLE_DAYS)
    found = date.fromordinal(inside + 1)
    return make_date(found.year + cycles * _CYCLE, found.month, found.day)


def make_time(nanos: int, zone: tzinfo | None) -> AnyTime:
    """Return the time that lies `nanos` nanoseconds after midnight."""
    seconds, fraction = divmod(nanos, 1_000_000_000)
    hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
    if fraction % 1000:
        return WideTime(hour, minute, second, fraction, zone)
    return time(hour, minute, second, fraction // 1000, zone)


def make_datetime(day: int, nanos: int, zone: tzinfo | None) -> AnyDateTime | None:
    """Return the date and time of a day's number and nanoseconds, which may run over into other days."""
    more, nanos = divmod(nanos, NANOS_OF_DAY)
    return join(date_of_number(day + more), make_time(nanos, zone))


def join(day: AnyDate | None, clock: AnyTime) -> AnyDateTime | None:
    """Return a date and a time as one value."""
    if day is None:
        return None
    if type(day) is date and type(clock) is time:
        return datetime.combine(day, clock)
    return WideDateTime(
        day.year, day.month, day.day, clock.hour, clock.minute, clock.second, nanosecond(clock), clock.tzinfo
    )


def nanosecond(value: AnyTime | AnyDateTime) -> int:
    """Return the part below a second."""
    return value.nanosecond if isinstance(value, WideTime | WideDateTime) else value.microsecond * 1000


def nanos_of_day(value: AnyTime | AnyDateTime) -> int:
    """Return the nanoseconds since midnight on the value's own clock."""
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000_000 + nanosecond(value)


def day_of(value: AnyDate | AnyDateTime) -> int:
    """Return the day's number of the value's own calendar."""
    return day_number(value.year, value.month, value.day)


def date_part(value: AnyDateTime) -> AnyDate:
    """Return the date of a date and time."""
    if isinstance(value, datetime):
        return value.date()
    return make_date(value.year, value.month, value.day) or WideDate(value.year, value.month, value.day)


def time_part(value: AnyDateTime) -> AnyTime:
    """Return the time of a date and time, with its zone."""
    return value.timetz() if isinstance(value, datetime) else make_time(nanos_of_day(value), value.tzinfo)


def offset_of(value: AnyDateTime) -> timedelta | None:
    """Return the offset from UTC that holds at `value`, None without a zone."""
    if value.tzinfo is None:
        return None
    if isinstance(value, datetime):
        return value.utcoffset()
    # Zones repeat nothing beyond Python's years: the rules of the same year within the last cycle stand in.
    year = value.year if 1 < value.year < 9999 else 9600 + (value.year % _CYCLE) - _CYCLE
    return value.tzinfo.utcoffset(
        datetime(year, value.month, value.day, value.hour, value.minute, value.second)  # noqa: DTZ001
    )


def time_offset(value: AnyTime) -> timedelta | None:
    """Return the offset of a time of day: a fixed one, or the zone's standard one for a named zone."""
    if value.tzinfo is None:
        return None
    if isinstance(value.tzinfo, timezone):
        return value.tzinfo.utcoffset(None)
    return value.tzinfo.utcoffset(datetime(2000, 1, 1))  # noqa: DTZ001 - no day belongs to a time of day


def instant(value: AnyDateTime) -> int:
    """Return nanoseconds on one line of time; a value without zone counts as UTC."""
    local = day_of(value) * NANOS_OF_DAY + nanos_of_day(value)
    offset = offset_of(value)
    return local if offset is None else local - round(offset.total_seconds()) * 1_000_000_000
