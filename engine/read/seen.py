"""Which tasks somebody has not looked at since there was something new in them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.people.actor import Actor
from engine.store.tables.workplace import TaskSeen


def unseen(session: Session, actor: Actor, task_ids: Iterable[str]) -> set[str]:
    """Return those of the tasks that the actor has not opened as they stand."""
    wanted = set(task_ids)
    seen = select(TaskSeen.task_id).where(
        TaskSeen.username == actor.username, TaskSeen.task_id.in_(sorted(wanted))
    )
    return wanted - set(session.scalars(seen))
