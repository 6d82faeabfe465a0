"""Running instances and what they wait for: rows made from workflow state, in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base


def _partial(name: str, condition: str, *columns: str) -> Index:
    """Return an index over the rows that a condition holds for; queries must say it with literals."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


OF_CASE = "case:"
"""In four eyes, before an element of another process: it counts in every instance of the complaint."""
_OF_CASE = "complaint_no IS NOT NULL"


class Instance(Base):
    """One run of a process. `version` counts its steps and is checked on every write."""

    __tablename__ = "instance"
    __table_args__ = (
        Index("ix_instance_state_id", "state", "id"),
        Index("ix_instance_process_state", "process_id", "state", "id"),
        Index("ix_instance_starter", "started_by", "id"),
        Index("ix_instance_process", "process_id", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    process_id: Mapped[str] = mapped_column(String(200))
    bundle_id: Mapped[str] = mapped_column(ForeignKey("bundle.id"))
    business_key: Mapped[str | None] = mapped_column(String(200), index=True)
    state: Mapped[str] = mapped_column(String(16))  # active, completed, cancelled, suspended
    version: Mapped[int]
    started_at: Mapped[datetime]
    started_by: Mapped[str] = mapped_column(String(64))
    ended_at: Mapped[datetime | None]
    workflow: Mapped[bytes] = mapped_column(LargeBinary)
    history_seq: Mapped[int] = mapped_column(default=0)
    history_hash: Mapped[str] = mapped_column(String(64), default="")
    restricted: Mapped[bool] = mapped_column(default=False, server_default=false())  # parties alone (R49)


class Task(Base):
    """A user task: open while its token waits, kept afterwards as who did it."""

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("instance_id", "token"),
        _partial("ix_task_assignee_state_due", "assignee IS NOT NULL", "assignee", "state", "due_at", "id"),
        _partial("ix_task_owner", "owner IS NOT NULL", "owner", "state", "due_at", "id"),
        _partial("ix_task_lent_until", "lent_until IS NOT NULL", "lent_until", "state"),
        _partial("ix_task_complaint_no", _OF_CASE, "complaint_no"),
        _partial("ix_task_open_due", "state = 'open'", "due_at", "id"),
        _partial("ix_task_open_kind", "state = 'open'", "kind", "due_at", "id"),
        _partial("ix_task_open_priority", "state = 'open'", "priority", "created_at", "id"),
        _partial("ix_task_follow_up", "follow_up_at IS NOT NULL", "follow_up_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"))
    token: Mapped[int]
    element_id: Mapped[str] = mapped_column(String(200))
    process_id: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(400))
    labels: Mapped[dict[str, Any]]
    form_id: Mapped[str | None] = mapped_column(String(200))
    complaint_no: Mapped[str | None] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(16))  # open, completed, withdrawn
    assignee: Mapped[str | None] = mapped_column(String(64))
    owner: Mapped[str | None] = mapped_column(String(64))  # who delegated it and gets it back
    lent_at: Mapped[datetime | None]  # since when who has it has it of its owner
    lent_until: Mapped[datetime | None]  # the end of the day until which it is lent, where one was said
    candidate_groups: Mapped[list[str]]
    four_eyes: Mapped[list[str]]
    own_due_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    due_kind: Mapped[str | None] = mapped_column(String(16))  # own, policy, statute
    follow_up_at: Mapped[datetime | None]
    priority: Mapped[int] = mapped_column(default=50)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    completed_by: Mapped[str | None] = mapped_column(String(64))
    end_reason: Mapped[str | None] = mapped_column(String(64))
    restricted: Mapped[bool] = mapped_column(default=False, server_default=false())  # its instance is
    kind: Mapped[str] = mapped_column(Text, server_default="")  # while it is open (engine.store.kinds)


class TaskGroup(Base):
    """A candidate group of an open task, for lists by group; the rows go when the task ends.

    What such a list is sorted and narrowed by stands here too, so that the first page is the first rows of an
    index: `engine.runtime.open_task.place` brings it to the task after its assignee or date has changed. So
    does what the register and the trail are sorted by, for whoever sees cases through their group: the case's
    receipt, which never changes, and its limit, which follows the complaint's row in the same step, as the
    task's kind does.
    """

    __tablename__ = "task_group"
    __table_args__ = (
        Index("ix_task_group_due", "group_name", "is_free", "due_at", "task_id"),
        Index("ix_task_group_kind", "group_name", "kind", "is_free", "due_at", "task_id"),
        _partial("ix_task_group_received", _OF_CASE, "group_name", "received_at", "complaint_no"),
        _partial("ix_task_group_limit", _OF_CASE, "group_name", "limit_at", "complaint_no"),
        Index("ix_task_group_instance", "group_name", "instance_id"),
        {"sqlite_with_rowid": False},
    )

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), primary_key=True)
    group_name: Mapped[str] = mapped_column(String(64), primary_key=True)
    element_id: Mapped[str] = mapped_column(String(200))
    is_free: Mapped[bool]  # nobody has the task
    due_at: Mapped[datetime | None]
    instance_id: Mapped[str] = mapped_column(String(32))
    complaint_no: Mapped[str | None] = mapped_column(String(24))
    received_at: Mapped[datetime | None]
    limit_at: Mapped[datetime | None]
    kind: Mapped[str] = mapped_column(Text, server_default="")


class Timer(Base):
    """A timer that waits. Fired or withdrawn ones are in history only; held and failed ones stand apart in
    the index, so that a pass costs what is due.

    `run_at` is when it is to be tried: its `due_at`, or later after a failure. `process_id` is the
    instance's: a pass looks at each process by itself, so that none waits for the flood of another.
    """

    __tablename__ = "timer"
    __table_args__ = (
        UniqueConstraint("instance_id", "token"),
        Index("ix_timer_state_run", "state", "run_at", "id"),
        Index("ix_timer_state_process", "state", "process_id", "run_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"))
    process_id: Mapped[str] = mapped_column(String(200))
    token: Mapped[int]
    element_id: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16), default="armed")  # armed, held (suspended), failed
    due_at: Mapped[datetime]
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)


class Subscription(Base):
    """A token that waits for a message or signal; rows go when it is caught or withdrawn."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("instance_id", "token"),
        Index("ix_subscription_name", "kind", "name", "correlation_key"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instance.id"))
    token: Mapped[int]
    element_id: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))  # message, signal
    name: Mapped[str] = mapped_column(String(200))
    correlation_key: Mapped[str] = mapped_column(String(200), default="")


class StartTrigger(Base):
    """What starts instances of a family's newest bundle: a message, a signal, or a timer and its time."""

    __tablename__ = "start_trigger"
    __table_args__ = (
        Index("ix_start_trigger_name", "kind", "name"),
        Index("ix_start_trigger_due", "due_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    family: Mapped[str] = mapped_column(String(64), index=True)
    bundle_id: Mapped[str] = mapped_column(ForeignKey("bundle.id"))
    process_id: Mapped[str] = mapped_column(String(200))
    element_id: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))  # message, signal, timer
    name: Mapped[str] = mapped_column(String(200), default="")
    due_at: Mapped[datetime | None]
    cycle: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime | None]
    """When it is tried again, after it failed."""


class BufferedMessage(Base):
    """A message that nobody waited for yet, or whose `message_id` must act only once."""

    __tablename__ = "buffered_message"
    __table_args__ = (
        UniqueConstraint("name", "message_id"),
        Index("ix_buffered_message_name", "name", "correlation_key", "id"),
        Index("ix_buffered_message_state", "state", "id"),
        Index("ix_buffered_message_expires", "expires_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    correlation_key: Mapped[str] = mapped_column(String(200), default="")
    message_id: Mapped[str | None] = mapped_column(String(200))
    variables: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))  # buffered, correlated, expired
    correlated: Mapped[list[str]]
    published_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class Incident(Base):
    """A step that failed where no user was there to be told; it is visible and can be retried.

    `process_id` is set where no instance could be started.
    """

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_state_id", "state", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    instance_id: Mapped[str | None] = mapped_column(ForeignKey("instance.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))  # timer, job
    source_id: Mapped[str] = mapped_column(String(32))
    element_id: Mapped[str] = mapped_column(String(200), default="")
    process_id: Mapped[str | None] = mapped_column(String(200))
    message: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))  # open, resolved
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(String(64))


class Idempotency(Base):
    """The first answer to a request that may be repeated under the same key."""

    __tablename__ = "idempotency"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    actor: Mapped[str] = mapped_column(String(64), primary_key=True)
    request_sha256: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)
