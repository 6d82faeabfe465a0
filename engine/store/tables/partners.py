"""Third parties that work for the company, the names by which complaints know them, and their changes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class Partner(Base):
    """A loan platform, collector, insurer or guarantor that works for the company (Art. 10, D12)."""

    __tablename__ = "partner"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    contract_no: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    contact: Mapped[str] = mapped_column(String(400))  # where the firm is reached: address, mail, phone
    active_from: Mapped[date] = mapped_column(Date)
    active_until: Mapped[date | None] = mapped_column(Date)  # the last day of the cooperation
    department_id: Mapped[str | None] = mapped_column(ForeignKey("department.id"))
    version: Mapped[int] = mapped_column(default=1)


class PartnerName(Base):
    """A name by which a partner is known, as it is compared: its own ones, earlier ones, other spellings."""

    __tablename__ = "partner_name"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"), index=True)


class PartnerChange(Base):
    """What somebody did with a partner: each field with its value before and after. Rows are only added."""

    __tablename__ = "partner_change"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"), index=True)
    changed: Mapped[dict[str, Any]]
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
