"""How the machinery stands: what waits and for how long, what is late, what has failed.

`redress doctor` judges it, `/metrics` tells it. Counts stop at a bound, so that a scrape costs the same
however much has piled up.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.store.tables.audit import History
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Incident, Timer

COUNTED_UP_TO = 10_000
_JOB, _TIMER, _INCIDENT = Job.__table__.c, Timer.__table__.c, Incident.__table__.c


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many things wait (at most `COUNTED_UP_TO`), and for how many seconds the oldest has."""

    count: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that is due, late or failed. `late` timers are those due for longer than was asked for."""

    own_jobs: Waiting
    outside_jobs: Waiting
    dead_jobs: int
    due_timers: Waiting
    late_timers: int
    failed_timers: int
    incidents: Waiting


def standing(session: Session, own_types: Collection[str], *, late_after: timedelta) -> Standing:
    """Return how things stand; jobs of `own_types` are carried out by Redress, others by workers outside."""
    now = clock.now()
    ready = (_JOB.state == "ready") & (_JOB.run_at <= now)
    own = _JOB.type.in_(sorted(own_types))
    due = (_TIMER.state == "armed") & (_TIMER.run_at <= now)
    return Standing(
        own_jobs=_waiting(session, now, _JOB.run_at, ready & own),
        outside_jobs=_waiting(session, now, _JOB.run_at, ready & ~own),
        dead_jobs=_count(session, _JOB.id, _JOB.state == "dead"),
        due_timers=_waiting(session, now, _TIMER.run_at, due),
        late_timers=_count(session, _TIMER.id, due & (_TIMER.run_at <= now - late_after)),
        failed_timers=_count(session, _TIMER.id, _TIMER.state == "failed"),
        incidents=_waiting(session, now, _INCIDENT.created_at, _INCIDENT.state == "open"),
    )


def newest_event(session: Session) -> datetime | None:
    """Return when, by the engine's clock, the newest event of the stream `system` happened."""
    row = History.__table__.c
    return session.scalar(select(row.at).where(row.stream == "system").order_by(row.seq.desc()).limit(1))


def _waiting(
    session: Session, now: datetime, since: ColumnElement[Any], which: ColumnElement[bool]
) -> Waiting:
    oldest = session.scalar(select(since).where(which).order_by(since).limit(1))
    if oldest is None:
        return Waiting(0, 0.0)
    return Waiting(_count(session, since, which), max(0.0, (now - oldest).total_seconds()))


def _count(session: Session, column: ColumnElement[Any], which: ColumnElement[bool]) -> int:
    some = select(column).where(which).limit(COUNTED_UP_TO).subquery()
    return int(session.scalar(select(func.count()).select_from(some)) or 0)
