"""Working-day calendars as imported: immutable versions, the newest in force."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class CalendarVersion(Base):
    """All published years together under one hash; deadlines name the version that they were counted with."""

    __tablename__ = "calendar_version"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    imported_at: Mapped[datetime]
    imported_by: Mapped[str] = mapped_column(String(64))
    years: Mapped[dict[str, Any]]  # year -> table as in engine/domain/calendars
