"""What the people at their desks leave: drafts, comments, absences, marks of what was seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


class TaskDraft(Base):
    """A half-filled form of an open task, sealed whole under the key of the person that it is about."""

    __tablename__ = "task_draft"

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), primary_key=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("data_subject.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    saved_by: Mapped[str] = mapped_column(String(64))
    saved_at: Mapped[datetime]
    revision: Mapped[str] = mapped_column(String(32), server_default="")  # another one each time it is kept


class RegistrationDraft(Base):
    """A registration that somebody began, sealed whole under a key that goes with it."""

    __tablename__ = "registration_draft"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("data_subject.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime] = mapped_column(index=True)
    revision: Mapped[str] = mapped_column(String(32), server_default="")  # another one each time it is kept


class TaskComment(Base):
    """What a colleague wrote to the others about an instance; the words are in the encrypted store."""

    __tablename__ = "task_comment"
    __table_args__ = (Index("ix_task_comment_instance", "instance_id", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"))
    task_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"))
    body_ref: Mapped[str] = mapped_column(String(64))
    mentions: Mapped[list[str]]
    documents: Mapped[list[str]]
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class TaskSeen(Base):
    """Somebody has opened a task as it stands; the row goes when there is something new to see in it."""

    __tablename__ = "task_seen"

    username: Mapped[str] = mapped_column(String(64), primary_key=True)
    task_id: Mapped[str] = mapped_column(
        ForeignKey("task.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Absence(Base):
    """A time in which somebody is away and who stands in; ended early, `ends_at` moves."""

    __tablename__ = "absence"
    __table_args__ = (
        Index("ix_absence_person", "person_id", "ends_at"),
        Index("ix_absence_substitute", "substitute_id", "ends_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    substitute_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    arranged_by: Mapped[str] = mapped_column(String(64))
    arranged_at: Mapped[datetime]


class SavedView(Base):
    """A list as somebody set it up: filters and order under a name, for themselves or for a role."""

    __tablename__ = "saved_view"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str | None] = mapped_column(String(64), index=True)
    arguments: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class NoticeChoice(Base):
    """How somebody wants to be told of one kind of notice; without a row the kind's usual way."""

    __tablename__ = "notice_choice"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(64), primary_key=True)
    page: Mapped[bool]
    mail: Mapped[bool]
    push: Mapped[bool]


class PushDevice(Base):
    """A browser in which somebody wants to be told of things; the id is a digest of the endpoint."""

    __tablename__ = "push_device"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    endpoint: Mapped[str] = mapped_column(Text)
    p256dh: Mapped[str] = mapped_column(String(100))
    auth: Mapped[str] = mapped_column(String(50))
    server_key: Mapped[str] = mapped_column(String(100))  # ours that the browser's subscription is bound to
    created_at: Mapped[datetime]
    told_at: Mapped[datetime | None]


class Presence(Base):
    """A window that is open on a task (`task:ID`) or a case (`case:NUMBER`), as of when it last said so."""

    __tablename__ = "presence"
    __table_args__ = ({"sqlite_with_rowid": False},)

    place: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    window_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    typing: Mapped[bool]
    seen_at: Mapped[datetime] = mapped_column(index=True)  # real time


class QuickAction(Base):
    """Several things to do with a task in one go, under a name, for oneself or for a role."""

    __tablename__ = "quick_action"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str | None] = mapped_column(String(64), index=True)
    steps: Mapped[dict[str, Any]]
    kept_at: Mapped[datetime]


class TextModule(Base):
    """A text that is written often, called by a word, for oneself or for a role; it holds nobody's data."""

    __tablename__ = "text_module"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    word: Mapped[str] = mapped_column(String(40))
    role: Mapped[str | None] = mapped_column(String(64), index=True)
    text: Mapped[str] = mapped_column(Text)
    kept_at: Mapped[datetime]
