"""Messages and signals."""

from __future__ import annotations

from marshmallow import fields, validate

from web.api.schemas.base import Answer, Body

_NAME = validate.Length(min=1, max=200)


class SignalBody(Body):
    """A signal to every instance that waits for it."""

    name = fields.String(required=True, validate=_NAME)
    variables = fields.Dict(keys=fields.String(), load_default=dict)


class MessageBody(SignalBody):
    """A message. The same `message_id` acts once; with `ttl_s` it is kept for one that may come."""

    correlation_key = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=200))
    message_id = fields.String(allow_none=True, load_default=None, validate=_NAME)
    ttl_s = fields.Float(allow_none=True, load_default=None, validate=validate.Range(min=0, max=366 * 86400))


class SignalledSchema(Answer):
    """Which instances caught a signal."""

    correlated = fields.List(fields.String(), required=True)
    pending = fields.Boolean(
        required=True,
        metadata={"description": "More than 100 wait: the worker tells them, and they are not listed."},
    )


class CorrelatedSchema(Answer):
    """Which instances caught a message, and whether it is kept."""

    correlated = fields.List(fields.String(), required=True)
    buffered = fields.Boolean(required=True)
