"""Absences: who is away from when to when, and who does their tasks meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session, aliased

from engine import clock
from engine.audit import note
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.people.actor import Actor
from engine.store.ids import new_id
from engine.store.tables.people import Person, PersonRole
from engine.store.tables.workplace import Absence


def arrange_absence(
    session: Session, actor: Actor, username: str, substitute: str, begins_at: datetime, ends_at: datetime
) -> str:
    """Arrange that `substitute` does the tasks of `username` in a time (aware instants); return its id.

    For oneself, for those whom one is above, or as administrator. Raises Forbidden, NotFound, InvalidInput
    (by field), Conflict (the person is away in that time already).
    """
    person = _active(session, username, "username")
    _require_say(session, actor, person.id)
    other = _active(session, substitute, "substitute")
    errors: dict[str, list[str]] = {}
    if ends_at <= begins_at or ends_at <= clock.now():
        errors["ends_at"] = ["lies before the beginning, or is over"]
    if other.id == person.id:
        errors["substitute"] = ["nobody stands in for themselves"]
    elif _roles(session, other.id).isdisjoint(_roles(session, person.id)):
        errors["substitute"] = ["has none of the roles that the tasks are for"]
    elif _away(session, other.id, begins_at, ends_at):
        errors["substitute"] = ["is away in that time, too"]
    if errors:
        raise InvalidInput("the absence cannot be arranged: see the fields", errors)
    if _away(session, person.id, begins_at, ends_at):
        raise Conflict(f"{username} is away in that time already; end that absence first")
    absence_id = new_id()
    session.execute(
        insert(Absence).values(
            id=absence_id,
            person_id=person.id,
            substitute_id=other.id,
            begins_at=begins_at,
            ends_at=ends_at,
            arranged_by=actor.username,
            arranged_at=clock.now(),
        )
    )
    data = {"username": username, "substitute": substitute, "from": begins_at, "to": ends_at}
    note(session, actor.username, "absence.arranged", data)
    return absence_id


def end_absence(session: Session, actor: Actor, absence_id: str) -> None:
    """Let an absence end now. Raises NotFound, Forbidden; one that is over stays as it is."""
    other = aliased(Person)
    row = session.execute(
        select(
            Absence.person_id,
            Absence.begins_at,
            Absence.ends_at,
            Person.username,
            other.username.label("substitute"),
        )
        .join(Person, Person.id == Absence.person_id)
        .join(other, other.id == Absence.substitute_id)
        .where(Absence.id == absence_id)
    ).one_or_none()
    if row is None:
        raise NotFound("there is no such absence")
    _require_say(session, actor, row.person_id)
    now = clock.now()
    if row.ends_at <= now:
        return
    began = min(row.begins_at, now)
    session.execute(update(Absence).where(Absence.id == absence_id).values(begins_at=began, ends_at=now))
    data = {"username": row.username, "substitute": row.substitute, "absence": absence_id}
    note(session, actor.username, "absence.ended", data)


def _active(session: Session, username: str, field: str) -> Any:
    found = session.execute(
        select(Person.id, Person.superior_id).where(Person.username == username, Person.active)
    ).one_or_none()
    if found is None:
        message = f"there is no active user {username}"
        raise InvalidInput(message, {field: [message]})
    return found


def _require_say(session: Session, actor: Actor, person_id: str) -> None:
    if person_id == actor.id or actor.may("people.manage") or actor.id in _above(session, person_id):
        return
    raise Forbidden("absences are arranged by oneself, by a superior or by an administrator")


def _above(session: Session, person_id: str) -> set[str]:
    """The ids of everybody above a person; a circle in the data ends the walk."""
    seen: set[str] = set()
    above = session.scalar(select(Person.superior_id).where(Person.id == person_id))
    while above is not None and above not in seen:
        seen.add(above)
        above = session.scalar(select(Person.superior_id).where(Person.id == above))
    return seen


def _roles(session: Session, person_id: str) -> set[str]:
    return set(session.scalars(select(PersonRole.role).where(PersonRole.person_id == person_id)))


def _away(session: Session, person_id: str, begins_at: datetime, ends_at: datetime) -> bool:
    query = select(Absence.id).where(
        Absence.person_id == person_id, Absence.begins_at < ends_at, Absence.ends_at > begins_at
    )
    return session.execute(query.limit(1)).first() is not None
