"""What keeps the system running, as rows: what is wrong now, instances, incidents, timers, jobs.

Counts stop at `MOST_COUNTED`: with a million rows nobody needs the exact number, and the page stays quick.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.people.actor import Actor
from engine.read.paging import Order, Page, page
from engine.read.visibility import instances_not_about
from engine.store.tables.jobs import Job
from engine.store.tables.migrations import Migration
from engine.store.tables.runtime import Incident, Instance, Timer

_INCIDENT = Incident.__table__.c
_TIMER = Timer.__table__.c
_JOB = Job.__table__.c
_INSTANCE = Instance.__table__.c
_MIGRATION = Migration.__table__.c
_KEY = case((_INSTANCE.restricted, None), else_=_INSTANCE.business_key).label("business_key")
"""The number of a restricted file tells that there is one: whoever runs the system needs it for nothing."""
_OF_PROCESS = func.coalesce(_INSTANCE.process_id, _INCIDENT.process_id)
"""The process of an incident: its instance's, or the one that could not be started."""
_INCIDENTS = Order("incidents", (_INCIDENT.id,), descending=True)
_TIMERS = Order("timers", (_TIMER.state, _TIMER.run_at, _TIMER.id))
_JOBS = Order("jobs", (_JOB.run_at, _JOB.id))
MOST_COUNTED = 10_000
MOST_GROUPS = 50
LATE = timedelta(seconds=60)
"""A timer or job that has waited longer than this past its time shows that no worker runs, or too few."""


def incident_list(
    session: Session,
    actor: Actor,
    *,
    state: str | None = "open",
    kind: str | None = None,
    process_id: str | None = None,
    element_id: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return incidents, the newest first; `state` is open, resolved or None for both."""
    shown = [column for column in _INCIDENT if column.name != "process_id"]
    query = select(*shown, _KEY, _OF_PROCESS.label("process_id")).select_from(
        Incident.__table__.outerjoin(Instance.__table__, _INSTANCE.id == _INCIDENT.instance_id)
    )
    query = query.where(*instances_not_about(actor))
    exact: tuple[tuple[Any, str | None], ...] = (
        (_INCIDENT.state, state),
        (_INCIDENT.kind, kind),
        (_OF_PROCESS, process_id),
        (_INCIDENT.element_id, element_id),
    )
    for column, value in exact:
        if value is not None:
            query = query.where(column == value)
    return page(session, query, _INCIDENTS, limit=limit, cursor=cursor)


def timer_list(
    session: Session,
    actor: Actor,
    *,
    due_only: bool = False,
    state: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return timers, armed ones first and the next due first; `due_only` gives those to be fired now.

    `revision` is that of the instance: a change that names it is refused once the instance has moved on.
    """
    query = select(*_TIMER, _KEY, _INSTANCE.bundle_id, _INSTANCE.version.label("revision")).select_from(
        Timer.__table__.join(Instance.__table__, _INSTANCE.id == _TIMER.instance_id)
    )
    query = query.where(*instances_not_about(actor))
    if due_only:
        query = query.where(_TIMER.state == "armed", _TIMER.run_at <= clock.now())
    if state is not None:
        query = query.where(_TIMER.state == state)
    return page(session, query, _TIMERS, limit=limit, cursor=cursor)


def job_list(
    session: Session,
    actor: Actor,
    *,
    state: str | None = "ready",
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return jobs without their payload, the next to run first."""
    shown = [column for column in _JOB if column.name != "payload"]
    query = select(*shown, _KEY).select_from(
        Job.__table__.outerjoin(Instance.__table__, _INSTANCE.id == _JOB.instance_id)
    )
    query = query.where(*instances_not_about(actor))
    if state is not None:
        query = query.where(_JOB.state == state)
    return page(session, query, _JOBS, limit=limit, cursor=cursor)


def incident_groups(session: Session) -> list[dict[str, Any]]:
    """Return the open incidents by kind, process and element, the largest group first: how many, since when,
    and what the newest says. The newest `MOST_COUNTED` are looked at.
    """
    joined = Incident.__table__.outerjoin(Instance.__table__, _INSTANCE.id == _INCIDENT.instance_id)
    newest_open = (
        select(
            _INCIDENT.id,
            _INCIDENT.kind,
            _OF_PROCESS.label("process_id"),
            _INCIDENT.element_id,
            _INCIDENT.created_at,
        )
        .select_from(joined)
        .where(_INCIDENT.state == "open")
        .order_by(_INCIDENT.id.desc())
        .limit(MOST_COUNTED)
        .subquery()
        .c
    )
    by = (newest_open.kind, newest_open.process_id, newest_open.element_id)
    query = (
        select(
            *by,
            func.count().label("count"),
            func.min(newest_open.created_at, type_=_INCIDENT.created_at.type).label("since"),
            func.max(newest_open.id).label("newest"),
        )
        .group_by(*by)
        .order_by(func.count().desc(), func.min(newest_open.id))
        .limit(MOST_GROUPS)
    )
    groups = [dict(row._mapping) for row in session.execute(query)]
    newest = select(_INCIDENT.id, _INCIDENT.message).where(
        _INCIDENT.id.in_([group["newest"] for group in groups])
    )
    messages = {row.id: row.message for row in session.execute(newest)}
    return [group | {"message": messages.get(group["newest"], "")} for group in groups]


def trouble(session: Session) -> dict[str, Any]:
    """Return what else is wrong now: late timers and jobs with the oldest's time, and running migrations."""
    late = clock.now() - LATE
    timers = select(_TIMER.due_at).where(_TIMER.state == "armed", _TIMER.run_at <= late)
    jobs = select(_JOB.run_at).where(_JOB.state == "ready", _JOB.run_at <= late, _JOB.locked_until.is_(None))
    running = select(*_MIGRATION).where(_MIGRATION.state == "running").order_by(_MIGRATION.id)
    return {
        "late_timers": _counted(session, timers),
        "late_timers_since": session.scalar(timers.order_by(_TIMER.run_at).limit(1)),
        "late_jobs": _counted(session, jobs),
        "late_jobs_since": session.scalar(jobs.order_by(_JOB.run_at).limit(1)),
        "migrations": [dict(row._mapping) for row in session.execute(running.limit(MOST_GROUPS))],
    }


def operation_counts(session: Session) -> dict[str, Any]:
    """Return how many incidents are open, instances and timers wait, and jobs are in each state."""
    states = ("ready", "held", "dead")
    return {
        "incidents": _counted(session, select(_INCIDENT.id).where(_INCIDENT.state == "open")),
        "active": _counted(session, select(_INSTANCE.id).where(_INSTANCE.state == "active")),
        "suspended": _counted(session, select(_INSTANCE.id).where(_INSTANCE.state == "suspended")),
        "timers_due": _counted(
            session, select(_TIMER.id).where(_TIMER.state == "armed", _TIMER.run_at <= clock.now())
        ),
        "timers": _counted(session, select(_TIMER.id)),
        "jobs": {state: _counted(session, select(_JOB.id).where(_JOB.state == state)) for state in states},
        "migrations": _counted(session, select(_MIGRATION.id).where(_MIGRATION.state == "running")),
    }


def _counted(session: Session, query: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(query.limit(MOST_COUNTED).subquery())) or 0
