"""How the dates of a case came about: each day of both clocks, and why it counts or not (R36, D1-D6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.cases.statute import clock_of
from engine.domain.calendar import WorkingCalendar
from engine.domain.deadlines import last_day_of, local_date
from engine.runtime.runtime import Runtime
from engine.store.tables.cases import Extension, StatutoryChange

MOST_DAYS = 800
"""A limit further away than this is a slip in a diagram; its explanation ends there."""


@dataclass(frozen=True, slots=True)
class ToldDay:
    """A day: its number within the term (None: it does not count), why, and the holiday's name.

    `why` is start, workday, make-up, weekend, holiday, natural, appraisal or mediation. `published` is false
    where no notice has settled yet what the day is.
    """

    date: date
    ordinal: int | None
    why: str
    name: str = ""
    published: bool = True


@dataclass(frozen=True, slots=True)
class ToldLimit:
    """One clock of a case: where it began, where it ends, where it ended at first, and its days.

    `due_at` and `original_due_at` are exclusive ends. `days` is empty where the calendar that the limit was
    counted with is not kept any more.
    """

    began_on: date
    last_day: date
    due_at: datetime
    original_due_at: datetime
    provisional: bool
    days: list[ToldDay]


@dataclass(frozen=True, slots=True)
class ToldChange:
    """Something that moved a date, or came too late to do so. `kind` is extension or one of the statute's."""

    clock: str
    kind: str
    at: datetime
    actor: str
    old_due_at: datetime
    new_due_at: datetime
    told_at: datetime | None
    in_time: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Both clocks and what moved them, oldest first."""

    calendar_version: str
    policy: ToldLimit
    statute: ToldLimit
    extended_until: datetime | None
    extension_valid: bool | None
    statutory_step: int
    changes: list[ToldChange]


def explain(rt: Runtime, session: Session, row: Mapping[str, Any]) -> Explanation:
    """Explain the dates of a complaint given as the register's row."""
    calendar = rt.calendars.of_version(session, row["calendar_version"])
    return Explanation(
        calendar_version=row["calendar_version"],
        policy=_policy(rt, row, calendar),
        statute=_statute(rt, session, row),
        extended_until=row["extended_until"],
        extension_valid=row["extension_valid"],
        statutory_step=row["statutory_step"],
        changes=sorted(_changes(session, row["no"]), key=lambda change: change.at),
    )


def _policy(rt: Runtime, row: Mapping[str, Any], calendar: WorkingCalendar | None) -> ToldLimit:
    zone = rt.config.timezone
    began, last = local_date(row["received_at"], zone), last_day_of(row["due_at"], zone)
    days = [] if calendar is None else _working_days(calendar, began, last)
    provisional = row["deadline_provisional"]
    return ToldLimit(began, last, row["due_at"], row["original_due_at"], provisional, days)


def _working_days(calendar: WorkingCalendar, began: date, last: date) -> list[ToldDay]:
    if (last - began).days > MOST_DAYS:
        return []
    told, ordinal = [], 0
    for day in calendar.span(began, last):
        counts = day.kind.is_working and day.date != began
        ordinal += counts
        why = "start" if day.date == began else str(day.kind)
        told.append(ToldDay(day.date, ordinal if counts else None, why, day.name, day.published))
    return told


def _statute(rt: Runtime, session: Session, row: Mapping[str, Any]) -> ToldLimit:
    zone = rt.config.timezone
    counted = clock_of(session, row, zone)
    days = [
        ToldDay(
            day.date,
            day.ordinal,
            str(day.excluded) if day.excluded else "natural" if day.ordinal else "start",
        )
        for day in counted.explanation(rt.parameters.current(session))
    ]
    last = last_day_of(row["statutory_due_at"], zone)
    if days[-1].date != last:
        days = []  # closed long ago under terms that a later decision dates back over: the date itself stands
    original = row["original_statutory_due_at"] or row["statutory_due_at"]
    return ToldLimit(counted.starts_on, last, row["statutory_due_at"], original, False, days)


def _changes(session: Session, no: str) -> Iterable[ToldChange]:
    for row in session.scalars(select(Extension).where(Extension.complaint_no == no)):
        yield ToldChange(
            "policy",
            "extension",
            row.at,
            row.actor,
            row.old_due_at,
            row.new_due_at,
            row.notified_at,
            not row.late,
        )
    for each in session.scalars(select(StatutoryChange).where(StatutoryChange.complaint_no == no)):
        yield ToldChange(
            "statute",
            each.kind,
            each.at,
            each.actor,
            each.old_due_at,
            each.new_due_at,
            each.told_at,
            each.in_time,
            each.reason,
        )
