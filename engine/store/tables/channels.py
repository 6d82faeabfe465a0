"""What reaches us from outside: how often somebody knocks, and what customers answer to the survey."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base
from engine.store.types import Json


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


class Mailbox(Base):
    """How far a mailbox has been read, and which worker reads it at this moment (R7)."""

    __tablename__ = "mailbox"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    validity: Mapped[int] = mapped_column(
        BigInteger, default=0
    )  # UIDVALIDITY: under another one UIDs are new
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)  # everything up to it has been taken in
    lease: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)  # at the message after last_uid
    checked_at: Mapped[datetime | None]  # the last pass that came to its end
    error: Mapped[str | None] = mapped_column(String(300))


class ReceivedMail(Base):
    """A message of a mailbox and what became of it. Rows are never removed: they prove that none was lost."""

    __tablename__ = "received_mail"
    __table_args__ = (
        UniqueConstraint("mailbox", "validity", "uid"),
        Index("ix_received_mail_waiting", "outcome", "id"),
        Index("ix_received_mail_unmarked", "mailbox", "validity", "marked_at"),
        Index("ix_received_mail_sender", "sender_key", "taken_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    mailbox: Mapped[str] = mapped_column(ForeignKey("mailbox.name"))
    validity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)
    identity: Mapped[str] = mapped_column(String(64), index=True)  # digest: the same message, however often
    message_key: Mapped[str] = mapped_column(String(64), index=True)  # digest of the Message-ID
    sender_key: Mapped[str] = mapped_column(String(64))  # digest of the sender's address
    size: Mapped[int] = mapped_column(BigInteger)
    arrived_at: Mapped[datetime]
    taken_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(16))  # case, contact, returned, repeated, waiting, nothing
    reason: Mapped[str | None] = mapped_column(String(16))  # why a person is to look at it
    complaint_no: Mapped[str | None] = mapped_column(ForeignKey("complaint.no"), index=True)
    document_id: Mapped[str | None] = mapped_column(ForeignKey("document.id"))
    marked_at: Mapped[datetime | None]  # in the mailbox itself
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None] = mapped_column(String(32))


class Dispatch(Base):
    """A message of ours to a customer and the proof that it left the house (Art. 21, R29, R30)."""

    __tablename__ = "dispatch"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)  # the job's id, part of its Message-ID
    complaint_no: Mapped[str] = mapped_column(ForeignKey("complaint.no"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    template: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]  # when the other side took it, or refused it
    outcome: Mapped[str] = mapped_column(String(16))  # sent, refused, delivered, returned
    reply: Mapped[str | None] = mapped_column(String(200))  # what the other side said, such as its queue id
    ended_at: Mapped[datetime | None]  # when a receipt or a report of failure came
    status: Mapped[str | None] = mapped_column(String(16))  # of that report, such as 5.1.1


class MailboxReconciliation(Base):
    """A mailbox held against our rows: how many messages, which were passed by (R7). Rows are only added."""

    __tablename__ = "mailbox_reconciliation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    mailbox: Mapped[str] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    messages: Mapped[int | None]  # None, as the next two, where the mailbox was away
    unread: Mapped[int | None]
    lost: Mapped[int | None]
    lost_uids: Mapped[list[int]] = mapped_column(Json)
    outcomes: Mapped[dict[str, Any]]
    error: Mapped[str | None] = mapped_column(String(300))


class MailboxDuty(Base):
    """Who checks the mailbox each day, and who stands in; the newest row holds (R7)."""

    __tablename__ = "mailbox_duty"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    keeper: Mapped[str] = mapped_column(String(64))
    deputy: Mapped[str] = mapped_column(String(64))
    set_by: Mapped[str] = mapped_column(String(64))
    set_at: Mapped[datetime]


class MailboxCheck(Base):
    """The check of one calendar day: who did it, when, and what there was; the evidence of R7."""

    __tablename__ = "mailbox_check"

    day: Mapped[date] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"), unique=True)
    due_at: Mapped[datetime]  # when the supervisors are alerted
    keeper: Mapped[str | None] = mapped_column(String(64))
    deputy: Mapped[str | None] = mapped_column(String(64))
    found: Mapped[dict[str, Any]]  # waiting, unread, and of each mailbox the last message
    checked_by: Mapped[str | None] = mapped_column(String(64))
    checked_at: Mapped[datetime | None]


class HotlineShift(Base):
    """Who answers the hotline from when to when (R6)."""

    __tablename__ = "hotline_shift"
    __table_args__ = (Index("ix_hotline_shift_ends", "ends_at", "begins_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person: Mapped[str] = mapped_column(String(64))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(String(64))
    set_at: Mapped[datetime]
    removed_by: Mapped[str | None] = mapped_column(String(64))
    removed_at: Mapped[datetime | None]


class CallFigures(Base):
    """How the hotline answered within a span, as its telephone system counted (R6)."""

    __tablename__ = "call_figures"

    begins_at: Mapped[datetime] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime]
    offered: Mapped[int]
    answered: Mapped[int]
    abandoned: Mapped[int]
    wait_s: Mapped[int] = mapped_column(BigInteger)  # of all that were answered together
    taken_at: Mapped[datetime]


class Call(Base):
    """One call of the hotline; one that was tagged as a complaint has a case (R6)."""

    __tablename__ = "hotline_call"
    __table_args__ = (
        Index("ix_hotline_call_open", "is_complaint", "complaint_no", "at"),
        Index("ix_hotline_call_at", "at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # the telephone system's
    at: Mapped[datetime]
    answered: Mapped[bool]
    wait_s: Mapped[int]
    is_complaint: Mapped[bool]
    complaint_no: Mapped[str | None] = mapped_column(ForeignKey("complaint.no"))
    recording: Mapped[str | None] = mapped_column(String(200))  # where the telephone system keeps it
    taken_at: Mapped[datetime]


class Chat(Base):
    """One chat and how quickly it was answered; its words lie encrypted beside it (R8)."""

    __tablename__ = "chat"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # the chat system's
    began_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime]
    turns: Mapped[int]
    first_response_s: Mapped[int | None]  # None: nobody answered
    longest_gap_s: Mapped[int | None]
    document_id: Mapped[str] = mapped_column(ForeignKey("document.id"))
    complaint_no: Mapped[str | None] = mapped_column(ForeignKey("complaint.no"))
    call_back_instance: Mapped[str | None] = mapped_column(ForeignKey("instance.id"))
    called_back_at: Mapped[datetime | None]
    taken_at: Mapped[datetime]
