"""Notices to one person in the page: taking note of them."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from engine import clock
from engine.people.actor import Actor
from engine.store.tables.people import Notification


def acknowledge(session: Session, actor: Actor, notice_id: str | None = None) -> None:
    """Mark one of the actor's own notices as read, or all of them; those of others stay as they are (R11)."""
    statement = update(Notification).where(Notification.person_id == actor.id, Notification.read_at.is_(None))
    if notice_id is not None:
        statement = statement.where(Notification.id == notice_id)
    session.execute(statement.values(read_at=clock.now()))
