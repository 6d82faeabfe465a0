"""The trail: append-only history by stream, each row hashed over the row before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class History(Base):
    """One thing that happened. `data` is canonical JSON, hashed as it stands."""

    __tablename__ = "history"
    __table_args__ = (
        Index(
            "ix_history_revealed",
            "at",
            sqlite_where=text("kind = 'personal.revealed'"),
            postgresql_where=text("kind = 'personal.revealed'"),
        ),
    )

    stream: Mapped[str] = mapped_column(String(64), primary_key=True)  # an instance's id, or 'system'
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(64))
    element_id: Mapped[str | None] = mapped_column(String(200))
    element_name: Mapped[str | None] = mapped_column(String(400))
    data: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))
    prev_hash: Mapped[str] = mapped_column(String(64))


class HistoryValue(Base):
    """A value whose salted commitment is in the chain. Without the row the proof still holds."""

    __tablename__ = "history_value"

    stream: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    value: Mapped[str] = mapped_column(Text)  # canonical JSON; personal values are references


class StreamHead(Base):
    """The last sequence number and hash of a stream that belongs to no instance."""

    __tablename__ = "stream_head"

    stream: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class Checkpoint(Base):
    """A Merkle root over all stream heads, sealed with the installation's key."""

    __tablename__ = "checkpoint"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime]
    streams: Mapped[int]
    root: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))
    prev_seal: Mapped[str] = mapped_column(String(64))


class Verification(Base):
    """One verification of the trail: who asked for it, how far it went, what it saw. Rows are kept (R70)."""

    __tablename__ = "verification"
    __table_args__ = (
        Index("ix_verification_state", "state", "id"),
        Index("ix_verification_ended", "ended_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    scope: Mapped[str] = mapped_column(String(8))  # full, new (rows since they were last verified), stream
    stream: Mapped[str | None] = mapped_column(String(64))  # of the scope stream
    scheduled: Mapped[bool]
    by: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8))  # running, passed, failed
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    position: Mapped[dict[str, Any]]  # where the next part goes on
    version: Mapped[int]
    streams: Mapped[int]
    rows: Mapped[int] = mapped_column(BigInteger)
    values: Mapped[int] = mapped_column(BigInteger)
    found: Mapped[int]  # how much does not hold
    problems: Mapped[list[Any]]  # the first of it, in words
    upto_seq: Mapped[int | None]  # the last row of the stream `system` that was checked
    upto_seal: Mapped[str | None] = mapped_column(String(64))  # of the last checkpoint that was checked


class VerifiedHead(Base):
    """Up to where a stream was verified last: where the next verification of what is new goes on."""

    __tablename__ = "verified_head"

    stream: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
