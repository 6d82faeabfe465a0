"""The policy's versions, and the decisions on the terms that it leaves open: rows are only added."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class PolicyVersion(Base):
    """An edition of the policy and the day from which it holds (R1)."""

    __tablename__ = "policy_version"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    label: Mapped[str] = mapped_column(String(32), unique=True)
    effective_from: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[datetime]


class ParameterDecision(Base):
    """A dated decision that a parameter has another value; the default of the register stays beside it."""

    __tablename__ = "parameter_decision"
    __table_args__ = (Index("ix_parameter_decision_name", "name", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    value: Mapped[int]
    effective_from: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[datetime]
