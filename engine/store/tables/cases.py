"""The complaint register: one row a complaint, its records, contacts and extensions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class Complaint(Base):
    """The facts of a case. Only milestones and the verbs of `engine.cases` change it (R17, R20)."""

    __tablename__ = "complaint"
    __table_args__ = (
        UniqueConstraint("source", "source_ref"),
        Index("ix_complaint_status_due", "status", "due_at", "no"),
        Index("ix_complaint_received", "received_at", "no"),
        Index("ix_complaint_due", "due_at"),
        Index("ix_complaint_statutory_due", "statutory_due_at"),
        Index("ix_complaint_notified", "notified_at"),
        Index("ix_complaint_grade_received", "grade", "received_at", "no"),
        Index("ix_complaint_grade_due", "grade", "due_at", "no"),
        Index("ix_complaint_category_received", "category", "received_at", "no"),
        Index("ix_complaint_category_due", "category", "due_at", "no"),
        Index("ix_complaint_channel_received", "channel", "received_at", "no"),
        Index("ix_complaint_channel_due", "channel", "due_at", "no"),
        Index("ix_complaint_product", "product"),
        Index("ix_complaint_status_received", "status", "received_at", "no"),
        Index("ix_complaint_handler_received", "handler", "received_at", "no"),
        Index("ix_complaint_handler_due", "handler", "due_at", "no"),
        Index("ix_complaint_handler_instance", "handler", "instance_id"),
        Index("ix_complaint_creator_received", "created_by", "received_at", "no"),
        Index("ix_complaint_creator_due", "created_by", "due_at", "no"),
        Index("ix_complaint_creator_instance", "created_by", "instance_id"),
        Index(
            "ix_complaint_accused",
            "accused",
            "no",
            sqlite_where=text("accused IS NOT NULL"),
            postgresql_where=text("accused IS NOT NULL"),
        ),
        # What somebody may have to account for: rare cases, so that few steps write into these (R49).
        Index(
            "ix_complaint_answered_late",
            "due_at",
            "no",
            sqlite_where=text("due_at <= coalesce(notified_at, closed_at)"),
            postgresql_where=text("due_at <= coalesce(notified_at, closed_at)"),
        ),
        Index(
            "ix_complaint_urgent",
            "received_at",
            "no",
            sqlite_where=text("urgent = 1"),
            postgresql_where=text("urgent"),
        ),
        Index(
            "ix_complaint_repeat",
            "received_at",
            "no",
            sqlite_where=text("repeat_of IS NOT NULL"),
            postgresql_where=text("repeat_of IS NOT NULL"),
        ),
    )

    no: Mapped[str] = mapped_column(String(24), primary_key=True)
    instance_id: Mapped[str | None] = mapped_column(ForeignKey("instance.id"), unique=True)
    status: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str | None] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20))
    source: Mapped[str | None] = mapped_column(String(64))
    source_ref: Mapped[str | None] = mapped_column(String(100))
    category: Mapped[str | None] = mapped_column(String(20))
    grade: Mapped[int | None]
    suggested_grade: Mapped[int | None]
    suggested_category: Mapped[str | None] = mapped_column(String(20))
    urgent: Mapped[bool] = mapped_column(default=False)
    product: Mapped[str | None] = mapped_column(String(200))
    sub_code: Mapped[str | None] = mapped_column(String(32), index=True)  # under the category (R13)
    preferred_contact: Mapped[str] = mapped_column(String(16))
    facts: Mapped[dict[str, Any]]  # grading facts as entered: amount, legal_risk, ...
    accused: Mapped[str | None] = mapped_column(String(64))  # of the facts: whom the complaint is about
    received_at: Mapped[datetime]
    registered_at: Mapped[datetime | None]
    handling_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]
    notified_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    original_due_at: Mapped[datetime]
    extended_until: Mapped[datetime | None]
    extension_valid: Mapped[bool | None]  # whether the customer was told before the old date (R39)
    statutory_due_at: Mapped[datetime]
    original_statutory_due_at: Mapped[datetime | None]
    statutory_step: Mapped[int] = mapped_column(
        default=1, server_default="1"
    )  # 1 ordinary, 2 complex, 3 very complex (Art. 18)
    statutory_from: Mapped[datetime | None]  # receipt, or of new facts (Art. 18)
    deadline_provisional: Mapped[bool] = mapped_column(default=False)
    calendar_version: Mapped[str] = mapped_column(String(32))
    policy_version: Mapped[str | None] = mapped_column(String(32))  # in force on the day of receipt (R1)
    last_contact_at: Mapped[datetime | None]  # when the customer last heard from us, or we from them (R28)
    repeat_of: Mapped[str | None] = mapped_column(String(24), index=True)  # an earlier complaint (D8)
    handler: Mapped[str | None] = mapped_column(String(64))
    department_id: Mapped[str | None] = mapped_column(ForeignKey("department.id"))
    subject_id: Mapped[str] = mapped_column(ForeignKey("data_subject.id"), index=True)
    personal: Mapped[dict[str, Any]]  # field -> reference into the encrypted store
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class CaseRecord(Base):
    """What a form of the case recorded: an investigation, a plan, an approval, a notice (R22-R34)."""

    __tablename__ = "case_record"
    __table_args__ = (Index("ix_case_record_complaint", "complaint_no", "kind", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    complaint_no: Mapped[str] = mapped_column(ForeignKey("complaint.no"))
    kind: Mapped[str] = mapped_column(String(32))
    task_id: Mapped[str | None] = mapped_column(
        String(32)
    )  # written before the row of a task that ends at once
    form_id: Mapped[str | None] = mapped_column(String(200))
    values: Mapped[dict[str, Any]]  # personal ones are references
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Contact(Base):
    """A contact with the customer while the case is open (R28)."""

    __tablename__ = "contact"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    complaint_no: Mapped[str] = mapped_column(ForeignKey("complaint.no"), index=True)
    at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(String(20))
    direction: Mapped[str] = mapped_column(String(8))  # in, out
    reached: Mapped[bool] = mapped_column(default=True)
    summary_ref: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))


class Extension(Base):
    """A later date that the customer was told of, beside the date it replaces (R39)."""

    __tablename__ = "extension"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    complaint_no: Mapped[str] = mapped_column(ForeignKey("complaint.no"), index=True)
    old_due_at: Mapped[datetime]
    new_due_at: Mapped[datetime]
    reason_ref: Mapped[str] = mapped_column(String(64))
    notified_at: Mapped[datetime]
    late: Mapped[bool]
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class StatutoryChange(Base):
    """What moved the statutory date, or came too late to move it (Art. 18, 20, 23); both dates stay."""

    __tablename__ = "statutory_change"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    complaint_no: Mapped[str] = mapped_column(ForeignKey("complaint.no"), index=True)
    kind: Mapped[str] = mapped_column(String(16))  # complex, very_complex, exclusion, restart
    reason: Mapped[str | None] = mapped_column(String(16))  # of an exclusion: appraisal, mediation
    first_day: Mapped[date | None] = mapped_column(Date)
    last_day: Mapped[date | None] = mapped_column(Date)
    told_at: Mapped[datetime | None]
    in_time: Mapped[bool]
    old_due_at: Mapped[datetime]
    new_due_at: Mapped[datetime]
    reason_ref: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class ComplaintCounter(Base):
    """The running number of complaints of a day, for numbers without gaps that nobody can guess apart."""

    __tablename__ = "complaint_counter"

    day: Mapped[str] = mapped_column(String(8), primary_key=True)
    last: Mapped[int]
