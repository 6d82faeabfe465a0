"""What happens before and when a training runs out: reminders, and the work goes back to the group (R67).

All who are concerned are seen to in one pass, however many: each transaction is a short one, and whoever is
cut off leaves nothing half done, nor to be done twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.leaving import give_back
from engine.cases.rows import COMPLAINT
from engine.domain.complaint import UNFINISHED
from engine.domain.deadlines import local_date
from engine.people.actor import SYSTEM
from engine.people.roles import COMPLAINT_MANAGEMENT, TRAINED
from engine.runtime.notices import Notice, leave_each, leave_notice
from engine.runtime.runtime import Runtime
from engine.store.tables.people import Notification, Person, PersonRole
from engine.store.tables.runtime import Task, TaskGroup
from engine.store.types import instant_text

EXPIRING: Final = "training-expiring"
EXPIRED: Final = "training-expired"
AT_ONCE: Final = 100
"""So many people are told in one transaction: nobody else who writes waits long."""
LOOK_BACK: Final = timedelta(days=30)
"""Who has been without for longer was told, or nothing ran for a month: then their tasks still go back."""


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
    for some in _parts(soon):
        with rt.sessions.step() as session:
            _tell(rt, session, EXPIRING, some)
    for names in _parts(holding):
        give_back(rt, SYSTEM, *names, groups=TRAINED)
    for some in _parts(past):
        with rt.sessions.step() as session:
            _tell(rt, session, EXPIRED, some)
            _tell_others(rt, session, some)
    return len(soon) + len(past) + len(holding)


def _parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[first : first + AT_ONCE] for first in range(0, len(rows), AT_ONCE))


def _untold(session: Session, kind: str, after: datetime, until: datetime) -> list[Any]:
    """Return the people whose training ends in a span of time and who were not told yet of this end."""
    handle = select(PersonRole.person_id).where(PersonRole.role.in_(sorted(TRAINED)))
    query = select(Person.id, Person.superior_id, Person.training_valid_until).where(
        Person.active,
        Person.id.in_(handle),
        Person.training_valid_until > after,
        Person.training_valid_until <= until,
    )
    rows = session.execute(query.order_by(Person.training_valid_until, Person.id)).all()
    told: set[str] = set()
    for some in _parts(rows):
        keys = [_key(kind, row) for row in some]
        told.update(session.scalars(select(Notification.source_key).where(Notification.source_key.in_(keys))))
    return [row for row in rows if _key(kind, row) not in told]


def _holding(now: datetime) -> Select[Any]:
    """Usernames of those without a valid training who still have handlers' tasks or cases to give back."""
    tasks = (
        select(Task.id)
        .join(TaskGroup, TaskGroup.task_id == Task.id)
        .where(
            Task.assignee == Person.username,
            Task.state == "open",
            Task.restricted.is_(False),
            TaskGroup.group_name.in_(sorted(TRAINED)),
        )
    )
    handle = select(COMPLAINT.c.handler).where(
        COMPLAINT.c.status.in_(UNFINISHED),
        COMPLAINT.c.handler.is_not(None),
        COMPLAINT.c.instance_id.is_not(None),
    )
    gone = or_(Person.training_valid_until.is_(None), Person.training_valid_until <= now)
    query = select(Person.username).where(
        Person.active, gone, or_(exists(tasks), Person.username.in_(handle))
    )
    return query.order_by(Person.username)


def _tell(rt: Runtime, session: Session, kind: str, rows: Sequence[Any]) -> None:
    """Tell each of the people of the end of their own training."""
    leave_each(rt, session, kind, {row.id: _key(kind, row) for row in rows})


def _tell_others(rt: Runtime, session: Session, rows: Sequence[Any]) -> None:
    """Tell superiors and complaint management once of each instant at which trainings ended, however many:
    the coverage tells whose.
    """
    query = select(PersonRole.person_id).join(Person, Person.id == PersonRole.person_id)
    arranging = session.scalars(query.where(PersonRole.role == COMPLAINT_MANAGEMENT, Person.active)).all()
    ended: dict[str, set[str]] = defaultdict(lambda: set(arranging))
    for row in rows:
        ended[instant_text(row.training_valid_until)].update(filter(None, [row.superior_id]))
    for until, people in ended.items():
        leave_notice(rt, session, people, Notice(EXPIRED, f"{EXPIRED}:{until}"))


def _key(kind: str, row: Any) -> str:
    """One notice of a kind for each end of a person's training."""
    return f"{kind}:{row.id}:{instant_text(row.training_valid_until)}:{row.id}"
