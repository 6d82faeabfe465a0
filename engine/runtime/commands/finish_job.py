"""End a job that a service task waits for: with a result, or with a BPMN error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import Conflict, NotFound
from engine.people.actor import SYSTEM, Actor
from engine.runtime.advance import open_step
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Instance

_JOB, _INSTANCE = table_of(Job), table_of(Instance)
_OF_TASK = (
    select(_INSTANCE.c.id)
    .join_from(_JOB, _INSTANCE, _INSTANCE.c.id == _JOB.c.instance_id)
    .where(_JOB.c.id == bindparam("job"), _JOB.c.token.is_not(None))
    .with_for_update(of=_INSTANCE)
)
_END = (
    update(_JOB)
    .where(_JOB.c.id == bindparam("job"))
    .values(state="done", ended_at=bindparam("now"), locked_by=None, locked_until=None, lock_key=None)
)


def lock_job(session: Session, job_id: str) -> Job:
    """Lock a job, and before it the instance of the task that waits for it. Raises NotFound.

    Every step locks its instance and then its jobs: in another order two would wait for each other.
    """
    session.connection().execute(_OF_TASK, {"job": job_id})
    job = session.scalars(select(Job).where(Job.id == job_id).with_for_update()).one_or_none()
    if job is None:
        raise NotFound(f"there is no job {job_id!r}")
    return job


def finish_job(rt: Runtime, job_id: str, variables: Mapping[str, Any] | None = None) -> bool:
    """Mark the job done and let its service task go on with `variables`; false if it had ended already."""
    with rt.sessions.step() as session:
        return finish_job_in(rt, session, job_id, variables or {})


def finish_job_in(
    rt: Runtime, session: Session, job_id: str, variables: Mapping[str, Any], *, actor: Actor = SYSTEM
) -> bool:
    """As `finish_job`, within the caller's transaction."""
    job = lock_job(session, job_id)
    if job.state != "ready":
        return False
    if job.instance_id is not None and job.token is not None:
        with open_step(rt, session, job.instance_id, actor) as step:
            _end(session, job_id)
            step.workflow.complete_job(job.token, dict(variables))
            step.run()
    else:
        _end(session, job_id)
    return True


def fail_job(rt: Runtime, job_id: str, code: str, message: str) -> bool:
    """End the job with a BPMN error that the diagram may catch. False if the job had ended already."""
    with rt.sessions.step() as session:
        return fail_job_in(rt, session, job_id, code, message)


def fail_job_in(
    rt: Runtime, session: Session, job_id: str, code: str, message: str, *, actor: Actor = SYSTEM
) -> bool:
    """As `fail_job`, within the caller's transaction."""
    job = lock_job(session, job_id)
    if job.state != "ready":
        return False
    if job.instance_id is None or job.token is None:
        raise Conflict("this job belongs to no service task; it cannot throw a BPMN error")
    with open_step(rt, session, job.instance_id, actor) as step:
        _end(session, job_id)
        step.workflow.throw_error(job.token, code, message)
        step.run()
    return True


def _end(session: Session, job_id: str) -> None:
    session.connection().execute(_END, {"job": job_id, "now": clock.now()})
