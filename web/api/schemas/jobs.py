"""Service tasks for workers outside."""

from __future__ import annotations

from marshmallow import fields, validate

from engine.cases.intake import WholeNumber
from web.api.schemas.base import Answer, Body, Instant, Values

LONGEST_TIMEOUT_S = 24 * 3600
_WORKER = validate.Length(min=1, max=100)
_LOCK = validate.Length(min=1, max=32)


class ActivateBody(Body):
    """Which jobs to take, how many at most, for how long, and who takes them."""

    type = fields.String(required=True, validate=validate.Length(min=1, max=100))
    max = WholeNumber(load_default=1, validate=validate.Range(1, 200))
    timeout_s = fields.Float(load_default=60, validate=validate.Range(1, LONGEST_TIMEOUT_S))
    worker = fields.String(required=True, validate=_WORKER)


class JobSchema(Answer):
    """A job; its `id` is the stable key towards the outside. `retries` is how many attempts are left."""

    id = fields.String(required=True)
    type = fields.String(required=True)
    instance_id = fields.String(required=True)
    element_id = fields.String()
    complaint_no = fields.String(allow_none=True)
    variables = Values(required=True)
    headers = fields.Dict(keys=fields.String(), values=fields.String())
    retries = fields.Integer(required=True)
    worker = fields.String()
    lock = fields.String(
        metadata={"description": "The key of this activation: send it along to end the job."}
    )
    locked_until = Instant()


class KeepJobBody(Body):
    """For how many seconds from now a worker keeps a job."""

    timeout_s = fields.Float(required=True, validate=validate.Range(1, LONGEST_TIMEOUT_S))
    worker = fields.String(validate=_WORKER)
    lock = fields.String(validate=_LOCK)


class KeptJobSchema(Answer):
    """Until when the job is kept."""

    id = fields.String(required=True)
    locked_until = Instant(required=True)


class EndBody(Body):
    """The result of a job."""

    variables = fields.Dict(keys=fields.String(), load_default=dict)
    worker = fields.String(validate=_WORKER)
    lock = fields.String(validate=_LOCK)


class FailBody(Body):
    """Why a job failed, and whether and when to try again."""

    message = fields.String(required=True, validate=validate.Length(min=1, max=5000))
    retries = WholeNumber(validate=validate.Range(0, 100))
    delay_s = fields.Float(validate=validate.Range(0, LONGEST_TIMEOUT_S))
    worker = fields.String(validate=_WORKER)
    lock = fields.String(validate=_LOCK)


class ErrorBody(Body):
    """A BPMN error for the diagram to catch."""

    code = fields.String(required=True, validate=validate.Length(min=1, max=200))
    message = fields.String(load_default="", validate=validate.Length(max=5000))
    worker = fields.String(validate=_WORKER)
    lock = fields.String(validate=_LOCK)


class EndedSchema(Answer):
    """A job that has ended."""

    id = fields.String(required=True)
    state = fields.String(required=True)


class FailedSchema(Answer):
    """A job given back: how many attempts are left."""

    id = fields.String(required=True)
    retries = fields.Integer(required=True)
