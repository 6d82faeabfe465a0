"""Quick actions and text modules."""

from __future__ import annotations

from marshmallow import fields, validate

from engine.cases.text_modules import LONGEST, NAMES
from engine.people.quick_actions import HANDS, LONGEST_COMMENT, LONGEST_NAME, MOST_DAYS
from engine.runtime.commands.plan_task import HIGHEST, LOWEST
from web.api.schemas.base import Answer, Body, Instant

_ROLE = {"description": "The role that it is shared with (takes `desk.share`); null: the caller alone."}


class StepsSchema(Body):
    """What a quick action does; what is null is left as it is."""

    comment = fields.String(allow_none=True, load_default=None, validate=validate.Length(1, LONGEST_COMMENT))
    follow_up_days = fields.Integer(
        allow_none=True,
        load_default=None,
        validate=validate.Range(1, MOST_DAYS),
        metadata={"description": "Working days from today."},
    )
    priority = fields.Integer(allow_none=True, load_default=None, validate=validate.Range(LOWEST, HIGHEST))
    hand = fields.String(allow_none=True, load_default=None, validate=validate.OneOf(HANDS))
    username = fields.String(
        allow_none=True, load_default=None, metadata={"description": "To whom, for `assign`."}
    )


class QuickActionBody(Body):
    """A quick action as somebody wants it."""

    name = fields.String(required=True, validate=validate.Length(1, LONGEST_NAME))
    role = fields.String(allow_none=True, load_default=None, metadata=_ROLE)
    steps = fields.Nested(StepsSchema, required=True)


class QuickActionSchema(Answer):
    """A quick action that the caller may apply."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(allow_none=True)
    steps = fields.Nested(StepsSchema, required=True)
    may_change = fields.Boolean(required=True)
    kept_at = Instant(required=True)


class TextModuleBody(Body):
    """A text as somebody wants it."""

    word = fields.String(required=True, validate=validate.Length(1, 42))
    role = fields.String(allow_none=True, load_default=None, metadata=_ROLE)
    text = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST),
        metadata={"description": f"Filled in between `{{{{ }}}}`: {', '.join(NAMES)}."},
    )


class TextModuleSchema(Answer):
    """A text that the caller may insert, as it was written."""

    id = fields.String(required=True)
    word = fields.String(required=True)
    role = fields.String(allow_none=True)
    text = fields.String(required=True)
    may_change = fields.Boolean(required=True)
    kept_at = Instant(required=True)


class KeptSchema(Answer):
    """What was kept."""

    id = fields.String(required=True)
