"""Timers whose time has come, in instances and at start events. Each is a transaction of its own.

A pass reads what is due, oldest first, and what is due within the next second, to wake in time for it; what
is parked costs nothing. Several workers read the same: each passes over what another has at that moment.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import bindparam, select, update

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
_SOON = (
    select(_TIMER.c.id, _TIMER.c.run_at)
    .where(_TIMER.c.state == "armed", _TIMER.c.run_at <= bindparam("horizon"))
    .order_by(_TIMER.c.run_at, _TIMER.c.id)
    .limit(bindparam("most"))
)


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
    with rt.sessions.read() as session:
        due = session.scalars(
            select(StartTrigger.id)
            .where(StartTrigger.due_at <= clock.now(), StartTrigger.attempts < TIMER_ATTEMPTS)
            .order_by(StartTrigger.due_at, StartTrigger.id)
            .limit(limit)
        ).all()
    started = 0
    for trigger_id in due:
        try:
            started += fire_start(rt, trigger_id)
        except Exception as error:  # noqa: BLE001 - one bad process must not stop the others
            log.warning("a timer could not start an instance: %s", type(error).__name__)
            if not is_bad_luck(error):
                _start_failed(rt, trigger_id, error)
    return started


def _look(rt: Runtime, limit: int) -> tuple[list[str], datetime | None]:
    """Return the timers that are due, and when the next one is within the horizon."""
    now = clock.now()
    with rt.sessions.read() as session:
        rows = session.connection().execute(_SOON, {"horizon": now + HORIZON, "most": limit}).all()
    due = [row.id for row in rows if row.run_at <= now]
    return due, next((row.run_at for row in rows if row.run_at > now), None)


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
    """Try again at the next passes; in the end tell it, and go on with the next time of a cycle."""
    with rt.sessions.step() as session:
        row = session.execute(
            select(StartTrigger).where(StartTrigger.id == trigger_id).with_for_update()
        ).scalar_one_or_none()
        if row is None:
            return
        attempts = row.attempts + 1
        session.execute(update(StartTrigger).where(StartTrigger.id == trigger_id).values(attempts=attempts))
        if attempts < TIMER_ATTEMPTS:
            return
        told = (
            f"the start event of {row.process_id!r} failed {attempts} times, at last with: "
            f"{describe(error)}. Mend the model and deploy it, or start the process by hand"
        )
        open_incident(session, "timer", trigger_id, None, row.element_id, told)
        plan_next(rt, session, row)
