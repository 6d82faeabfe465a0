"""Telling people of tasks that are due soon, overdue or lent too long, and of new ones for their groups."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, literal, select
from sqlalchemy.orm import Session

from engine import clock
from engine.domain.deadlines import end_of_day, local_date
from engine.runtime.notices import LOAN_OVER, Notice, leave_notice
from engine.runtime.runtime import Runtime
from engine.store.ids import least_id
from engine.store.tables.people import Notification, Person, PersonRole
from engine.store.tables.runtime import Task, TaskGroup
from engine.store.tables.workplace import NoticeChoice

MOST = 500
"""So many people are told of one kind of thing in one pass; the next goes on."""
OVERDUE_FOR = timedelta(days=7)
NEW_FOR = timedelta(hours=1)


def tell_of_tasks(rt: Runtime) -> int:
    """Tell everybody whom it concerns, each of each task once; return how many were told."""
    now = clock.now()
    with rt.sessions.read() as session:
        days = rt.calendars.current(session)
        today = local_date(now, rt.config.timezone)
        soon = end_of_day(days.working_days_after(today, 1), rt.config.timezone)
        found = [
            *_rows(session, "due-soon", _due(now, soon)),
            *_rows(session, "overdue", _due(now - OVERDUE_FOR, now)),
            *_rows(session, LOAN_OVER, _lent(now - OVERDUE_FOR, now)),
            *_rows(session, "group-task", _new(now - NEW_FOR)),
        ]
    for kind, row in found:
        with rt.sessions.step() as step:
            leave_notice(
                rt, step, [row.person_id], Notice(kind, f"{kind}:{row.id}", row.complaint_no, row.id)
            )
    return len(found)


def _rows(session: Session, kind: str, query: Select[str, str | None, str]) -> list[tuple[str, Any]]:
    told = exists().where(Notification.source_key == _key(kind))
    return [(kind, row) for row in session.execute(query.where(~told).limit(MOST))]


def _key(kind: str) -> ColumnElement[str]:
    return literal(f"{kind}:") + Task.id + literal(":") + Person.id


def _due(after: datetime, until: datetime) -> Select[str, str | None, str]:
    return (
        select(Task.id, Task.complaint_no, Person.id.label("person_id"))
        .join(Person, Person.username == Task.assignee)
        .where(Task.state == "open", Task.due_at > after, Task.due_at <= until, Person.active)
        .order_by(Task.due_at)
    )


def _lent(after: datetime, until: datetime) -> Select[str, str | None, str]:
    return (
        select(Task.id, Task.complaint_no, Person.id.label("person_id"))
        .join(Person, Person.username == Task.owner)
        .where(Task.lent_until > after, Task.lent_until <= until, Task.state == "open", Person.active)
        .order_by(Task.lent_until)
    )


def _new(since: datetime) -> Select[str, str | None, str]:
    wants = NoticeChoice.page | NoticeChoice.mail
    return (
        select(Task.id, Task.complaint_no, Person.id.label("person_id"))
        .join(TaskGroup, TaskGroup.task_id == Task.id)
        .join(PersonRole, PersonRole.role == TaskGroup.group_name)
        .join(Person, Person.id == PersonRole.person_id)
        .join(NoticeChoice, (NoticeChoice.person_id == Person.id) & (NoticeChoice.kind == "group-task"))
        .where(TaskGroup.is_free.is_(True), Task.created_at >= since, wants, Person.active)
        .where(
            TaskGroup.task_id >= least_id(since - clock.offset() - NEW_FOR)
        )  # reads none of the older ones
        .distinct()
    )
