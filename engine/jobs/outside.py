"""Jobs for workers outside: a service task of a type that is not our own waits until one of them ends it.

A worker takes jobs for a while; what it does not end by then may be taken by another. So work is done at
least once, under the job's id as the stable key. Each taking has a key of its own, the lock: who shows it is
told when another has taken the job meanwhile, also under the same worker's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import Conflict, InvalidInput, NotFound, StepFailed
from engine.jobs.failure import count_failure, describe, end_in_incident
from engine.jobs.handlers import HANDLERS
from engine.people.actor import Actor
from engine.privacy.finding import mask_text
from engine.runtime.commands.finish_job import fail_job_in, finish_job_in, lock_job
from engine.runtime.once import Once, recall, remember
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.jobs import Job

LONGEST_MESSAGE = 1_000


def activate_jobs(
    rt: Runtime, job_type: str, *, most: int, timeout_s: float, worker: str
) -> list[dict[str, Any]]:
    """Give `worker` up to `most` ready jobs of a type for `timeout_s` seconds, the oldest first.

    Raises InvalidInput for a type that Redress carries out itself.
    """
    if job_type in HANDLERS:
        message = f"jobs of type {job_type!r} are carried out by Redress itself"
        raise InvalidInput(message, {"type": [message]})
    with rt.sessions.step() as session:
        now = clock.now()
        until = now + timedelta(seconds=timeout_s)
        query = (
            select(Job)
            .where(
                Job.type == job_type,
                Job.state == "ready",
                Job.run_at <= now,
                Job.instance_id.is_not(None),
                Job.token.is_not(None),
            )
            .order_by(Job.run_at, Job.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        jobs = session.scalars(query).all()
        lock = new_id()
        taken = update(Job).where(Job.id.in_([job.id for job in jobs]))
        session.execute(taken.values(_until(until) | {"locked_by": worker, "lock_key": lock}))
        return [_view(job) | {"worker": worker, "lock": lock, "locked_until": until} for job in jobs]


def extend_lock(
    rt: Runtime,
    job_id: str,
    *,
    timeout_s: float,
    worker: str | None = None,
    lock: str | None = None,
) -> datetime:
    """Let the worker keep a job for `timeout_s` seconds from now; return until when.

    Raises NotFound, Conflict (ended already, or another worker has it).
    """
    with rt.sessions.step() as session:
        _lock(session, job_id, worker, lock)
        until = clock.now() + timedelta(seconds=timeout_s)
        session.execute(update(Job).where(Job.id == job_id).values(_until(until)))
        return until


def complete_job(
    rt: Runtime,
    actor: Actor,
    job_id: str,
    variables: Mapping[str, Any],
    *,
    worker: str | None = None,
    lock: str | None = None,
    idempotency: Once | None = None,
) -> None:
    """End a job with a result.

    Raises NotFound, Conflict (ended already, or another worker has it), StepFailed when what follows cannot
    run: the job is then an incident, so that no worker does it again and again.
    """
    with (
        _incident_if_it_cannot_go_on(rt, job_id, worker, lock),
        rt.sessions.step() as session,
    ):
        if recall(session, actor, idempotency) is not None:
            return
        _lock(session, job_id, worker, lock)
        finish_job_in(rt, session, job_id, variables, actor=actor)
        remember(session, actor, idempotency, {"state": "done"})


def throw_job_error(
    rt: Runtime,
    actor: Actor,
    job_id: str,
    code: str,
    message: str,
    *,
    worker: str | None = None,
    lock: str | None = None,
    idempotency: Once | None = None,
) -> None:
    """End a job with a BPMN error that the diagram catches; one that nothing catches is an incident.

    Raises as `complete_job`.
    """
    with (
        _incident_if_it_cannot_go_on(rt, job_id, worker, lock),
        rt.sessions.step() as session,
    ):
        if recall(session, actor, idempotency) is not None:
            return
        _lock(session, job_id, worker, lock)
        fail_job_in(rt, session, job_id, code, mask_text(message), actor=actor)
        remember(session, actor, idempotency, {"state": "done"})


def report_failure(
    rt: Runtime,
    actor: Actor,
    job_id: str,
    message: str,
    *,
    worker: str | None = None,
    lock: str | None = None,
    retries: int | None = None,
    delay_s: float | None = None,
    idempotency: Once | None = None,
) -> int:
    """Give a job back as failed and return how many attempts are left; at none an incident is opened.

    `retries` sets how many are left, `delay_s` when the next may begin. Raises as `complete_job`.
    """
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return int(known["retries"])
        job = _lock(session, job_id, worker, lock)
        text = mask_text(message)[:LONGEST_MESSAGE]
        left = count_failure(session, job, text, delay_s=delay_s, retries=retries)
        remember(session, actor, idempotency, {"retries": left})
        return left


@contextmanager
def _incident_if_it_cannot_go_on(
    rt: Runtime, job_id: str, worker: str | None, lock: str | None
) -> Iterator[None]:
    try:
        yield
    except StepFailed as error:
        with rt.sessions.step() as session:
            end_in_incident(session, _lock(session, job_id, worker, lock), describe(error))
        raise


def _until(instant: datetime) -> dict[str, Any]:
    """A job that is locked is ready again only then: no look for ready ones reads it before."""
    return {"locked_until": instant, "run_at": instant}


def _lock(session: Session, job_id: str, worker: str | None, lock: str | None) -> Job:
    job = lock_job(session, job_id)
    if job.instance_id is None or job.type in HANDLERS:
        raise NotFound("there is no such job for outside workers")
    if job.state == "held":
        raise Conflict("the instance of the job is suspended; end the job when it is resumed")
    if job.state != "ready":
        raise Conflict(f"the job has ended already: it is {job.state}")
    if job.locked_by is None or job.locked_until is None:
        raise Conflict("the job is not activated; activate it first")
    if (worker is not None and job.locked_by != worker) or (lock is not None and job.lock_key != lock):
        raise Conflict(f"the worker {job.locked_by!r} has the job by now")
    return job


def _view(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "type": job.type,
        "instance_id": job.instance_id,
        "element_id": job.element_id,
        "complaint_no": job.payload.get("complaint_no"),
        "variables": job.payload.get("variables") or {},
        "headers": job.payload.get("headers") or {},
        "retries": max(0, job.retries - job.attempts),
    }
