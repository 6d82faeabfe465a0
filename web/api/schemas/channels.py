"""The channels: roster and figures of the hotline, chats, mailboxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from web.api.schemas.base import Answer, Body, Instant, Query
from web.call_spans import MOST_SPANS, CallFigures


class RosterQuery(Query):
    """The span of the roster."""

    begins_at = Instant()
    ends_at = Instant()

    @validates_schema
    def _in_order(self, data: Mapping[str, Any], **_options: Any) -> None:
        if "begins_at" in data and "ends_at" in data and data["ends_at"] <= data["begins_at"]:
            raise ValidationError({"ends_at": ["takes an instant after the beginning"]})


class SpanSchema(Answer):
    """A span of time."""

    begins_at = Instant(required=True)
    ends_at = Instant(required=True)


class ShiftSchema(SpanSchema):
    """Who answers the hotline from when to when."""

    id = fields.String(required=True)
    person = fields.String(required=True)


class RosterSchema(SpanSchema):
    """The shifts that touch a span, and the gaps between them in which nobody answers."""

    items = fields.List(fields.Nested(ShiftSchema), required=True)
    gaps = fields.List(fields.Nested(SpanSchema), required=True)


class ShiftBody(Body):
    """A shift, in so many weeks on end."""

    person = fields.String(required=True)
    begins_at = Instant(required=True)
    ends_at = Instant(required=True)
    weeks = fields.Integer(load_default=1)


class CallFiguresSchema(Answer):
    """Calls of the last 30 days; `percent` were answered, after `wait_s` seconds on average."""

    offered = fields.Integer(required=True)
    answered = fields.Integer(required=True)
    abandoned = fields.Integer(required=True)
    percent = fields.Integer(required=True, allow_none=True)
    wait_s = fields.Integer(required=True, allow_none=True)


class CallSpanBody(CallFigures, Body):
    """How calls were answered within a span; `wait_s` is that of all answered ones together."""

    begins_at = Instant(required=True)
    ends_at = Instant(required=True)


class CallSpansBody(Body):
    """The figures of several spans."""

    spans = fields.List(
        fields.Nested(CallSpanBody), required=True, validate=validate.Length(min=1, max=MOST_SPANS)
    )


class OpenCallSchema(Answer):
    """A complaint call without a case."""

    id = fields.String(required=True)
    at = Instant(required=True)
    recording = fields.String(allow_none=True)


class OpenCallsSchema(Answer):
    """The oldest first."""

    items = fields.List(fields.Nested(OpenCallSchema), required=True)


class LinkBody(Body):
    """The case that a call became."""

    complaint_no = fields.String(required=True, validate=validate.Length(min=1, max=24))


class ChatSchema(Answer):
    """A chat and how quickly it was answered; null: nobody did."""

    id = fields.String(required=True)
    began_at = Instant(required=True)
    ended_at = Instant(required=True)
    turns = fields.Integer(required=True)
    first_response_s = fields.Integer(allow_none=True)
    longest_gap_s = fields.Integer(allow_none=True)
    complaint_no = fields.String(allow_none=True)
    called_back_at = Instant(allow_none=True)


class ChatFiguresSchema(Answer):
    """Chats of the last 30 days; `half` and `most` are the first response of half and of 95 in 100, in
    seconds; `to_call` of the `unanswered` wait for a call.
    """

    chats = fields.Integer(required=True)
    unanswered = fields.Integer(required=True)
    to_call = fields.Integer(required=True)
    half = fields.Integer(required=True, allow_none=True)
    most = fields.Integer(required=True, allow_none=True)


class ConvertedSchema(Answer):
    """The case that a chat became."""

    complaint_no = fields.String(required=True)


class MailboxSchema(Answer):
    """A mailbox: up to which message it is read, when it was read last, what is wrong with it."""

    name = fields.String(required=True)
    last_uid = fields.Integer(required=True)
    checked_at = Instant(allow_none=True)
    error = fields.String(allow_none=True)


class MailboxCheckSchema(Answer):
    """The check of a day: who was to do it, who did, when, and what there was."""

    day = fields.Date(required=True)
    due_at = Instant(required=True)
    keeper = fields.String(allow_none=True)
    deputy = fields.String(allow_none=True)
    checked_by = fields.String(allow_none=True)
    checked_at = Instant(allow_none=True)
    is_late = fields.Boolean(required=True)
    found = fields.Dict(keys=fields.String(), required=True)


class KeepersBody(Body):
    """Who checks the mailboxes each day, and who stands in: two different agents."""

    keeper = fields.String(required=True)
    deputy = fields.String(required=True)


class MailboxesSchema(Answer):
    """The mailboxes with their daily check; `days_without_check` must be empty."""

    items = fields.List(fields.Nested(MailboxSchema), required=True)
    keeper = fields.String(required=True, allow_none=True)
    deputy = fields.String(required=True, allow_none=True)
    checks = fields.List(fields.Nested(MailboxCheckSchema), required=True)
    days_without_check = fields.List(fields.Date(), required=True)


class ReconciliationSchema(Answer):
    """A mailbox held against the cases: `outcomes` counts what became of messages, `unread` wait to be read,
    `lost` have no row (there must be none; `lost_uids` are the first 200). With an `error` it was away.
    """

    mailbox = fields.String(required=True)
    at = Instant(required=True)
    by = fields.String(required=True)
    messages = fields.Integer(required=True, allow_none=True)
    unread = fields.Integer(required=True, allow_none=True)
    lost = fields.Integer(required=True, allow_none=True)
    lost_uids = fields.List(fields.Integer(), required=True)
    outcomes = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    error = fields.String(required=True, allow_none=True)


class ReconciliationsSchema(Answer):
    """The newest first."""

    items = fields.List(fields.Nested(ReconciliationSchema), required=True)
