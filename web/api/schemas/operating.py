"""What operators do with running processes: each with its reason."""

from __future__ import annotations

from marshmallow import fields, validate

from web.api.schemas.base import Answer, Body, Instant, PageQuery
from web.api.schemas.instances import STATES, IncidentSchema

REASON = {"description": "Kept in the trail. Identity numbers, phones and the like in it are masked."}
REVISION = {"description": "What the caller looked at: an instance that has made a step since is refused."}


class OperatorBody(Body):
    """Why, and optionally what the caller looked at."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=2000), metadata=REASON)
    revision = fields.Integer(validate=validate.Range(1, 2**31 - 1), metadata=REVISION)


class OperatedSchema(Answer):
    """The state of the instance afterwards."""

    state = fields.String(required=True, validate=validate.OneOf(STATES))


class VariablesBody(OperatorBody):
    """Variables that the models declare, with their new values."""

    variables = fields.Dict(
        keys=fields.String(validate=validate.Length(min=1, max=200)),
        required=True,
        validate=validate.Length(min=1, max=100),
    )
    element_id = fields.String(
        validate=validate.Length(min=1, max=200),
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


class RetryBody(Body):
    """Why."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=2000), metadata=REASON)


class RetriedSchema(Answer):
    """An incident that was resolved; `retried` is false where nothing was left to try again."""

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


class RetryAllBody(RetryBody):
    """Which incidents: what is not given is not asked for."""

    kind = fields.String(validate=validate.OneOf(("timer", "job")))
    process_id = fields.String(validate=validate.Length(min=1, max=200))
    element_id = fields.String(validate=validate.Length(min=1, max=200))


class RetriedAllSchema(Answer):
    """How many incidents were retried."""

    retried = fields.Integer(required=True)
