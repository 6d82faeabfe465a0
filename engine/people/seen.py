"""Marking what somebody has looked at."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine.people.actor import Actor
from engine.store.tables.workplace import TaskSeen
from engine.store.upsert import insert_into


def mark_seen(session: Session, actor: Actor, task_id: str) -> None:
    """Note that the actor has opened the task as it stands."""
    row = insert_into(session, TaskSeen).values(username=actor.username, task_id=task_id)
    session.execute(row.on_conflict_do_nothing())
