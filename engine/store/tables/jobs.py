"""The outbox: effects that follow a committed step, done at least once under a stable key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base

_ENDED = "ended_at IS NOT NULL"


class Job(Base):
    """Work to do outside the step. `token` is set where a service task waits for its end."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_state_run", "state", "run_at", "id"),
        Index("ix_job_type_state_run", "type", "state", "run_at", "id"),
        Index("ix_job_instance_token", "instance_id", "token"),
        Index("ix_job_ended", "ended_at", "id", sqlite_where=text(_ENDED), postgresql_where=text(_ENDED)),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)  # the stable key towards the outside
    instance_id: Mapped[str | None] = mapped_column(ForeignKey("instance.id"))
    token: Mapped[int | None]
    element_id: Mapped[str] = mapped_column(String(200), default="")
    type: Mapped[str] = mapped_column(String(100))
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))  # ready, held, done, dead, withdrawn
    retries: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime]
    locked_by: Mapped[str | None] = mapped_column(String(100))
    locked_until: Mapped[datetime | None]
    lock_key: Mapped[str | None] = mapped_column(String(32))  # who has it, told apart under equal names
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Chore(Base):
    """Work that belongs to no process and is done once across all workers, each time it is due."""

    __tablename__ = "chore"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    due_at: Mapped[datetime]
