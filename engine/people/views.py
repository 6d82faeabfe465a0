"""Saved views of lists: filters and order under a name, for oneself or for everybody of a role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.privacy.finding import refuse_personal
from engine.store.ids import new_id
from engine.store.tables.people import Person
from engine.store.tables.workplace import SavedView

LONGEST_NAME = 80
MOST = 50
"""How many views one person keeps."""


def save_view(
    session: Session, actor: Actor, name: str, arguments: Mapping[str, str], *, role: str | None = None
) -> str:
    """Keep a view and return its id; under a name that the actor has already, it takes that one's place.

    `role` is one of the actor's: everybody who has it sees the view. Raises InvalidInput by field.
    """
    errors: dict[str, list[str]] = {}
    called = " ".join(name.split())
    if not 1 <= len(called) <= LONGEST_NAME:
        errors["name"] = [f"takes 1 to {LONGEST_NAME} characters"]
    if role is not None and role not in actor.roles:
        errors["role"] = ["a view is shared with a role that one has oneself"]
    own = select(func.count()).select_from(SavedView).where(SavedView.person_id == actor.id)
    if session.execute(own).scalar_one() >= MOST:
        errors["name"] = [f"there are {MOST} views already; delete one first"]
    if errors:
        raise InvalidInput("the view cannot be kept: see the fields", errors)
    refuse_personal(name=called)
    session.execute(delete(SavedView).where(SavedView.person_id == actor.id, SavedView.name == called))
    view_id = new_id()
    session.execute(
        insert(SavedView).values(
            id=view_id,
            person_id=actor.id,
            name=called,
            role=role,
            arguments=dict(arguments),
            created_at=clock.now(),
        )
    )
    return view_id


def delete_view(session: Session, actor: Actor, view_id: str) -> None:
    """Delete one of the actor's own views. Raises NotFound."""
    gone = session.execute(
        delete(SavedView)
        .where(SavedView.id == view_id, SavedView.person_id == actor.id)
        .returning(SavedView.id)
    )
    if gone.first() is None:
        raise NotFound("there is no such view of yours")


def views(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Return the actor's views and those shared with their roles, by name; `is_own` tells them apart."""
    seen = or_(SavedView.person_id == actor.id, SavedView.role.in_(sorted(actor.roles)))
    query = (
        select(SavedView.id, SavedView.name, SavedView.role, SavedView.arguments, Person.display_name)
        .add_columns((SavedView.person_id == actor.id).label("is_own"))
        .join(Person, Person.id == SavedView.person_id)
        .where(seen, Person.active)
        .order_by(SavedView.name, SavedView.id)
        .limit(200)
    )
    return [dict(row._mapping) for row in session.execute(query)]
