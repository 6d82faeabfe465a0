"""Writing to an instance's history without running it: claims, assignments, comments."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from engine import clock, logs
from engine.audit import Entry, Head, append
from engine.errors import NotFound
from engine.people.actor import Actor
from engine.store.base import table_of
from engine.store.tables.runtime import Instance

_INSTANCE = table_of(Instance)
_LOCK = (
    select(_INSTANCE.c.history_seq, _INSTANCE.c.history_hash)
    .where(_INSTANCE.c.id == bindparam("instance"))
    .with_for_update()
)
_LOCK_STATE = select(_INSTANCE.c.state).where(_INSTANCE.c.id == bindparam("instance")).with_for_update()
_MOVE = (
    update(_INSTANCE)
    .where(_INSTANCE.c.id == bindparam("instance"))
    .values(history_seq=bindparam("seq"), history_hash=bindparam("digest"))
)


def lock_instance(session: Session, instance_id: str) -> str:
    """Lock an instance and return its state. Raises NotFound.

    Whoever locks timers or jobs of an instance locks the instance first, as its steps do: no deadlock.
    """
    logs.mark(instance_id=instance_id)
    state = session.connection().execute(_LOCK_STATE, {"instance": instance_id}).scalar_one_or_none()
    if state is None:
        raise NotFound(f"there is no instance {instance_id!r}")
    return str(state)


def note_on_instance(session: Session, instance_id: str, actor: Actor, entries: Iterable[Entry]) -> None:
    """Lock the instance and append `entries` to its stream. Raises NotFound."""
    logs.mark(instance_id=instance_id)
    connection = session.connection()
    row = connection.execute(_LOCK, {"instance": instance_id}).one_or_none()
    if row is None:
        raise NotFound(f"there is no instance {instance_id!r}")
    head = Head(instance_id, row.history_seq, row.history_hash)
    append(session, head, entries, actor=actor.username, at=clock.now())
    connection.execute(_MOVE, {"instance": instance_id, "seq": head.seq, "digest": head.hash})
