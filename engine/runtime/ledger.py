"""Writing to an instance's history without running it: claims, assignments, comments."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from engine import clock, logs
from engine.audit import Entry, Head, chain
from engine.errors import NotFound
from engine.people.actor import Actor
from engine.runtime.open_task import OpenTask
from engine.store.base import table_of
from engine.store.prepared import Prepared, Writes
from engine.store.tables.runtime import Instance

_INSTANCE = table_of(Instance)
_OF_INSTANCE = _INSTANCE.c.id == bindparam("instance")
_LOCK = Prepared(
    select(_INSTANCE.c.history_seq, _INSTANCE.c.history_hash).where(_OF_INSTANCE).with_for_update()
)
_LOCK_STATE = Prepared(select(_INSTANCE.c.state).where(_OF_INSTANCE).with_for_update())
_MOVE = Prepared(
    update(_INSTANCE)
    .where(_OF_INSTANCE)
    .values(history_seq=bindparam("seq"), history_hash=bindparam("digest"))
)


def lock_instance(session: Session, instance_id: str) -> str:
    """Lock an instance and return its state. Raises NotFound.

    Whoever locks timers or jobs of an instance locks the instance first, as its steps do: no deadlock.
    """
    logs.mark(instance_id=instance_id)
    row = _LOCK_STATE.one_or_none(session, {"instance": instance_id})
    if row is None:
        raise NotFound(f"there is no instance {instance_id!r}")
    return str(row.state)


def note_on_instance(session: Session, instance_id: str, actor: Actor, entries: Iterable[Entry]) -> None:
    """Lock the instance and append `entries` to its stream. Raises NotFound."""
    logs.mark(instance_id=instance_id)
    row = _LOCK.one_or_none(session, {"instance": instance_id})
    if row is None:
        raise NotFound(f"there is no instance {instance_id!r}")
    _append(session, Head(instance_id, row.history_seq, row.history_hash), actor, entries)


def note_beside_task(session: Session, task: OpenTask, actor: Actor, entries: Iterable[Entry]) -> None:
    """As `note_on_instance`, for whoever has locked a task and so its instance, and written to it since then
    nothing else: its head is known.
    """
    head = Head(task.instance_id, task.instance.history_seq, task.instance.history_hash)
    _append(session, head, actor, entries)


def _append(session: Session, head: Head, actor: Actor, entries: Iterable[Entry]) -> None:
    writes = Writes()
    chain(writes, head, entries, actor=actor.username, at=clock.now())
    writes.add(_MOVE, [{"instance": head.stream, "seq": head.seq, "digest": head.hash}])
    writes.send_last(session)
