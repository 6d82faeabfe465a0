"""What the gateways of channels send, field by field (docs/channels.md)."""

from __future__ import annotations

from datetime import UTC

from marshmallow import RAISE, Schema, fields, validate

from engine.cases.incoming.texts import DELIVERED, FAILED
from web.call_spans import MOST_SPANS, CallFigures

MOST_TURNS = 2_000
_ID = validate.Regexp(r"[\x21-\x7e]{1,64}\Z", error="takes 1 to 64 printable characters without spaces")
_SECONDS = validate.Range(min=0, max=24 * 3600)


class _Sent(Schema):
    class Meta:
        unknown = RAISE


def _instant() -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", default_timezone=UTC, required=True)


class ReceiptSchema(_Sent):
    """What became of a text message of ours."""

    id = fields.String(required=True, validate=_ID)
    status = fields.String(required=True, validate=validate.OneOf([DELIVERED, FAILED]))
    code = fields.String(validate=validate.Length(max=16), load_default="")


class TextSchema(_Sent):
    """A text message of a customer."""

    id = fields.String(required=True, validate=_ID)
    at = _instant()
    sender = fields.String(required=True, data_key="from", validate=validate.Length(min=3, max=40))
    text = fields.String(required=True, validate=validate.Length(max=20_000))


class TurnSchema(_Sent):
    """One thing that was said in a chat."""

    at = _instant()
    side = fields.String(required=True, data_key="from", validate=validate.OneOf(["customer", "agent"]))
    text = fields.String(required=True, validate=validate.Length(max=20_000))


class CustomerSchema(_Sent):
    """What the chat knows of the customer."""

    name = fields.String(validate=validate.Length(max=100))
    phone = fields.String(validate=validate.Length(max=40))
    email = fields.String(validate=validate.Length(max=200))


class ChatSchema(_Sent):
    """A chat that has ended."""

    id = fields.String(required=True, validate=_ID)
    began_at = _instant()
    ended_at = _instant()
    complaint = fields.Boolean(load_default=False)
    customer = fields.Nested(CustomerSchema, load_default=dict)
    turns = fields.List(
        fields.Nested(TurnSchema), required=True, validate=validate.Length(min=1, max=MOST_TURNS)
    )


class CallSchema(_Sent):
    """A call of the hotline."""

    id = fields.String(required=True, validate=_ID)
    at = _instant()
    answered = fields.Boolean(required=True)
    wait_s = fields.Integer(required=True, validate=_SECONDS)
    is_complaint = fields.Boolean(load_default=False, data_key="complaint")
    complaint_no = fields.String(validate=validate.Length(max=24), load_default=None, allow_none=True)
    recording = fields.String(validate=validate.Length(max=200), load_default=None, allow_none=True)


class SpanSchema(CallFigures, _Sent):
    """How calls were answered within a span."""

    begins_at = _instant()
    ends_at = _instant()


class FiguresSchema(_Sent):
    """The figures of several spans."""

    spans = fields.List(
        fields.Nested(SpanSchema), required=True, validate=validate.Length(min=1, max=MOST_SPANS)
    )
