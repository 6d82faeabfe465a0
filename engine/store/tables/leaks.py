"""Where personal data was found in texts that are kept in clear: what, where and when, never the text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class LeakScan(Base):
    """A reading of the clear texts, and how far it came."""

    __tablename__ = "leak_scan"
    __table_args__ = (Index("ix_leak_scan_state", "state", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    scope: Mapped[str] = mapped_column(String(8))  # full, new (what was written since the last one)
    finder: Mapped[str] = mapped_column(String(16))  # the digest of what was looked for, and where
    state: Mapped[str] = mapped_column(String(8))  # running, ended
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    position: Mapped[dict[str, Any]]  # where the next part goes on
    version: Mapped[int]
    texts: Mapped[int] = mapped_column(BigInteger)
    found: Mapped[int]  # what no scan before had found


class LeakHead(Base):
    """Up to where the clear texts of a stream were read."""

    __tablename__ = "leak_head"

    stream: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int]


class Leak(Base):
    """A kind of personal data in a clear text."""

    __tablename__ = "leak"
    __table_args__ = (
        UniqueConstraint("table_name", "row_key", "column_name", "kind"),
        Index("ix_leak_written", "written_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    table_name: Mapped[str] = mapped_column(String(64))
    row_key: Mapped[str] = mapped_column(String(300))
    column_name: Mapped[str] = mapped_column(String(200))  # with the path of a JSON value
    kind: Mapped[str] = mapped_column(String(16))
    number: Mapped[str | None] = mapped_column(String(24))  # of the case or file
    instance_id: Mapped[str | None] = mapped_column(String(64))  # of which trail
    written_at: Mapped[datetime]
    found_at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(String(16))  # masked (since), not_personal
    reason: Mapped[str | None] = mapped_column(String(500))
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]
