"""What people keep for themselves or share with a role: quick actions and text modules alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.people.roles import ROLES
from engine.store.ids import new_id
from engine.store.tables.people import Person
from engine.store.tables.workplace import QuickAction, TextModule

MOST = 100
"""How many of a kind one person keeps."""
_TOLD = {QuickAction: ("action.saved", "action.dropped"), TextModule: ("text.saved", "text.dropped")}

Kept = type[QuickAction] | type[TextModule]


def check_role(actor: Actor, role: str | None, errors: dict[str, list[str]]) -> None:
    """Add to `errors` what keeps the actor from sharing with a role; with None it is the actor's alone.

    Raises Forbidden for who may not share.
    """
    if role is None:
        return
    actor.require("desk.share")
    if role not in ROLES:
        errors["role"] = ["there is no such role"]


def keep(
    session: Session,
    actor: Actor,
    kind: Kept,
    kept_id: str | None,
    role: str | None,
    values: Mapping[str, Any],
) -> str:
    """Keep something new, or in place of what has that id, and return its id; history says so.

    Raises NotFound (nothing of that id that the actor may change), InvalidInput (there are too many).
    """
    row = {"role": role, "kept_at": clock.now(), **values}
    if kept_id is None:
        own = select(func.count()).select_from(kind).where(kind.person_id == actor.id)
        if session.execute(own).scalar_one() >= MOST:
            message = f"there are {MOST} already; delete one first"
            raise InvalidInput(message, {"": [message]})
        kept_id = new_id()
        session.execute(insert(kind).values(id=kept_id, person_id=actor.id, **row))
    else:
        changed = update(kind).where(kind.id == kept_id, _may_change(actor, kind)).values(**row)
        if session.execute(changed.returning(kind.id)).first() is None:
            raise NotFound("there is nothing here that you may change")
    _note(session, actor, _TOLD[kind][0], kept_id, role)
    return kept_id


def drop(session: Session, actor: Actor, kind: Kept, kept_id: str) -> None:
    """Delete what the actor may change; history says so. Raises NotFound."""
    gone = delete(kind).where(kind.id == kept_id, _may_change(actor, kind)).returning(kind.role)
    row = session.execute(gone).first()
    if row is None:
        raise NotFound("there is nothing here that you may change")
    _note(session, actor, _TOLD[kind][1], kept_id, row.role)


def kept_for(session: Session, actor: Actor, kind: Kept) -> list[dict[str, Any]]:
    """Return what the actor may use: their own, and what is shared with a role of theirs; those who share see
    all that is shared. `may_change` tells what they may change or delete.
    """
    seen = [kind.person_id == actor.id, kind.role.in_(sorted(actor.roles))]
    if actor.may("desk.share"):
        seen.append(kind.role.is_not(None))
    name = kind.name if kind is QuickAction else kind.word  # type: ignore[union-attr]
    query = (
        select(
            *kind.__table__.columns,
            Person.display_name.label("by"),
            _may_change(actor, kind).label("may_change"),
        )
        .join(Person, Person.id == kind.person_id)
        .where(or_(*seen))
        .order_by(name, kind.id)
        .limit(500)
    )
    return [dict(row._mapping) for row in session.execute(query)]


def _may_change(actor: Actor, kind: Kept) -> ColumnElement[bool]:
    own = kind.person_id == actor.id
    return or_(own, kind.role.is_not(None)) if actor.may("desk.share") else own


def _note(session: Session, actor: Actor, told: str, kept_id: str, role: str | None) -> None:
    note(session, actor.username, told, {"id": kept_id, "role": role})
