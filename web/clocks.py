"""Both clocks of a complaint, counted day by day, so that nobody has to believe a date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine import clock
from engine.cases.explanation import explain
from engine.domain.calendar import Day, DayKind
from engine.domain.deadlines import counted_days, last_day_of, local_date
from web.extensions import db, runtime
from web.gettext import gettext
from web.times import calendar, day_text, zone

MOST_DAYS = 120


@dataclass(frozen=True, slots=True)
class ClockDay:
    """One day: which working and which natural day it is, what kind, and what ends on it.

    `working` and `natural` are None on days that do not count or lie past the limit.
    """

    text: str
    kind: str
    working: int | None
    natural: int | None
    is_today: bool
    ends: tuple[str, ...]


def clock_days(row: Mapping[str, Any]) -> list[ClockDay]:
    """Return the days from receipt to the later last day (R36-R38, Art. 18, 43), at most 120."""
    received = local_date(row["received_at"], zone())
    ends = {
        "policy": last_day_of(row["due_at"], zone()),
        "statute": last_day_of(row["statutory_due_at"], zone()),
    }
    if row["extended_until"]:
        ends["extended"] = last_day_of(row["extended_until"], zone())
    today = local_date(clock.now(), zone())
    natural = {day.date: day.ordinal for day in explain(runtime(), db.session(), row).statute.days}
    counted = counted_days(received, max(ends.values()), calendar())[:MOST_DAYS]
    return [
        ClockDay(
            day_text(each.day.date),
            _kind(each.day, received),
            each.ordinal,
            natural.get(each.day.date),
            each.day.date == today,
            tuple(name for name, last in ends.items() if last == each.day.date),
        )
        for each in counted
    ]


def _kind(day: Day, received: date) -> str:
    if day.date == received:
        return gettext("day of receipt, does not count")
    text = {
        DayKind.WORKDAY: gettext("working day"),
        DayKind.WEEKEND: gettext("weekend"),
        DayKind.HOLIDAY: gettext("holiday"),
        DayKind.MAKE_UP: gettext("make-up working day"),
    }[day.kind]
    named = f"{text} ({day.name})" if day.name and day.kind is not DayKind.WORKDAY else text
    return named if day.published else gettext("%(kind)s, not published yet", kind=named)
