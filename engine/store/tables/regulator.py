"""What was generated for the regulator: every attempt at a periodic return, as it was (R65)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class GeneratedReturn(Base):
    """An attempt at a return: its rows as a gzipped CSV file, what the check found, and from what it came."""

    __tablename__ = "generated_return"
    __table_args__ = (UniqueConstraint("file_no", "attempt"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    file_no: Mapped[str] = mapped_column(ForeignKey("quality_file.no"))
    attempt: Mapped[int]
    rows: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))  # of the CSV file, not packed
    totals: Mapped[dict[str, Any]]
    findings: Mapped[list[Any]]  # level, row (None: the whole), no, field, code
    frozen: Mapped[dict[str, Any]]  # month -> version and digest of the figures it was generated from
    created_at: Mapped[datetime]
