"""What operators do with running processes: each with its reason."""

from __future__ import annotations

from marshmallow import fields, validate

from web.api.schemas.base import Answer, Body, Instant, PageQuery
from web.api.schemas.instances import STATES, IncidentSchema

REASON = {"description": "Kept in the trail. Identity numbers, phones and the like in it are masked."}
REVISION = {"description": "What the caller looked at: an instance that has made a step since is refused."}


NAME = validate.Length(min=1, max=200)
NUMBER = validate.Range(1, 2**31 - 1)


class WhyBody(Body):
    """Why."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=2000), metadata=REASON)


class OperatorBody(WhyBody):
    """Why, and optionally what the caller looked at."""

    revision = fields.Integer(validate=NUMBER, metadata=REVISION)


class OperatedSchema(Answer):
    """The state of the instance afterwards."""

    state = fields.String(required=True, validate=validate.OneOf(STATES))


class VariablesBody(OperatorBody):
    """Variables that the models declare, with their new values."""

    variables = fields.Dict(
        keys=fields.String(validate=NAME),
        required=True,
        validate=validate.Length(min=1, max=100),
    )
    element_id = fields.String(
        validate=NAME,
        metadata={"description": "Where a token waits, to write to the scope that it sees."},
    )


class VariablesSchema(OperatedSchema):
    """The names whose values changed."""

    changed = fields.List(fields.String(), required=True)


class RescheduleBody(OperatorBody):
    """When the timer is to fire instead."""

    due_at = Instant(required=True)


class RescheduledSchema(OperatedSchema):
    """A timer with its new instant."""

    id = fields.String(required=True)
    due_at = fields.String(required=True, metadata={"format": "date-time"})


VERSION = {"description": "Of the process; without one, the newest."}
MAPPING = {"description": "Old ids of elements and flows, and what they are called in the other version."}
_ID = fields.String(validate=NAME)


class MoveBody(OperatorBody):
    """Where the token waits, and where it is to begin anew."""

    source = fields.String(data_key="from", required=True, validate=NAME)
    target = fields.String(data_key="to", required=True, validate=NAME)
    token = fields.Integer(
        validate=NUMBER,
        metadata={"description": "Which token, where several wait there."},
    )
    leave = fields.Boolean(
        load_default=False,
        metadata={"description": "Go out of its sub-process, call or multi-instance: they are cancelled."},
    )


class PreviewBody(Body):
    """To which version, and under which names. A preview takes a reason as its migration does."""

    reason = fields.String(
        validate=validate.Length(max=2000),
        metadata={"description": "Taken and not kept: a preview changes nothing."},
    )
    version = fields.Integer(validate=NUMBER, metadata=VERSION)
    mapping = fields.Dict(keys=_ID, values=_ID, load_default=dict, metadata=MAPPING)


class MigrateBody(OperatorBody, PreviewBody):
    """To which version, under which names, and why."""


class MigratedSchema(OperatedSchema):
    """The bundle and version that the instance runs on now."""

    bundle = fields.String(required=True)
    version = fields.Integer(required=True)


class OutlookItemSchema(Answer):
    """What becomes of one thing; `problem` says why the migration cannot be made, `note` what to know."""

    kind = fields.String(
        required=True,
        metadata={
            "description": "token, task, timer, job, message, signal, event, form, variable, "
            "compensation, scope or expression"
        },
    )
    element_id = fields.String(required=True, metadata={"description": "Now; empty for what is new."})
    process_id = fields.String(required=True)
    to = fields.String(required=True, metadata={"description": "In the other version."})
    problem = fields.String(required=True)
    note = fields.String(required=True)


class OutlookSchema(Answer):
    """What a migration would do. `can_migrate` is false where anything has a problem."""

    instance_id = fields.String(required=True)
    revision = fields.Integer(required=True)
    from_bundle = fields.String(required=True)
    bundle = fields.String(required=True)
    version = fields.Integer(required=True)
    can_migrate = fields.Boolean(required=True)
    items = fields.List(fields.Nested(OutlookItemSchema), required=True)


class PreviewAllBody(PreviewBody):
    """Of which process, to which version."""

    process_id = fields.String(required=True, validate=NAME)


class MigrateAllBody(WhyBody, PreviewAllBody):
    """Of which process, to which version, and why."""


class ProblemCountSchema(Answer):
    """Something that does not fit, and in how many of the instances that were looked into."""

    kind = fields.String(required=True)
    element_id = fields.String(required=True)
    problem = fields.String(required=True)
    instances = fields.Integer(required=True)


class OutlookOfAllSchema(Answer):
    """How many instances there are, how many were looked into, and how many of those fit."""

    process_id = fields.String(required=True)
    bundle = fields.String(required=True)
    version = fields.Integer(required=True)
    instances = fields.Integer(required=True)
    checked = fields.Integer(required=True)
    fit = fields.Integer(required=True)
    problems = fields.List(fields.Nested(ProblemCountSchema), required=True)


class FailureSchema(Answer):
    """An instance that stayed on its version, and why."""

    instance_id = fields.String(required=True)
    message = fields.String(required=True)
    at = Instant(required=True)


class MigrationSchema(Answer):
    """A migration of all instances of a process, and how far it is."""

    id = fields.String(required=True)
    process_id = fields.String(required=True)
    bundle = fields.String(attribute="bundle_id", required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("running", "done", "stopped")))
    reason = fields.String(required=True)
    started_by = fields.String(attribute="actor", required=True)
    total = fields.Integer(required=True)
    migrated = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    created_at = Instant(required=True)
    ended_at = Instant(allow_none=True)


class MigrationDetailSchema(MigrationSchema):
    """A migration with the instances that it could not migrate, the first 500."""

    failures = fields.List(fields.Nested(FailureSchema), required=True)


class RetriedSchema(Answer):
    """An incident that was resolved; `retried` is false where nothing is tried again."""

    id = fields.String(required=True)
    state = fields.String(required=True)
    retried = fields.Boolean(required=True)


class IncidentQuery(PageQuery):
    """Filters of the incidents."""

    state = fields.String(load_default="open", validate=validate.OneOf(("open", "resolved")))
    kind = fields.String(validate=validate.OneOf(("timer", "job")))
    process_id = fields.String()
    element_id = fields.String()


class ListedIncidentSchema(IncidentSchema):
    """An incident with the instance that it stopped."""

    instance_id = fields.String(allow_none=True)
    process_id = fields.String(allow_none=True)
    business_key = fields.String(allow_none=True)


class RetryAllBody(WhyBody):
    """Which incidents: what is not given is not asked for."""

    kind = fields.String(validate=validate.OneOf(("timer", "job")))
    process_id = fields.String(validate=NAME)
    element_id = fields.String(validate=NAME)


class RetriedAllSchema(Answer):
    """How many incidents were retried."""

    retried = fields.Integer(required=True)
