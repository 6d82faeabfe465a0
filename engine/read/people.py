"""What people are called, for lists that hold usernames."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.people.actor import Actor
from engine.store.tables.people import Person, PersonRole

_PERSON = Person.__table__.c
MOST_COLLEAGUES = 300


def display_names(session: Session, usernames: Iterable[str | None]) -> dict[str, str]:
    """Return username -> name to show, for those that exist."""
    wanted = sorted({username for username in usernames if username})
    if not wanted:
        return {}
    query = select(_PERSON.username, _PERSON.display_name).where(_PERSON.username.in_(wanted))
    return {row.username: row.display_name for row in session.execute(query)}


def people_with(session: Session, role: str) -> list[tuple[str, str]]:
    """Return username and name to show of everybody who is here and holds a role, in the order of names."""
    query = (
        select(_PERSON.username, _PERSON.display_name)
        .join(PersonRole, PersonRole.person_id == _PERSON.id)
        .where(PersonRole.role == role, _PERSON.active)
        .order_by(_PERSON.username)
    )
    return [(row.username, row.display_name) for row in session.execute(query)]


def colleagues(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Return by name whose tasks the actor may come upon: of everybody who works, where they may read all
    tasks, else of those who share a role with them; usernames with names, at most `MOST_COLLEAGUES`.
    """
    query = select(_PERSON.username, _PERSON.display_name).where(_PERSON.active)
    roles = select(PersonRole.person_id)
    if not actor.may("task.read_all"):
        roles = roles.where(PersonRole.role.in_(sorted(actor.roles)))
    query = query.where(or_(_PERSON.id.in_(roles), _PERSON.id == actor.id))
    rows = session.execute(query.order_by(_PERSON.display_name, _PERSON.username).limit(MOST_COLLEAGUES))
    return [(row.username, row.display_name) for row in rows]
