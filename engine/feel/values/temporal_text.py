"""Dates and times read from text and written as text (XML Schema, with `@Zone/Name` as DMN adds)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel.values.durations import YearsMonths, parse_duration, text_of_duration
from engine.feel.values.wide import (
    AnyDate,
    AnyDateTime,
    AnyTime,
    WideDate,
    WideDateTime,
    join,
    make_date,
    make_time,
    nanosecond,
)

_DATE = re.compile(r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z][\w+/-]*)?", re.ASCII
)
_LARGEST_OFFSET = timedelta(hours=18)


def parse_date(text: str) -> AnyDate | None:
    """Return the date that `text` spells, or None."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    return make_date(int(found.group(1)), int(found.group(2)), int(found.group(3)))


def parse_time(text: str) -> AnyTime | None:
    """Return the time that `text` spells, or None."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute, second = (int(part) for part in found.group(1, 2, 3))
    if hour > 23 or minute > 59 or second > 59:
        return None
    zone: tzinfo | None = None
    if found.group(5):
        zone = zone_of(found.group(5))
        if zone is None:
            return None
    nanos = ((hour * 60 + minute) * 60 + second) * 1_000_000_000
    return make_time(nanos + int((found.group(4) or "0").ljust(9, "0")), zone)


def parse_datetime(text: str) -> AnyDateTime | None:
    """Return the date and time that `text` spells; a date alone is its midnight. None for anything else."""
    day_text, mark, time_text = text.partition("T")
    day = parse_date(day_text)
    if day is None:
        return None
    clock = parse_time(time_text) if mark else time(0)
    return None if clock is None else join(day, clock)


def parse_at_literal(text: str) -> Any:
    """Return what `@"text"` means: a date, time, date and time or duration; None if none of them."""
    for read in (parse_date, parse_time, parse_duration):
        found = read(text)
        if found is not None:
            return found
    return parse_datetime(text) if "T" in text else None


@lru_cache(maxsize=512)
def zone_of(text: str) -> tzinfo | None:
    """Return the zone of `Z`, `+08:00` or `@Asia/Shanghai`; None if there is none of that name."""
    if text == "Z":
        return UTC
    if text.startswith("@"):
        try:
            return ZoneInfo(text[1:])
        except (OSError, ValueError, KeyError):
            return None
    hours, minutes, seconds = int(text[1:3]), int(text[4:6]), int(text[7:9] or 0)
    if minutes > 59 or seconds > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return offset_zone(-offset if text[0] == "-" else offset)


def offset_zone(offset: timedelta) -> tzinfo | None:
    """Return the zone of a fixed offset, None beyond 18 hours."""
    if abs(offset) > _LARGEST_OFFSET:
        return None
    return UTC if not offset else timezone(offset)


def text_of_temporal(value: Any) -> str:
    """Return the text of a date, time, date and time or duration."""
    if isinstance(value, YearsMonths | timedelta):
        return text_of_duration(value)
    if isinstance(value, datetime | WideDateTime):
        return f"{_date_text(value)}T{_time_text(value)}"
    if isinstance(value, date | WideDate):
        return _date_text(value)
    return _time_text(value)


def _date_text(value: AnyDate | AnyDateTime) -> str:
    sign = "-" if value.year < 0 else ""
    return f"{sign}{abs(value.year):04d}-{value.month:02d}-{value.day:02d}"


def _time_text(value: AnyTime | AnyDateTime) -> str:
    fraction = nanosecond(value)
    digits = f".{fraction:09d}".rstrip("0") if fraction else ""
    return f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}{digits}{zone_text(value.tzinfo)}"


def zone_text(zone: tzinfo | None) -> str:
    """Return how a zone is written behind a time."""
    if zone is None:
        return ""
    if zone is UTC:
        return "Z"
    key = getattr(zone, "key", None)
    if key:
        return f"@{key}"
    offset = zone.utcoffset(None)
    if offset is None:
        return ""
    if not offset:
        return "Z"
    seconds = round(offset.total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    tail = f":{rest % 60:02d}" if rest % 60 else ""
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{rest // 60:02d}{tail}"
