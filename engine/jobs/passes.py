"""One pass over what is due: jobs of our own types, and timers. Each item is a transaction of its own."""

from __future__ import annotations

import logging

from sqlalchemy import and_, case, delete, or_, select, update

from engine import clock
from engine.jobs.failure import count_failure, describe
from engine.jobs.handlers import HANDLERS, JobView
from engine.runtime import once
from engine.runtime.commands.correlate import deliver_kept
from engine.runtime.commands.finish_job import finish_job_in, lock_owner
from engine.runtime.commands.fire_timer import fire_timer
from engine.runtime.incidents import open_incident
from engine.runtime.ledger import lock_instance
from engine.runtime.runtime import Runtime
from engine.runtime.starts import fire_start, plan_next
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import BufferedMessage, StartTrigger, Subscription, Timer

log = logging.getLogger(__name__)

BATCH = 200
TIMER_ATTEMPTS = 3


def run_due_timers(rt: Runtime, limit: int = BATCH) -> int:
    """Fire what is due, oldest first, at most `limit`; return how many were fired."""
    with rt.sessions.read() as session:
        due = session.scalars(
            select(Timer.id)
            .where(Timer.state == "armed", Timer.due_at <= clock.now())
            .order_by(Timer.due_at, Timer.id)
            .limit(limit)
        ).all()
    fired = 0
    for timer_id in due:
        try:
            fired += fire_timer(rt, timer_id)
        except Exception as error:  # noqa: BLE001 - one bad instance must not stop the others
            log.warning("a timer could not fire: %s", type(error).__name__)
            _timer_failed(rt, timer_id, error)
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
            _start_failed(rt, trigger_id, error)
    return started


def run_ready_jobs(rt: Runtime, limit: int = BATCH) -> int:
    """Carry out ready jobs of our own types, at most `limit`; return how many were done."""
    now = clock.now()
    with rt.sessions.read() as session:
        ready = session.scalars(
            select(Job.id)
            .where(
                Job.state == "ready",
                Job.type.in_(HANDLERS),
                Job.run_at <= now,
                or_(Job.locked_until.is_(None), Job.locked_until < now),
            )
            .order_by(Job.run_at, Job.id)
            .limit(limit)
        ).all()
    done = 0
    for job_id in ready:
        try:
            done += run_job(rt, job_id)
        except Exception as error:  # noqa: BLE001 - one bad job must not stop the others
            log.warning("a job failed: %s", type(error).__name__)
            _job_failed(rt, job_id, error)
    return done


def run_until_quiet(rt: Runtime, most: int = 1_000) -> int:
    """Work off jobs and timers until none is due; return how many.

    For tests, the demo and the command line.
    """
    total = 0
    while total < most:
        done = run_due_timers(rt) + run_due_starts(rt) + run_ready_jobs(rt)
        if not done:
            break
        total += done
    return total


def expire_messages(rt: Runtime) -> None:
    """Drop buffered messages past their time to live."""
    with rt.sessions.step() as session:
        session.execute(
            delete(BufferedMessage).where(
                BufferedMessage.state == "buffered",
                BufferedMessage.expires_at <= clock.now(),
                BufferedMessage.message_id.is_(None),
            )
        )


def deliver_kept_messages(rt: Runtime, limit: int = BATCH) -> int:
    """Deliver kept messages that somebody waits for: each began while the other was not committed yet."""
    with rt.sessions.read() as session:
        found = session.scalars(
            select(BufferedMessage.id)
            .join(
                Subscription,
                and_(
                    Subscription.kind == "message",
                    Subscription.name == BufferedMessage.name,
                    Subscription.correlation_key == BufferedMessage.correlation_key,
                ),
            )
            .where(
                BufferedMessage.state == "buffered",
                or_(BufferedMessage.expires_at.is_(None), BufferedMessage.expires_at > clock.now()),
            )
            .distinct()
            .order_by(BufferedMessage.id)
            .limit(limit)
        ).all()
    return sum(deliver_kept(rt, message_id) for message_id in found)


def forget_answers(rt: Runtime) -> None:
    """Forget the answers to requests that nobody repeats any more."""
    with rt.sessions.step() as session:
        once.forget_answers(session)


def run_job(rt: Runtime, job_id: str) -> bool:
    """Carry out one job and end it in the same transaction; false if it had ended already."""
    with rt.sessions.step() as session:
        lock_owner(session, job_id)
        job = session.execute(
            select(Job.id, Job.type, Job.payload)
            .where(Job.id == job_id, Job.state == "ready")
            .with_for_update()
        ).one_or_none()
        if job is None:
            return False
        variables = HANDLERS[job.type](rt, session, JobView(job.id, job.type, job.payload))
        return finish_job_in(rt, session, job_id, variables or {})


def _timer_failed(rt: Runtime, timer_id: str, error: Exception) -> None:
    with rt.sessions.step() as session:
        instance_id = session.scalar(select(Timer.instance_id).where(Timer.id == timer_id))
        if instance_id is None:
            return  # it was withdrawn meanwhile
        lock_instance(session, instance_id)
        row = session.execute(
            update(Timer)
            .where(Timer.id == timer_id, Timer.state == "armed")
            .values(
                attempts=Timer.attempts + 1,
                state=case((Timer.attempts + 1 >= TIMER_ATTEMPTS, "failed"), else_="armed"),
            )
            .returning(Timer.state, Timer.element_id)
        ).one_or_none()
        if row is not None and row.state == "failed":
            open_incident(session, "timer", timer_id, instance_id, row.element_id, describe(error))


def _start_failed(rt: Runtime, trigger_id: str, error: Exception) -> None:
    """Try again at the next passes; in the end tell it, and go on with the next time of a cycle."""
    with rt.sessions.step() as session:
        row = session.execute(
            select(StartTrigger).where(StartTrigger.id == trigger_id).with_for_update()
        ).scalar_one_or_none()
        if row is None:
            return
        if row.attempts + 1 < TIMER_ATTEMPTS:
            failed = update(StartTrigger).where(StartTrigger.id == trigger_id)
            session.execute(failed.values(attempts=StartTrigger.attempts + 1))
            return
        open_incident(session, "timer", trigger_id, None, row.element_id, describe(error))
        plan_next(rt, session, row)


def _job_failed(rt: Runtime, job_id: str, error: Exception) -> None:
    with rt.sessions.step() as session:
        lock_owner(session, job_id)
        job = session.execute(
            select(Job).where(Job.id == job_id, Job.state == "ready").with_for_update()
        ).scalar_one_or_none()
        if job is None:
            return  # it was withdrawn, held or done meanwhile
        count_failure(session, job, describe(error))
