"""The hotline: who answers when, how calls were answered, and that every complaint call has a case (R6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.accounts import roles_of
from engine.people.actor import Actor
from engine.people.roles import AGENTS
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.cases import Complaint
from engine.store.tables.channels import Call, CallFigures, HotlineShift
from engine.store.tables.people import Person
from engine.store.upsert import insert_into

WEEK: Final = timedelta(hours=168)
LONGEST_SHIFT: Final = timedelta(hours=24)
MOST_WEEKS: Final = 26


def plan_shift(
    rt: Runtime, actor: Actor, person: str, begins_at: datetime, ends_at: datetime, *, weeks: int = 1
) -> list[str]:
    """Have somebody answer the hotline, in so many weeks on end; return the ids of the shifts.

    Raises Forbidden, InvalidInput by field.
    """
    actor.require("channel.manage")
    errors: dict[str, list[str]] = {}
    if not timedelta(0) < ends_at - begins_at <= LONGEST_SHIFT:
        errors["ends_at"] = ["takes an instant after the beginning, at most 24 hours later"]
    if not 1 <= weeks <= MOST_WEEKS:
        errors["weeks"] = [f"takes a whole number from 1 to {MOST_WEEKS}"]
    with rt.sessions.step() as session:
        who = session.scalar(select(Person.id).where(Person.username == person, Person.active))
        if who is None or AGENTS not in roles_of(session, who):
            errors["person"] = ["nobody of this name is an agent"]
        if errors:
            raise InvalidInput("some fields need correction", errors)
        ids = [new_id() for _ in range(weeks)]
        for week, shift_id in enumerate(ids):
            later = timedelta(weeks=week)
            session.add(
                HotlineShift(
                    id=shift_id,
                    person=person,
                    begins_at=begins_at + later,
                    ends_at=ends_at + later,
                    set_by=actor.username,
                    set_at=clock.now(),
                )
            )
        data = {"person": person, "from": begins_at, "to": ends_at, "weeks": weeks}
        note(session, actor.username, "shift.planned", data)
        return ids


def drop_shift(rt: Runtime, actor: Actor, shift_id: str) -> None:
    """Take a shift out of the roster; its row stays. Raises Forbidden, NotFound."""
    actor.require("channel.manage")
    with rt.sessions.step() as session:
        mine = update(HotlineShift).where(HotlineShift.id == shift_id, HotlineShift.removed_at.is_(None))
        gone = mine.values(removed_by=actor.username, removed_at=clock.now()).returning(HotlineShift.person)
        row = session.execute(gone).first()
        if row is None:
            raise NotFound("there is no such shift")
        note(session, actor.username, "shift.dropped", {"shift": shift_id, "person": row.person})


def roster_gaps(
    shifts: Sequence[tuple[datetime, datetime]], begins_at: datetime, ends_at: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the spans between two instants in which nobody answers, in order."""
    gaps: list[tuple[datetime, datetime]] = []
    covered = begins_at
    for begins, ends in sorted(shifts):
        if begins >= ends_at:
            break
        if begins > covered:
            gaps.append((covered, begins))
        covered = max(covered, ends)
    if covered < ends_at:
        gaps.append((covered, ends_at))
    return gaps


def take_call(session: Session, call: dict[str, Any]) -> None:
    """Keep a call within the caller's transaction, once under its id. Raises InvalidInput (no such case)."""
    number = call.get("complaint_no")
    if number is not None and session.get(Complaint, number) is None:
        message = "there is no such case"
        raise InvalidInput(message, {"complaint_no": [message]})
    values = {**call, "complaint_no": number, "taken_at": clock.now()}
    session.execute(insert_into(session, Call).values(values).on_conflict_do_nothing())


def take_figures(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Keep what the telephone system counted; a span that comes again replaces what was kept of it."""
    for row in rows:
        values = {**row, "taken_at": clock.now()}
        kept = insert_into(session, CallFigures).values(values)
        session.execute(
            kept.on_conflict_do_update(
                index_elements=[CallFigures.begins_at],
                set_={name: value for name, value in values.items() if name != "begins_at"},
            )
        )


def enter_figures(rt: Runtime, actor: Actor, rows: Sequence[dict[str, Any]]) -> None:
    """As `take_figures`, by somebody: the trail says who entered how many spans. Raises Forbidden."""
    actor.require("channel.manage")
    with rt.sessions.step() as session:
        take_figures(session, rows)
        begins = min(row["begins_at"] for row in rows)
        data = {"spans": len(rows), "from": begins, "to": max(row["ends_at"] for row in rows)}
        note(session, actor.username, "calls.entered", data)


def link_call(rt: Runtime, actor: Actor, call_id: str, complaint_no: str) -> None:
    """Say which case a complaint call became. Raises Forbidden, NotFound, Conflict, InvalidInput."""
    actor.require("channel.work")
    with rt.sessions.step() as session:
        row = session.scalars(select(Call).where(Call.id == call_id).with_for_update()).one_or_none()
        if row is None:
            raise NotFound("there is no such call")
        if row.complaint_no is not None:
            raise Conflict(f"the call belongs to {row.complaint_no} already")
        if session.get(Complaint, complaint_no) is None:
            message = "there is no such case"
            raise InvalidInput(message, {"complaint_no": [message]})
        row.complaint_no = complaint_no
        note(session, actor.username, "call.linked", {"call": call_id, "complaint_no": complaint_no})
