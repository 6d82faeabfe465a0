"""Jobs of our own types that are ready: those of our database each in one transaction, those that wait for
other machines between two short ones.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, or_, select, union_all, update
from sqlalchemy.orm import Session

from engine import clock, logs, metrics
from engine.jobs.backoff import MOMENT
from engine.jobs.failure import count_failure, describe, is_bad_luck
from engine.jobs.handlers import HANDLERS, Handler, JobView, recording_types, sending_types
from engine.jobs.pace import BATCH, HORIZON, TICK_S, Pace, pace
from engine.runtime.commands.finish_job import finish_job_in, lock_job
from engine.runtime.ledger import lock_instance
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Instance

log = logging.getLogger(__name__)

_JOB, _INSTANCE = table_of(Job), table_of(Instance)
_READY = _JOB.c.id == bindparam("job"), _JOB.c.state == "ready", _JOB.c.run_at <= bindparam("now")
_OF = select(_JOB.c.instance_id, _JOB.c.token).where(*_READY)
_PASS_BY = (
    select(_INSTANCE.c.id).where(_INSTANCE.c.id == bindparam("instance")).with_for_update(skip_locked=True)
)
_TAKE = (
    select(_JOB.c.id, _JOB.c.type, _JOB.c.payload, _JOB.c.instance_id)
    .where(*_READY)
    .with_for_update(skip_locked=True)
)


def run_ready_jobs(rt: Runtime, limit: int = BATCH) -> int:
    """Carry out ready jobs of our own types, at most `limit` of each type; return how many were done."""
    return job_pass(rt, limit).done + sum(
        send(rt, job_id) for job_id, _ in _look(rt, sending_types(), limit, clock.now())
    )


def job_pass(
    rt: Runtime,
    limit: int = BATCH,
    stopping: Callable[[], bool] = lambda: False,
    *,
    overdue_s: float = 0.0,
) -> Pace:
    """Carry out ready jobs of our own database, at most `limit` of each type, the oldest first.

    `overdue_s` leaves the first attempt at a job to a dispatcher for so many seconds. `stopping` is asked
    before each job.
    """
    now = clock.now()
    rows = _look(rt, recording_types(), limit, now, overdue_s)
    due = [job_id for job_id, run_at in rows if run_at <= now]
    done = 0
    for job_id in due:
        if stopping():
            break
        done += carry_out(rt, job_id)
    upcoming = next((run_at for _, run_at in rows if run_at > now), None)
    return pace(len(due), done, limit, upcoming)


def send_pass(rt: Runtime, *, overdue_s: float = 0.0) -> Pace:
    """Carry out one ready job that waits for another machine."""
    now = clock.now()
    for job_id, run_at in _look(rt, sending_types(), 8, now, overdue_s):
        if run_at <= now and send(rt, job_id):
            return Pace(1, 0.0)
    return Pace(0, TICK_S)


def carry_out(rt: Runtime, job_id: str, *, wait: bool = False) -> bool:
    """Carry out one job of our own types and end it; a failure is counted. Returns whether it was done.

    A job that ended already or is not due is left alone, and so is one whose instance is at work at this
    moment, unless `wait` is set.
    """
    with logs.belonging_to(job_id=job_id) as belongs:
        try:
            done = run_job(rt, job_id, wait=wait)
        except Exception as error:  # noqa: BLE001 - one bad job must not stop the others
            log.warning("a job failed: %s", type(error).__name__)
            _count(belongs, "failed")
            _failed(rt, job_id, error)
            return False
        if done:
            log.info("job done")
            _count(belongs, "done")
        return done


def _count(belongs: Mapping[str, Any], result: str) -> None:
    metrics.JOBS.labels(belongs.get("job_type", "unknown"), result).inc()


def run_job(rt: Runtime, job_id: str, *, wait: bool = True) -> bool:
    """Carry out one recording job and end it in the same transaction; false if it had ended already.

    Raises what the handler raises; nothing is kept then.
    """
    with rt.sessions.step() as session:
        job = _take(session, job_id, wait=wait)
        if job is None:
            return False
        logs.mark(job_type=job.type)
        record = HANDLERS[job.type].record
        if record is None:
            return False
        variables = record(rt, session, JobView(job.id, job.type, job.payload))
        return finish_job_in(rt, session, job_id, variables or {})


def send(rt: Runtime, job_id: str) -> bool:
    """Carry out one sending job: take it, do it while no transaction is open, end it if it is still ours."""
    key = new_id()
    job = _claim(rt, job_id, key)
    if job is None:
        return False
    with logs.belonging_to(job_id=job_id, job_type=job.type) as belongs:
        sending = HANDLERS[job.type].send
        try:
            variables = sending(rt, job) if sending is not None else None
            done = _finish_sent(rt, job_id, key, variables or {})
        except Exception as error:  # noqa: BLE001 - one bad job must not stop the others
            log.warning("a sending failed: %s", type(error).__name__)
            _count(belongs, "failed")
            _failed(rt, job_id, error, key)
            return False
        if done:
            log.info("sending done")
            _count(belongs, "done")
        return done


def _look(
    rt: Runtime, types: Sequence[str], limit: int, now: datetime, overdue_s: float = 0.0
) -> list[tuple[str, datetime]]:
    """Return the ready jobs and what is ready within the horizon, at most `limit` of each type.

    One look into the index for each type: what waits for workers outside is never read.
    """
    if not types:
        return []
    first = now + HORIZON - timedelta(seconds=overdue_s)
    parts = [
        select(_JOB.c.id, _JOB.c.run_at)
        .where(
            _JOB.c.type == name,
            _JOB.c.state == "ready",
            _JOB.c.run_at <= now + HORIZON,
            *([or_(_JOB.c.attempts > 0, _JOB.c.run_at <= first)] if overdue_s else []),
        )
        .order_by(_JOB.c.run_at, _JOB.c.id)
        .limit(limit)
        .subquery()
        for name in types
    ]
    with rt.sessions.read() as session:
        rows = session.execute(union_all(*(select(part) for part in parts))).all()
    return sorted(((row.id, row.run_at) for row in rows), key=lambda row: (row[1], row[0]))


def _take(session: Session, job_id: str, *, wait: bool) -> Row[Any, Any, Any, Any] | None:
    """Lock a ready job, its instance first; None where it is not ready, or at work elsewhere."""
    connection, wanted = session.connection(), {"job": job_id, "now": clock.now()}
    of = connection.execute(_OF, wanted).one_or_none()
    if of is None:
        return None
    if of.token is not None:
        if wait:
            lock_job(session, job_id)
        elif connection.execute(_PASS_BY, {"instance": of.instance_id}).first() is None:
            return None
    return connection.execute(_TAKE, wanted).one_or_none()


def _claim(rt: Runtime, job_id: str, key: str) -> JobView | None:
    with rt.sessions.step() as session:
        wanted = {"job": job_id, "now": clock.now()}
        job = session.connection().execute(_TAKE, wanted).one_or_none()
        if job is None:
            return None
        until = clock.now() + timedelta(seconds=_handler(job.type).lock_s)
        taken = update(Job).where(Job.id == job_id)
        session.execute(taken.values(locked_by="redress", locked_until=until, run_at=until, lock_key=key))
        return JobView(job.id, job.type, job.payload)


def _finish_sent(rt: Runtime, job_id: str, key: str, variables: Mapping[str, Any]) -> bool:
    with rt.sessions.step() as session:
        if lock_job(session, job_id).lock_key != key:
            return False  # it took longer than its lock, and another worker has it
        return finish_job_in(rt, session, job_id, variables)


def _failed(rt: Runtime, job_id: str, error: Exception, key: str | None = None) -> None:
    """Count the failure of a job that is still ours, and begin what follows once it is given up, at once.

    The incident stands whatever happens: where what follows cannot be begun, it says so.
    """
    try:
        _note_failure(rt, job_id, error, key, describe(error))
    except _NotBegun as unable:
        log.warning("what follows from a job that was given up was not begun: %s", describe(unable.why))
        message = f"{describe(error)} (what follows from it was not begun: {describe(unable.why)})"
        _note_failure(rt, job_id, error, key, message, follow=False)


class _NotBegun(Exception):
    """What follows from a job that was given up cannot be begun, because of `why`."""

    def __init__(self, why: Exception) -> None:
        super().__init__(str(why))
        self.why = why


def _note_failure(
    rt: Runtime, job_id: str, error: Exception, key: str | None, message: str, *, follow: bool = True
) -> None:
    """Count the failure after the job's instance was locked; with `follow`, what follows from its incident
    is of the same transaction. Raises _NotBegun where that fails for good; nothing was kept then.
    """
    with rt.sessions.step() as session:
        instance_id = session.scalar(select(Job.instance_id).where(Job.id == job_id))
        stands = "active" if instance_id is None else lock_instance(session, instance_id)
        job = session.get(Job, job_id, with_for_update=True)
        if job is None or job.state != "ready" or job.lock_key != key:
            return  # it was withdrawn, held or done meanwhile, or another worker has it
        if is_bad_luck(error) or (stands == "suspended" and job.token is not None):
            job.run_at, job.locked_until, job.lock_key = clock.now() + MOMENT.delay(1), None, None
            session.flush()
            return
        handler, payload = _handler(job.type), job.payload
        left = count_failure(session, job, message, backoff=handler.backoff)
        if left or handler.given_up is None or not follow:
            return
        try:
            handler.given_up(rt, session, payload)
        except Exception as why:
            if is_bad_luck(why):
                raise
            raise _NotBegun(why) from why


def _handler(job_type: str) -> Handler:
    return HANDLERS.get(job_type, Handler())
