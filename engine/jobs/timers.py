"""Timers whose time has come, in instances and at start events. Each is a transaction of its own.

A pass looks at each process by itself: what is due, oldest first, and what is due within the next second, to
wake in time for it; what is parked costs nothing. A part of each batch is kept for every process, so that one
timer does not wait for ten thousand of another process. Several workers read the same: each passes over what
another has at that moment.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Row, Select, func, or_, select, union_all, update
from sqlalchemy.orm import Session

from engine import clock, logs, metrics
from engine.jobs.backoff import MOMENT, QUICK
from engine.jobs.failure import describe, is_bad_luck
from engine.jobs.pace import BATCH, HORIZON, Pace, pace
from engine.runtime.commands.fire_timer import fire_timer
from engine.runtime.incidents import open_incident
from engine.runtime.ledger import lock_instance
from engine.runtime.runtime import Runtime
from engine.runtime.starts import fire_start, plan_next
from engine.store.base import table_of
from engine.store.tables.runtime import StartTrigger, Timer

log = logging.getLogger(__name__)

TIMER_ATTEMPTS = 3
"""How often a timer is tried before it becomes an incident and waits for somebody to retry it."""

_TIMER = table_of(Timer)
_ARMED = _TIMER.c.state == "armed"


def _first_of_each_process() -> Select[str, datetime]:
    """Return the query of when each process's next timer is to be tried: two looks into an index for each."""
    process = select(func.min(_TIMER.c.process_id).label("process_id")).where(_ARMED)
    waiting = process.cte("waiting", recursive=True)
    following = select(func.min(_TIMER.c.process_id)).where(
        _ARMED, _TIMER.c.process_id > waiting.c.process_id
    )
    waiting = waiting.union_all(select(following.scalar_subquery()).where(waiting.c.process_id.is_not(None)))
    first = select(func.min(_TIMER.c.run_at)).where(_ARMED, _TIMER.c.process_id == waiting.c.process_id)
    return select(waiting.c.process_id, first.scalar_subquery().label("run_at")).where(
        waiting.c.process_id.is_not(None)
    )


_FIRSTS = _first_of_each_process()


def run_due_timers(rt: Runtime, limit: int = BATCH) -> int:
    """Fire what is due, oldest first, at most `limit`; return how many were fired."""
    return timer_pass(rt, limit).done


def timer_pass(rt: Runtime, limit: int = BATCH, stopping: Callable[[], bool] = lambda: False) -> Pace:
    """Fire what is due, oldest first, at most `limit`, and tell when to look again.

    `stopping` is asked before each: once it is true the rest is left to others.
    """
    due, upcoming = _look(rt, limit)
    fired = 0
    for timer_id in due:
        if stopping():
            break
        with logs.belonging_to(timer_id=timer_id):
            fired += _fire(rt, timer_id)
    return pace(len(due), fired, limit, upcoming)


def _fire(rt: Runtime, timer_id: str) -> bool:
    try:
        fired = fire_timer(rt, timer_id)
    except Exception as error:  # noqa: BLE001 - one bad instance must not stop the others
        log.warning("a timer could not fire: %s", type(error).__name__)
        metrics.TIMERS.labels("failed").inc()
        _timer_failed(rt, timer_id, error)
        return False
    if fired:
        log.info("timer fired")
    return fired


def run_due_starts(rt: Runtime, limit: int = BATCH) -> int:
    """Start the instances whose time has come, at most `limit`; return how many were started."""
    now = clock.now()
    with rt.sessions.read() as session:
        due = session.scalars(
            select(StartTrigger.id)
            .where(StartTrigger.due_at <= now, or_(StartTrigger.run_at.is_(None), StartTrigger.run_at <= now))
            .order_by(StartTrigger.due_at, StartTrigger.id)
            .limit(limit)
        ).all()
    started = 0
    for trigger_id in due:
        try:
            started += fire_start(rt, trigger_id)
        except Exception as error:  # noqa: BLE001 - one bad process must not stop the others
            log.warning("a timer could not start an instance: %s", type(error).__name__)
            _start_failed(rt, trigger_id, error)
    return started


def _look(rt: Runtime, limit: int) -> tuple[list[str], datetime | None]:
    """Return the timers that are due, and when the next one is within the horizon."""
    now = clock.now()
    with rt.sessions.read() as session:
        firsts = session.connection().execute(_FIRSTS).all()
        late = [row.process_id for row in firsts if row.run_at <= now]
        due = _fair(session, late, now, limit)
    return due, min((row.run_at for row in firsts if now < row.run_at <= now + HORIZON), default=None)


def _fair(session: Session, processes: Sequence[str], now: datetime, limit: int) -> list[str]:
    """Return at most `limit` due timers, oldest first: a tenth for each process, the rest for the oldest."""
    if not processes:
        return []
    parts = [
        select(_TIMER.c.id, _TIMER.c.process_id, _TIMER.c.run_at)
        .where(_ARMED, _TIMER.c.process_id == process_id, _TIMER.c.run_at <= now)
        .order_by(_TIMER.c.run_at, _TIMER.c.id)
        .limit(limit)
        .subquery()
        for process_id in processes
    ]
    rows = session.connection().execute(union_all(*(select(part) for part in parts))).all()
    rows = sorted(rows, key=lambda row: (row.run_at, row.id))
    share = max(1, min(limit // 10, limit // len(processes)))
    taken: Counter[str] = Counter()
    kept: list[Row[str, str, datetime]] = []
    others: list[Row[str, str, datetime]] = []
    for row in rows:
        (kept if taken[row.process_id] < share else others).append(row)
        taken[row.process_id] += 1
    chosen = [*kept, *others][:limit]
    return [row.id for row in sorted(chosen, key=lambda row: (row.run_at, row.id))]


def _timer_failed(rt: Runtime, timer_id: str, error: Exception) -> None:
    """Try again after a while; in the end tell it."""
    with rt.sessions.step() as session:
        instance_id = session.scalar(select(Timer.instance_id).where(Timer.id == timer_id))
        if instance_id is None:
            return  # it was withdrawn meanwhile
        lock_instance(session, instance_id)
        row = session.get(Timer, timer_id, with_for_update=True)
        if row is None or row.state != "armed":
            return
        if is_bad_luck(error):
            row.run_at = clock.now() + MOMENT.delay(1)
        else:
            row.attempts += 1
            row.run_at = clock.now() + QUICK.delay(row.attempts)
        if row.attempts >= TIMER_ATTEMPTS:
            row.state = "failed"
            told = (
                f"the timer due at {row.due_at:%Y-%m-%dT%H:%M:%SZ} failed {row.attempts} times, "
                f"at last with: {describe(error)}. Mend the cause, then retry the incident"
            )
            open_incident(session, "timer", timer_id, row.instance_id, row.element_id, told)
        session.flush()


def _start_failed(rt: Runtime, trigger_id: str, error: Exception) -> None:
    """Try again after a while; in the end tell it, and go on with the next time of a cycle."""
    with rt.sessions.step() as session:
        row = session.execute(
            select(StartTrigger).where(StartTrigger.id == trigger_id).with_for_update()
        ).scalar_one_or_none()
        now = clock.now()
        if row is None or row.due_at is None or max(row.due_at, row.run_at or row.due_at) > now:
            return  # another worker has started it meanwhile, or failed as well
        unlucky = is_bad_luck(error)
        attempts = row.attempts + (not unlucky)
        if attempts < TIMER_ATTEMPTS:
            delay = MOMENT.delay(1) if unlucky else QUICK.delay(attempts)
            again = {"attempts": attempts, "run_at": now + delay}
            session.execute(update(StartTrigger).where(StartTrigger.id == trigger_id).values(**again))
            return
        told = (
            f"the start event of {row.process_id!r} failed {attempts} times, at last with: "
            f"{describe(error)}. Mend the model and deploy it, then retry the incident: that starts it"
        )
        open_incident(session, "timer", trigger_id, None, row.element_id, told, process_id=row.process_id)
        plan_next(rt, session, row)
