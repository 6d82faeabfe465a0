"""`/jobs`: service tasks for workers outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.jobs.outside import activate_jobs, complete_job, extend_lock, report_failure, throw_job_error
from web.access import requires
from web.api.operation import operation
from web.api.requests import idempotency
from web.api.schemas import jobs as schemas
from web.api.schemas.base import page_of
from web.extensions import runtime
from web.identity import current_actor

TAG = "jobs"


@operation(
    TAG,
    "POST",
    "/jobs/activate",
    requires("job.work"),
    body=schemas.ActivateBody,
    answer=page_of(schemas.JobSchema),
)
def activate(body: Mapping[str, Any]) -> Any:
    """Take jobs of a type for a while; what is not ended by then may be taken by another worker."""
    jobs = activate_jobs(
        runtime(), body["type"], most=body["max"], timeout_s=body["timeout_s"], worker=body["worker"]
    )
    return {"items": jobs, "next": None}


@operation(
    TAG,
    "POST",
    "/jobs/<job_id>/extend",
    requires("job.work"),
    body=schemas.KeepJobBody,
    answer=schemas.KeptJobSchema,
)
def keep_job(body: Mapping[str, Any], job_id: str) -> Any:
    """Keep an activated job for longer, from now on; 409 once another worker has it."""
    return {"id": job_id, "locked_until": extend_lock(runtime(), job_id, **body)}


@operation(
    TAG,
    "POST",
    "/jobs/<job_id>/complete",
    requires("job.work"),
    body=schemas.EndBody,
    answer=schemas.EndedSchema,
    repeatable=True,
)
def finish_job(body: Mapping[str, Any], job_id: str) -> Any:
    """End a job with its result; where the process cannot go on from it, the job becomes an incident."""
    complete_job(
        runtime(),
        current_actor(),
        job_id,
        body["variables"],
        worker=body.get("worker"),
        lock=body.get("lock"),
        idempotency=idempotency(),
    )
    return {"id": job_id, "state": "done"}


@operation(
    TAG,
    "POST",
    "/jobs/<job_id>/fail",
    requires("job.work"),
    body=schemas.FailBody,
    answer=schemas.FailedSchema,
    repeatable=True,
)
def fail(body: Mapping[str, Any], job_id: str) -> Any:
    """Give a job back as failed: it is tried again, and becomes an incident when no attempt is left."""
    left = report_failure(runtime(), current_actor(), job_id, **body, idempotency=idempotency())
    return {"id": job_id, "retries": left}


@operation(
    TAG,
    "POST",
    "/jobs/<job_id>/error",
    requires("job.work"),
    body=schemas.ErrorBody,
    answer=schemas.EndedSchema,
    repeatable=True,
)
def throw(body: Mapping[str, Any], job_id: str) -> Any:
    """End a job with a BPMN error that the diagram catches; one that nothing catches is an incident."""
    throw_job_error(runtime(), current_actor(), job_id, **body, idempotency=idempotency())
    return {"id": job_id, "state": "done"}
