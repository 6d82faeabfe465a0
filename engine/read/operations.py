"""What keeps the system running, as rows: incidents, timers that are due, jobs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.read.paging import Order, Page, page
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Incident, Instance, Timer

_INCIDENT = Incident.__table__.c
_TIMER = Timer.__table__.c
_JOB = Job.__table__.c
_INSTANCE = Instance.__table__.c
_INCIDENTS = Order("incidents", (_INCIDENT.id,), descending=True)
_TIMERS = Order("timers", (_TIMER.due_at, _TIMER.id))
_JOBS = Order("jobs", (_JOB.run_at, _JOB.id))


def incident_list(
    session: Session,
    *,
    state: str | None = "open",
    kind: str | None = None,
    process_id: str | None = None,
    element_id: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return incidents, the newest first; `state` is open, resolved or None for both."""
    query = select(*_INCIDENT, _INSTANCE.business_key, _INSTANCE.process_id).select_from(
        Incident.__table__.outerjoin(Instance.__table__, _INSTANCE.id == _INCIDENT.instance_id)
    )
    exact = {
        _INCIDENT.state: state,
        _INCIDENT.kind: kind,
        _INSTANCE.process_id: process_id,
        _INCIDENT.element_id: element_id,
    }
    for column, value in exact.items():
        if value is not None:
            query = query.where(column == value)
    return page(session, query, _INCIDENTS, limit=limit, cursor=cursor)


def timer_list(
    session: Session, *, due_only: bool = False, limit: int | None = None, cursor: str | None = None
) -> Page:
    """Return armed timers, the next due first; `due_only` gives those whose instant has come."""
    query = select(*_TIMER, _INSTANCE.business_key).select_from(
        Timer.__table__.join(Instance.__table__, _INSTANCE.id == _TIMER.instance_id)
    )
    if due_only:
        query = query.where(_TIMER.state == "armed", _TIMER.due_at <= clock.now())
    return page(session, query, _TIMERS, limit=limit, cursor=cursor)


def job_list(
    session: Session, *, state: str | None = "ready", limit: int | None = None, cursor: str | None = None
) -> Page:
    """Return jobs without their payload, the next to run first."""
    shown = [column for column in _JOB if column.name != "payload"]
    query = select(*shown, _INSTANCE.business_key).select_from(
        Job.__table__.outerjoin(Instance.__table__, _INSTANCE.id == _JOB.instance_id)
    )
    if state is not None:
        query = query.where(_JOB.state == state)
    return page(session, query, _JOBS, limit=limit, cursor=cursor)


def operation_counts(session: Session) -> dict[str, Any]:
    """Return how many incidents are open, timers due, and jobs in each state."""
    now = clock.now()
    jobs = session.execute(select(_JOB.state, func.count()).group_by(_JOB.state)).all()
    return {
        "incidents": session.scalar(select(func.count()).where(_INCIDENT.state == "open")),
        "timers_due": session.scalar(
            select(func.count()).where(_TIMER.state == "armed", _TIMER.due_at <= now)
        ),
        "timers": session.scalar(select(func.count()).select_from(Timer.__table__)),
        "jobs": {row[0]: row[1] for row in jobs},
    }
