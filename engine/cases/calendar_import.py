"""Import a year's holiday schedule: a new calendar version, and every running deadline counted again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry, note
from engine.cases.case import ComplaintCase
from engine.domain.calendar_table import YearTable, build_calendar, digest, shipped_years, year_from_plain
from engine.people.actor import Actor
from engine.runtime.advance import open_step
from engine.runtime.rescheduling import recount_timers
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.calendars import CalendarVersion
from engine.store.tables.cases import Complaint


@dataclass(frozen=True, slots=True)
class Imported:
    """The calendar's version now in force, whether it is new, and how many limits moved."""

    version: str
    is_new: bool
    moved: int


def import_shipped(rt: Runtime, actor: Actor) -> Imported:
    """Import the tables that come with Redress, keeping years that were imported beside them."""
    return import_years(rt, actor, list(shipped_years()), keep=True)


def import_years(rt: Runtime, actor: Actor, tables: list[YearTable], *, keep: bool = False) -> Imported:
    """Put `tables` into force over those known already (`keep`: known years win); recount open complaints.

    Raises InvalidInput where the years do not join up.
    """
    with rt.sessions.step() as session:
        known = _known(session)
        given = {table.year: table for table in tables}
        years = {**given, **known} if keep else {**known, **given}
        calendar = build_calendar(years.values())
        checksum = digest(years.values())
        newest = session.scalars(
            select(CalendarVersion.sha256).order_by(CalendarVersion.id.desc()).limit(1)
        ).first()
        if newest == checksum:
            return Imported(calendar.version, False, 0)
        session.execute(
            insert(CalendarVersion).values(
                id=new_id(),
                sha256=checksum,
                imported_at=clock.now(),
                imported_by=actor.username,
                years={str(year): table.plain() for year, table in years.items()},
            )
        )
        note(
            session,
            actor.username,
            "calendar.imported",
            {"version": calendar.version, "years": sorted(given), "horizon": calendar.horizon},
        )
    rt.calendars.forget()
    return Imported(calendar.version, True, _recount(rt, actor))


def _known(session: Session) -> dict[int, YearTable]:
    years = session.scalars(
        select(CalendarVersion.years).order_by(CalendarVersion.id.desc()).limit(1)
    ).first()
    return {
        int(year): year_from_plain(plain, f"the stored table of {year}")
        for year, plain in (years or {}).items()
    }


def _recount(rt: Runtime, actor: Actor) -> int:
    """Count the running limits again, one step a complaint; both dates go into history where they differ."""
    with rt.sessions.read() as session:
        open_ones = session.execute(
            select(Complaint.no, Complaint.instance_id)
            .where(Complaint.closed_at.is_(None), Complaint.notified_at.is_(None))
            .order_by(Complaint.no)
        ).all()
    return sum(_recount_one(rt, actor, row.instance_id) for row in open_ones if row.instance_id)


def _recount_one(rt: Runtime, actor: Actor, instance_id: str) -> bool:
    with rt.sessions.step() as session, open_step(rt, session, instance_id, actor, allow=_OPEN) as step:
        case = step.case
        if not isinstance(case, ComplaintCase):
            return False
        before = case.get("due_at")
        case.count_limit()
        timers = recount_timers(step)
        moved = bool(case.get("due_at") != before)
        if moved:
            dates = {"from": before, "to": case.get("due_at"), "calendar": case.get("calendar_version")}
            step.note(Entry("deadline.recounted", dates))
        return moved or timers > 0


_OPEN = ("active", "suspended")
