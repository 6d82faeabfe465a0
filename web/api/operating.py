"""What operators do with running processes, each with a reason: instances, timers, incidents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from marshmallow import Schema

from engine.read.migrations import migration as one
from engine.read.migrations import migration_list
from engine.read.operations import incident_list
from engine.runtime.commands import (
    cancel_instance,
    migrate_instance,
    move_token,
    preview_migration,
    preview_migration_of_all,
    reschedule_timer,
    resolve_incident,
    resume_instance,
    retry_incident,
    retry_incidents,
    set_variables,
    start_migration,
    stop_migration,
    suspend_instance,
)
from web.access import requires
from web.api.operation import operation
from web.api.requests import idempotency
from web.api.schemas import operating as schemas
from web.api.schemas.base import PageQuery, page_of
from web.extensions import db, runtime
from web.identity import current_actor

TAG = "operating"
OPERATORS = requires("instance.operate")
_View = TypeVar("_View", bound=Callable[..., Any])


def _without_reason(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "reason"}


def _afterwards(migration_id: str) -> dict[str, Any]:
    """Read what a verb left: the request's own session still sees what was before it."""
    with runtime().sessions.read() as session:
        return one(session, migration_id)


def _of_instance(
    verb: str, *, body: type[Schema] = schemas.OperatorBody, answer: type[Schema] = schemas.OperatedSchema
) -> Callable[[_View], _View]:
    """Declare what an operator does with an instance; repeated under its key it is done once."""
    rule = f"/instances/<instance_id>/{verb}"
    return operation(TAG, "POST", rule, OPERATORS, body=body, answer=answer, repeatable=True)


def _done(command: Callable[..., str], instance_id: str, body: Mapping[str, Any]) -> dict[str, str]:
    """Carry out a command that gives the state of the instance."""
    return {"state": command(runtime(), current_actor(), instance_id, **body, idempotency=idempotency())}


@_of_instance("suspend")
def suspend(body: Mapping[str, Any], instance_id: str) -> Any:
    """Let an instance stand still: no task is completed, no timer fires, jobs are held, messages pass by."""
    return _done(suspend_instance, instance_id, body)


@_of_instance("resume")
def resume(body: Mapping[str, Any], instance_id: str) -> Any:
    """Let a suspended instance go on; what fell due meanwhile happens once, in order."""
    return _done(resume_instance, instance_id, body)


@_of_instance("cancel")
def cancel(body: Mapping[str, Any], instance_id: str) -> Any:
    """End an instance; everything that it waits for is withdrawn."""
    return _done(cancel_instance, instance_id, body)


@_of_instance("move", body=schemas.MoveBody)
def move(body: Mapping[str, Any], instance_id: str) -> Any:
    """Take a token away where it waits and begin at another element of its scope."""
    return _done(move_token, instance_id, body)


@_of_instance("variables", body=schemas.VariablesBody, answer=schemas.VariablesSchema)
def change_variables(body: Mapping[str, Any], instance_id: str) -> Any:
    """Set variables that forms, mappings or results declare; personal ones are refused."""
    given = {("values" if name == "variables" else name): value for name, value in body.items()}
    return set_variables(runtime(), current_actor(), instance_id, **given, idempotency=idempotency())


@_of_instance("migrate", body=schemas.MigrateBody, answer=schemas.MigratedSchema)
def migrate(body: Mapping[str, Any], instance_id: str) -> Any:
    """Bring an instance to another version of its process; 409 tells everything that does not fit."""
    return migrate_instance(runtime(), current_actor(), instance_id, **body, idempotency=idempotency())


@operation(
    TAG,
    "POST",
    "/instances/<instance_id>/migrate/preview",
    OPERATORS,
    body=schemas.PreviewBody,
    answer=schemas.OutlookSchema,
)
def preview(body: Mapping[str, Any], instance_id: str) -> Any:
    """Tell what a migration would do to each token, timer, task, subscription, form and variable."""
    found = preview_migration(runtime(), current_actor(), instance_id, **_without_reason(body))
    return {**vars(found), "can_migrate": not found.problems}


@operation(
    TAG,
    "POST",
    "/migrations/preview",
    OPERATORS,
    body=schemas.PreviewAllBody,
    answer=schemas.OutlookOfAllSchema,
    errors=(404, 409),
)
def preview_all(body: Mapping[str, Any]) -> Any:
    """Tell how many instances of a process would be migrated, and what of the oldest does not fit."""
    return preview_migration_of_all(runtime(), current_actor(), **_without_reason(body))


@operation(
    TAG,
    "POST",
    "/migrations",
    OPERATORS,
    body=schemas.MigrateAllBody,
    answer=schemas.MigrationSchema,
    status=201,
    repeatable=True,
    errors=(404, 409),
)
def migrate_all(body: Mapping[str, Any]) -> Any:
    """Begin to migrate every running instance of a process; the worker carries it out."""
    made = start_migration(runtime(), current_actor(), **body, idempotency=idempotency())
    return _afterwards(made)


@operation(
    TAG,
    "GET",
    "/migrations",
    requires("operation.read"),
    query=PageQuery,
    answer=page_of(schemas.MigrationSchema),
)
def migration_page(query: Mapping[str, Any]) -> Any:
    """List the migrations of all instances of a process, the newest first."""
    found = migration_list(db.session(), **query)
    return {"items": found.items, "next": found.next}


@operation(
    TAG,
    "GET",
    "/migrations/<migration_id>",
    requires("operation.read"),
    answer=schemas.MigrationDetailSchema,
)
def one_migration(migration_id: str) -> Any:
    """Tell how far a migration is, and which instances it could not migrate."""
    return one(db.session(), migration_id)


@operation(
    TAG,
    "POST",
    "/migrations/<migration_id>/stop",
    OPERATORS,
    answer=schemas.MigrationSchema,
)
def stop(migration_id: str) -> Any:
    """Migrate no further instance; those that were migrated stay."""
    stop_migration(runtime(), current_actor(), migration_id)
    return _afterwards(migration_id)


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
    found = incident_list(db.session(), current_actor(), **query)
    return {"items": found.items, "next": found.next}


def _of_incident(verb: str) -> Callable[[_View], _View]:
    """Declare how an operator ends an incident; repeated under its key it is done once."""
    rule, body, answer = f"/incidents/<incident_id>/{verb}", schemas.WhyBody, schemas.RetriedSchema
    return operation(TAG, "POST", rule, OPERATORS, body=body, answer=answer, repeatable=True)


@_of_incident("retry")
def retry(body: Mapping[str, Any], incident_id: str) -> Any:
    """Resolve an incident and let its timer or job be tried again at once."""
    return retry_incident(runtime(), current_actor(), incident_id, **body, idempotency=idempotency())


@_of_incident("resolve")
def resolve(body: Mapping[str, Any], incident_id: str) -> Any:
    """Close an incident with a reason; its timer or job stays as it failed, and is not tried again."""
    return resolve_incident(runtime(), current_actor(), incident_id, **body, idempotency=idempotency())


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
