"""A superior's people and their load: who has how much, and what of it is late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from engine import clock
from engine.people.actor import Actor
from engine.read.kinds import OPEN
from engine.read.visibility import TASK, tasks_not_about
from engine.store.tables.people import Person, PersonRole
from engine.store.tables.runtime import Task

_PERSON = Person.__table__.c
MOST_PEOPLE = 200


def ids_below(actor: Actor) -> Select[tuple[str]]:
    """Return the query of the ids of everybody below the actor, however far (in a circle the actor, too)."""
    below = select(_PERSON.id).where(_PERSON.superior_id == actor.id).cte("below", recursive=True)
    below = below.union(select(_PERSON.id).join(below, _PERSON.superior_id == below.c.id))
    return select(below.c.id)


def people_below(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Return everybody below the actor, however far: id, username, display_name, roles."""
    query = (
        select(_PERSON.id, _PERSON.username, _PERSON.display_name)
        .where(_PERSON.id.in_(ids_below(actor)), _PERSON.active, _PERSON.id != actor.id)
        .order_by(_PERSON.username)
        .limit(MOST_PEOPLE)
    )
    rows = [dict(row._mapping) | {"roles": set()} for row in session.execute(query)]
    by_id = {row["id"]: row for row in rows}
    roles = select(PersonRole.person_id, PersonRole.role).where(PersonRole.person_id.in_(list(by_id)))
    for person_id, role in session.execute(roles):
        by_id[person_id]["roles"].add(role)
    return rows


def loads(
    session: Session, actor: Actor, usernames: Iterable[str], soon: datetime
) -> dict[str, dict[str, int]]:
    """Return of each person how many open tasks they have, as far as the actor may know of them: `open`,
    `late`, and `soon` due before `soon`.
    """
    names, now = sorted(set(usernames)), clock.now()
    query = (
        select(
            TASK.assignee,
            func.count().label("open"),
            func.count().filter(TASK.due_at <= now).label("late"),
            func.count()
            .filter(TASK.due_at > now, TASK.due_at <= literal(soon, TASK.due_at.type))
            .label("soon"),
        )
        .select_from(Task.__table__)
        .where(TASK.assignee.in_(names), OPEN, TASK.restricted.is_(False), *tasks_not_about(actor))
        .group_by(TASK.assignee)
    )
    found = {
        row.assignee: {"open": row.open, "late": row.late, "soon": row.soon} for row in session.execute(query)
    }
    return {name: found.get(name, {"open": 0, "late": 0, "soon": 0}) for name in names}
