"""How long an archive is kept (R35). Neither policy nor law names a term: it is a setting."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum


class RetentionClass(StrEnum):
    """What the form of the archive lets choose."""

    STANDARD = "standard"
    LONG = "long"


LONG_FACTOR = 3
"""The long class keeps this many times as long as the standard one: assumption, for disputes and lawsuits."""


def retain_until(closed_on: date, years: int, kind: RetentionClass, zone: tzinfo) -> datetime:
    """Return the exclusive end of the last day on which an archive is kept, as an aware instant.

    `closed_on` is the local day of the archiving, `years` the term of the standard class. The day of the
    archiving is not counted; 29 February ends on 28 February where the year has no other.
    """
    span = years * (LONG_FACTOR if kind is RetentionClass.LONG else 1)
    year = closed_on.year + span
    try:
        last = closed_on.replace(year=year)
    except ValueError:
        last = closed_on.replace(year=year, day=28)
    return datetime.combine(last + timedelta(days=1), time(), zone)
