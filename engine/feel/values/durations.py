"""Durations. One of days and time is a `timedelta`; one of years and months is a `YearsMonths`."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from functools import total_ordering

_DURATION = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:(T)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.ASCII
)
_LONGEST_DIGITS = 18
MICROSECOND = timedelta(microseconds=1)


@total_ordering
class YearsMonths:
    """A duration of whole months: `months` counts all of them, below zero going back."""

    __slots__ = ("months",)

    def __init__(self, months: int) -> None:
        self.months = months

    def __eq__(self, other: object) -> bool:
        return isinstance(other, YearsMonths) and self.months == other.months

    def __lt__(self, other: YearsMonths) -> bool:
        return self.months < other.months

    def __hash__(self) -> int:
        return hash(("months", self.months))

    def __repr__(self) -> str:
        return f"YearsMonths({self.months})"

    def __str__(self) -> str:
        return text_of_duration(self)


def parse_duration(text: str) -> YearsMonths | timedelta | None:
    """Return the duration that ISO 8601 text spells; None for none, and for months mixed with days."""
    found = _DURATION.fullmatch(text)
    if found is None or text[-1] in "PT":
        return None
    sign, years, months, days, time_mark, hours, minutes, seconds = found.groups()
    if any(part and len(part) > _LONGEST_DIGITS for part in (years, months, days, hours, minutes)):
        return None
    if years is not None or months is not None:
        if days is not None or time_mark is not None:
            return None
        count = int(years or 0) * 12 + int(months or 0)
        return YearsMonths(-count if sign else count)
    try:
        microseconds = round(Decimal(seconds or 0) * 1_000_000)
        length = timedelta(
            days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0), microseconds=microseconds
        )
    except (OverflowError, ArithmeticError):
        return None
    return -length if sign else length


def text_of_duration(value: YearsMonths | timedelta) -> str:
    """Return the ISO 8601 text, as short as it goes."""
    if isinstance(value, YearsMonths):
        years, months = divmod(abs(value.months), 12)
        body = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-" if value.months < 0 else "") + "P" + (body or "0M")
    total = value // MICROSECOND
    seconds, fraction = divmod(abs(total), 1_000_000)
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3_600)
    minutes, seconds = divmod(seconds, 60)
    digits = f".{fraction:06d}".rstrip("0") if fraction else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{digits}S" if seconds or fraction else ""
    body = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return ("-" if total < 0 else "") + "P" + (body or "T0S")
