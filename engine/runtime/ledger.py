"""Writing to an instance's history without running it: claims, assignments, comments."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry, Head, append
from engine.errors import NotFound
from engine.people.actor import Actor
from engine.store.tables.runtime import Instance


def note_on_instance(session: Session, instance_id: str, actor: Actor, entries: Iterable[Entry]) -> None:
    """Lock the instance and append `entries` to its stream. Raises NotFound."""
    row = session.execute(
        select(Instance.history_seq, Instance.history_hash)
        .where(Instance.id == instance_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no instance {instance_id!r}")
    head = Head(instance_id, row.history_seq, row.history_hash)
    append(session, head, entries, actor=actor.username, at=clock.now())
    session.execute(
        update(Instance)
        .where(Instance.id == instance_id)
        .values(history_seq=head.seq, history_hash=head.hash)
    )
