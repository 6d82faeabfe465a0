"""What happens before and when a training runs out: reminders, and the work goes back to the group (R67)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.leaving import give_back
from engine.cases.rows import COMPLAINT
from engine.domain.complaint import Status
from engine.domain.deadlines import local_date
from engine.people.actor import SYSTEM
from engine.people.roles import COMPLAINT_MANAGEMENT, TRAINED
from engine.runtime.notices import Notice, leave_notice
from engine.runtime.runtime import Runtime
from engine.store.tables.people import Notification, Person, PersonRole
from engine.store.tables.runtime import Task, TaskGroup
from engine.store.types import instant_text

EXPIRING: Final = "training-expiring"
EXPIRED: Final = "training-expired"
MOST: Final = 500
"""So many people are seen to in one pass; the next goes on."""
LOOK_BACK: Final = timedelta(days=30)
"""Who has been without for longer was told, or nothing ran for a month: then their tasks still go back."""
_OPEN = [str(status) for status in Status if not status.is_final]


def see_to_expiry(rt: Runtime) -> int:
    """Remind whose training runs out soon; free the handlers' tasks of those whose training has run out, and
    tell them, their superiors and complaint management. Return how many people were concerned.
    """
    now = clock.now()
    with rt.sessions.read() as session:
        today = local_date(now, rt.config.timezone)
        days = rt.parameters.current(session).value("training.remind_days", today)
        soon = _untold(session, EXPIRING, now, now + timedelta(days=days))
        past = _untold(session, EXPIRED, now - LOOK_BACK, now)
        holding = session.scalars(_holding(now)).all()
    for row in soon:
        _tell(rt, EXPIRING, row, [row.id])
    for username in holding:
        give_back(rt, SYSTEM, username, groups=TRAINED)
    for row in past:
        with rt.sessions.read() as session:
            others = _who_arranges(session)
        _tell(rt, EXPIRED, row, [row.id, *filter(None, [row.superior_id]), *others])
    return len(soon) + len(past) + len(holding)


def _untold(session: Session, kind: str, after: datetime, until: datetime) -> list[Any]:
    """Return the people whose training ends in a span of time and who were not told yet of this end."""
    handle = select(PersonRole.person_id).where(PersonRole.role.in_(sorted(TRAINED)))
    query = select(Person.id, Person.username, Person.superior_id, Person.training_valid_until).where(
        Person.active,
        Person.id.in_(handle),
        Person.training_valid_until > after,
        Person.training_valid_until <= until,
    )
    rows = session.execute(query.order_by(Person.training_valid_until).limit(MOST)).all()
    keys = [f"{_key(kind, row)}:{row.id}" for row in rows]
    told = set(session.scalars(select(Notification.source_key).where(Notification.source_key.in_(keys))))
    return [row for row, key in zip(rows, keys, strict=True) if key not in told]


def _holding(now: datetime) -> Select[Any]:
    """Usernames of those without a valid training who still have handlers' tasks or cases."""
    tasks = (
        select(Task.id)
        .join(TaskGroup, TaskGroup.task_id == Task.id)
        .where(
            Task.assignee == Person.username, Task.state == "open", TaskGroup.group_name.in_(sorted(TRAINED))
        )
    )
    cases = select(COMPLAINT.c.no).where(
        COMPLAINT.c.handler == Person.username, COMPLAINT.c.status.in_(_OPEN)
    )
    gone = or_(Person.training_valid_until.is_(None), Person.training_valid_until <= now)
    query = select(Person.username).where(Person.active, gone, or_(exists(tasks), exists(cases)))
    return query.limit(MOST)


def _who_arranges(session: Session) -> list[str]:
    query = select(PersonRole.person_id).join(Person, Person.id == PersonRole.person_id)
    return list(session.scalars(query.where(PersonRole.role == COMPLAINT_MANAGEMENT, Person.active)))


def _tell(rt: Runtime, kind: str, row: Any, people: list[str]) -> None:
    with rt.sessions.step() as session:
        leave_notice(rt, session, people, Notice(kind, _key(kind, row)))


def _key(kind: str, row: Any) -> str:
    """One notice of a kind for each end of a person's training."""
    return f"{kind}:{row.id}:{instant_text(row.training_valid_until)}"
