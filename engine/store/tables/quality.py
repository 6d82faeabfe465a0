"""The files of the quality work: measures, inspections, findings, accountability; and what their forms
recorded. The facts of a file are plain; what tells who somebody is lies in the encrypted store.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class QualityFile(Base):
    """One file: an improvement measure (R54), an inspection (R40) ... Its number is the business key of the
    instance that carries it.
    """

    __tablename__ = "quality_file"
    __table_args__ = (
        Index("ix_quality_file_kind", "kind", "opened_at", "no"),
        Index("ix_quality_file_status", "kind", "status", "opened_at", "no"),
        Index("ix_quality_file_owner", "owner", "kind", "opened_at", "no"),
        Index("ix_quality_file_parent", "parent_no", "kind", "opened_at", "no"),
        Index("ix_quality_file_complaint", "complaint_no", "kind", "opened_at", "no"),
        Index("ix_quality_file_due", "kind", "due_at"),
        Index("ix_quality_file_closed", "kind", "closed_at"),
        Index(
            "ix_quality_file_open",
            *("kind", "opened_at", "no"),
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    no: Mapped[str] = mapped_column(String(24), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    instance_id: Mapped[str | None] = mapped_column(ForeignKey("instance.id"), unique=True)
    complaint_no: Mapped[str | None] = mapped_column(ForeignKey("complaint.no"))
    parent_no: Mapped[str | None] = mapped_column(String(24))  # the file that this one came from
    source_key: Mapped[str | None] = mapped_column(String(128), unique=True)  # what opened it, once
    owner: Mapped[str | None] = mapped_column(String(64))  # who has to do what the file demands
    raiser: Mapped[str | None] = mapped_column(String(64))  # whose judgement the file follows
    department_id: Mapped[str | None] = mapped_column(ForeignKey("department.id"))
    due_at: Mapped[datetime | None]
    facts: Mapped[dict[str, Any]]
    personal: Mapped[dict[str, Any]]  # field -> reference into the encrypted store
    subject_id: Mapped[str] = mapped_column(ForeignKey("data_subject.id"), index=True)
    opened_by: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class QualityRecord(Base):
    """What a form of a file recorded, or what was reckoned for it."""

    __tablename__ = "quality_record"
    __table_args__ = (
        Index("ix_quality_record_file", "file_no", "kind", "id"),
        Index("ix_quality_record_kind", "kind", "id"),
        Index("ix_quality_record_at", "kind", "at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    file_no: Mapped[str] = mapped_column(ForeignKey("quality_file.no"))
    kind: Mapped[str] = mapped_column(String(40))
    task_id: Mapped[str | None] = mapped_column(String(32))
    form_id: Mapped[str | None] = mapped_column(String(200))
    values: Mapped[dict[str, Any]]  # personal ones are references
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class QualityCounter(Base):
    """The running number of the files of a kind in a year."""

    __tablename__ = "quality_counter"

    series: Mapped[str] = mapped_column(String(16), primary_key=True)
    last: Mapped[int]


class QualityFramePart(Base):
    """A part of the frame that an inspection drew from, in the order of the cases' numbers (R42).

    `content` is a line for each case as gzip: the JSON list of number, weight and why it weighs more.
    """

    __tablename__ = "quality_frame_part"

    file_no: Mapped[str] = mapped_column(ForeignKey("quality_file.no"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)  # from 1
    cases: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class QualityFrame(Base):
    """A case of its frame that an inspection drew (R42)."""

    __tablename__ = "quality_frame"
    __table_args__ = (Index("ix_quality_frame_position", "file_no", "position"),)

    file_no: Mapped[str] = mapped_column(ForeignKey("quality_file.no"), primary_key=True)
    complaint_no: Mapped[str] = mapped_column(ForeignKey("complaint.no"), primary_key=True)
    weight: Mapped[float]
    risks: Mapped[list[str]]  # why it weighs more than others
    position: Mapped[int | None]  # 1 was drawn first
    call_back: Mapped[bool] = mapped_column(default=False)


class Sanction(Base):
    """What a person was held to account with, once it is final (R50). After its time the name is erased; what
    is counted stays.
    """

    __tablename__ = "sanction"
    __table_args__ = (
        Index("ix_sanction_decided", "decided_at", "id"),
        Index("ix_sanction_erase", "erased_at", "erase_on"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    file_no: Mapped[str] = mapped_column(ForeignKey("quality_file.no"), unique=True)
    person: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    authority: Mapped[str] = mapped_column(String(20))
    decided_by: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[datetime]
    effective_from: Mapped[date] = mapped_column(Date)
    effective_until: Mapped[date | None] = mapped_column(Date)
    erase_on: Mapped[date] = mapped_column(Date)
    erased_at: Mapped[datetime | None]
