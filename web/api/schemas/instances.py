"""Instances and their trail."""

from __future__ import annotations

from marshmallow import fields, validate

from engine.cases.intake import WholeNumber
from web.api.schemas.base import Answer, Body, Instant, PageQuery, Values

STATES = ("active", "completed", "cancelled", "suspended")


class StartBody(Body):
    """Which process to start, and with what."""

    process_id = fields.String(required=True, validate=validate.Length(min=1, max=200))
    variables = fields.Dict(keys=fields.String(), load_default=dict)
    business_key = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=200))
    version = WholeNumber(allow_none=True, load_default=None, validate=validate.Range(1, 2**31 - 1))


class StartedSchema(Answer):
    """An instance that was started."""

    instance_id = fields.String(required=True)


class InstanceQuery(PageQuery):
    """Filters of the instances."""

    state = fields.String(validate=validate.OneOf(STATES))
    process_id = fields.String()
    business_key = fields.String()


class InstanceSchema(Answer):
    """A run of a process. `version` is that of the process, `revision` counts the steps of the instance."""

    id = fields.String(required=True)
    process_id = fields.String(required=True)
    process_name = fields.String(metadata={"description": "In the language asked for."})
    bundle = fields.String(attribute="bundle_id", required=True)
    business_key = fields.String(allow_none=True)
    complaint_no = fields.String(allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    version = fields.Integer(attribute="definition_version", allow_none=True)
    revision = fields.Integer(attribute="version")
    started_at = Instant(required=True)
    started_by = fields.String()
    ended_at = Instant(allow_none=True)


class OpenTaskSchema(Answer):
    """A task that the instance waits for."""

    id = fields.String(required=True)
    name = fields.String()
    element_id = fields.String()
    assignee = fields.String(allow_none=True)
    due_at = Instant(allow_none=True)
    created_at = Instant()


class TimerSchema(Answer):
    """A timer that waits."""

    id = fields.String(required=True)
    element_id = fields.String(required=True)
    due_at = Instant(required=True)
    state = fields.String(metadata={"description": "armed, held (the instance is suspended) or failed"})


class SubscriptionSchema(Answer):
    """A message or signal that the instance waits for."""

    id = fields.String(required=True)
    element_id = fields.String()
    kind = fields.String()
    name = fields.String()
    correlation_key = fields.String()


class IncidentSchema(Answer):
    """A step that failed where nobody was there to be told."""

    id = fields.String(required=True)
    kind = fields.String()
    element_id = fields.String()
    message = fields.String()
    state = fields.String()
    created_at = Instant()
    resolved_at = Instant(allow_none=True)


class InstanceDetailSchema(InstanceSchema):
    """An instance with its variables and what it waits for."""

    variables = Values(required=True, metadata={"description": "Personal values are hidden."})
    unreadable = fields.String(
        allow_none=True,
        metadata={"description": "Why its state, and so its variables, cannot be read."},
    )
    open_tasks = fields.List(fields.Nested(OpenTaskSchema), required=True)
    timers = fields.List(fields.Nested(TimerSchema), required=True)
    subscriptions = fields.List(fields.Nested(SubscriptionSchema))
    incidents = fields.List(fields.Nested(IncidentSchema), required=True)


class HistorySchema(Answer):
    """Something that happened. `data` is what was hashed: of form values it holds commitments.

    The values themselves are in `values`, as long as they are kept.
    """

    seq = fields.Integer(required=True)
    at = fields.String(required=True, metadata={"format": "date-time"})
    actor = fields.String(required=True)
    kind = fields.String(required=True)
    element_id = fields.String(allow_none=True)
    element_name = fields.String(allow_none=True)
    data = fields.Dict(required=True)
    values = Values()
    hash = fields.String(required=True)
    prev_hash = fields.String(required=True)
