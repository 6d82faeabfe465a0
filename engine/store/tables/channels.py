"""What reaches us from outside: how often somebody knocks, and what customers answer to the survey."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class Throttle(Base):
    """How often something was done within a span of time; the key tells neither who nor from where."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(index=True)
    count: Mapped[int]


class Survey(Base):
    """That a customer was asked how satisfied they are, and the digest of the token that lets them answer
    (R32).
    """

    __tablename__ = "survey"

    complaint_no: Mapped[str] = mapped_column(ForeignKey("complaint.no"), primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    asked_at: Mapped[datetime]
    closes_at: Mapped[datetime]


class SurveyAnswer(Base):
    """An answer to a survey. Rows are only added: which one counts follows from their times (R32, K2)."""

    __tablename__ = "survey_answer"
    __table_args__ = (CheckConstraint("score BETWEEN 1 AND 5", name="score"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    complaint_no: Mapped[str] = mapped_column(ForeignKey("survey.complaint_no"), index=True)
    score: Mapped[int]
    comment_ref: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(16))  # self: on the page, without anybody of ours
    at: Mapped[datetime]
