"""Sealed archives of answered complaints, what keeps them, and how they ended (R33-R35)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class Archive(Base):
    """The sealed archive of a complaint: one file, and until when it is kept."""

    __tablename__ = "archive"
    __table_args__ = (
        Index("ix_archive_retain", "disposed_at", "retain_until", "complaint_no"),
        Index("ix_archive_sealed", "sealed_at", "complaint_no"),
    )

    complaint_no: Mapped[str] = mapped_column(ForeignKey("complaint.no"), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("document.id"), unique=True)
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    files: Mapped[int]
    sealed_at: Mapped[datetime]
    retention_class: Mapped[str] = mapped_column(String(32))
    retain_until: Mapped[datetime]
    proposed_by: Mapped[str | None] = mapped_column(String(64))
    proposed_at: Mapped[datetime | None]
    disposed_by: Mapped[str | None] = mapped_column(String(64))
    disposed_at: Mapped[datetime | None]
    certificate: Mapped[dict[str, Any] | None]


class ArchiveSupplement(Base):
    """What came after the archive of a complaint was sealed: a file beside it, kept as long as it is.

    `follows_sha256` is the manifest before it: the archive's, or that of the supplement before.
    """

    __tablename__ = "archive_supplement"

    complaint_no: Mapped[str] = mapped_column(ForeignKey("archive.complaint_no"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("document.id"), unique=True)
    manifest_sha256: Mapped[str] = mapped_column(String(64))
    follows_sha256: Mapped[str] = mapped_column(String(64))
    files: Mapped[int]
    sealed_at: Mapped[datetime]


class LegalHold(Base):
    """Why a case must be kept whole although its time is over: a lawsuit, an inquiry, an audit."""

    __tablename__ = "legal_hold"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    complaint_no: Mapped[str] = mapped_column(ForeignKey("complaint.no"), index=True)
    ground: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(100))
    placed_by: Mapped[str] = mapped_column(String(64))
    placed_at: Mapped[datetime]
    lifted_by: Mapped[str | None] = mapped_column(String(64))
    lifted_at: Mapped[datetime | None]
