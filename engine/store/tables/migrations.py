"""Migrations of all instances of a process, how far they are, and what they could not migrate."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class Migration(Base):
    """Every instance of a process up to `position` (an instance's id) has been migrated or has failed."""

    __tablename__ = "migration"
    __table_args__ = (Index("ix_migration_state_id", "state", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    process_id: Mapped[str] = mapped_column(String(200))
    bundle_id: Mapped[str] = mapped_column(ForeignKey("bundle.id"))
    version: Mapped[int]
    mapping: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))  # running, done, stopped
    total: Mapped[int]
    migrated: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    position: Mapped[str] = mapped_column(String(32), default="")
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class MigrationFailure(Base):
    """An instance that stayed on its version, and why."""

    __tablename__ = "migration_failure"

    migration_id: Mapped[str] = mapped_column(ForeignKey("migration.id"), primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"), primary_key=True)
    message: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
