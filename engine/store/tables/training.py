"""Training of staff: sessions, and what each person attended and passed (R67, R68)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class TrainingSession(Base):
    """A session of the plan: what it teaches, when it is to be held, when it was."""

    __tablename__ = "training_session"
    __table_args__ = (Index("ix_training_session_planned", "planned_on", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    contents: Mapped[list[str]]  # of process, communication, law (R68)
    trainer: Mapped[str | None] = mapped_column(String(64))
    planned_on: Mapped[date] = mapped_column(Date)
    held_on: Mapped[date | None] = mapped_column(Date)
    planned_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class TrainingRecord(Base):
    """That a person attended, what the test said, and until when it counts. Rows are only added."""

    __tablename__ = "training_record"
    __table_args__ = (Index("ix_training_record_person", "person_id", "held_on", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    session_id: Mapped[str | None] = mapped_column(ForeignKey("training_session.id"), index=True)
    contents: Mapped[list[str]]
    held_on: Mapped[date] = mapped_column(Date)
    score: Mapped[int | None]  # of 100; None where nothing was tested, as at the transition
    passed: Mapped[bool]
    valid_until: Mapped[datetime | None]  # exclusive end of the last day; None without a pass
    source: Mapped[str] = mapped_column(String(16))  # session, entered, transition
    reference: Mapped[str | None] = mapped_column(String(100))  # where the proof lies
    recorded_by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
