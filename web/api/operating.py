"""What operators do with running processes, each with a reason: instances, timers, incidents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.read.operations import incident_list
from engine.runtime.commands import (
    cancel_instance,
    reschedule_timer,
    resume_instance,
    retry_incident,
    retry_incidents,
    set_variables,
    suspend_instance,
)
from web.access import requires
from web.api.operation import operation
from web.api.requests import idempotency
from web.api.schemas import operating as schemas
from web.api.schemas.base import page_of
from web.extensions import db, runtime
from web.identity import current_actor

TAG = "operating"
OPERATORS = requires("instance.operate")


def _simple(verb: Callable[..., str], instance_id: str, body: Mapping[str, Any]) -> dict[str, str]:
    state = verb(runtime(), current_actor(), instance_id, **body, idempotency=idempotency())
    return {"state": state}


@operation(
    TAG,
    "POST",
    "/instances/<instance_id>/suspend",
    OPERATORS,
    body=schemas.OperatorBody,
    answer=schemas.OperatedSchema,
    repeatable=True,
)
def suspend(body: Mapping[str, Any], instance_id: str) -> Any:
    """Let an instance stand still: no task is completed, no timer fires, jobs are held, messages pass by."""
    return _simple(suspend_instance, instance_id, body)


@operation(
    TAG,
    "POST",
    "/instances/<instance_id>/resume",
    OPERATORS,
    body=schemas.OperatorBody,
    answer=schemas.OperatedSchema,
    repeatable=True,
)
def resume(body: Mapping[str, Any], instance_id: str) -> Any:
    """Let a suspended instance go on; what fell due meanwhile happens once, in order."""
    return _simple(resume_instance, instance_id, body)


@operation(
    TAG,
    "POST",
    "/instances/<instance_id>/cancel",
    OPERATORS,
    body=schemas.OperatorBody,
    answer=schemas.OperatedSchema,
    repeatable=True,
)
def cancel(body: Mapping[str, Any], instance_id: str) -> Any:
    """End an instance; everything that it waits for is withdrawn."""
    return _simple(cancel_instance, instance_id, body)


@operation(
    TAG,
    "POST",
    "/instances/<instance_id>/variables",
    OPERATORS,
    body=schemas.VariablesBody,
    answer=schemas.VariablesSchema,
    repeatable=True,
)
def change_variables(body: Mapping[str, Any], instance_id: str) -> Any:
    """Set variables that forms, mappings or results declare; personal ones are refused."""
    given = {name: value for name, value in body.items() if name not in ("variables", "reason")}
    return set_variables(
        runtime(),
        current_actor(),
        instance_id,
        body["variables"],
        body["reason"],
        **given,
        idempotency=idempotency(),
    )


@operation(
    TAG,
    "PATCH",
    "/timers/<timer_id>",
    OPERATORS,
    body=schemas.RescheduleBody,
    answer=schemas.RescheduledSchema,
    repeatable=True,
)
def reschedule(body: Mapping[str, Any], timer_id: str) -> Any:
    """Let a timer fire at another instant. The policy's limit of a case is refused: extend or regrade it."""
    return reschedule_timer(runtime(), current_actor(), timer_id, **body, idempotency=idempotency())


@operation(
    TAG,
    "GET",
    "/incidents",
    requires("operation.read"),
    query=schemas.IncidentQuery,
    answer=page_of(schemas.ListedIncidentSchema),
)
def incident_page(query: Mapping[str, Any]) -> Any:
    """List incidents, the newest first."""
    found = incident_list(db.session(), **query)
    return {"items": found.items, "next": found.next}


@operation(
    TAG,
    "POST",
    "/incidents/<incident_id>/retry",
    OPERATORS,
    body=schemas.RetryBody,
    answer=schemas.RetriedSchema,
    repeatable=True,
)
def retry(body: Mapping[str, Any], incident_id: str) -> Any:
    """Resolve an incident and let its timer or job be tried again at once."""
    return retry_incident(runtime(), current_actor(), incident_id, body["reason"], idempotency=idempotency())


@operation(
    TAG,
    "POST",
    "/incidents/retry",
    OPERATORS,
    body=schemas.RetryAllBody,
    answer=schemas.RetriedAllSchema,
)
def retry_all(body: Mapping[str, Any]) -> Any:
    """Retry every open incident of a kind: of timers or jobs, of a process, of an element."""
    return {"retried": retry_incidents(runtime(), current_actor(), **body)}
