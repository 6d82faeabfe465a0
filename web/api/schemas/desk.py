"""Planning, comments, and many tasks at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from engine.runtime.commands.comment import LONGEST
from engine.runtime.commands.in_bulk import MOST
from engine.runtime.commands.plan_task import HIGHEST, LOWEST
from web.api.schemas.base import Answer, Body, Instant

ACTIONS = ("claim", "release", "assign", "follow-up", "quick")


class PlanBody(Body):
    """A person's own order of work; no limit moves."""

    follow_up_at = Instant(allow_none=True)
    priority = fields.Integer(validate=validate.Range(LOWEST, HIGHEST))


class PlanSchema(Answer):
    """How the task is planned by now."""

    id = fields.String(required=True)
    follow_up_at = Instant(allow_none=True)
    priority = fields.Integer(required=True)


class CommentBody(Body):
    """What to say, and documents that were handed in before."""

    text = fields.String(required=True, validate=validate.Length(1, LONGEST))
    documents = fields.List(fields.String(), load_default=list, validate=validate.Length(max=50))


class CommentedSchema(Answer):
    """The comment's id."""

    comment_id = fields.String(required=True)


class CommentSchema(Answer):
    """A comment, personal data in it masked."""

    id = fields.String(required=True)
    task_id = fields.String(allow_none=True)
    actor = fields.String(required=True)
    at = Instant(required=True)
    text = fields.String(required=True)
    mentions = fields.List(fields.String())
    documents = fields.List(fields.String())


class UndoneSchema(Answer):
    """The kind of history that was undone, such as task.claimed."""

    undone = fields.String(required=True)


class BulkBody(Body):
    """Which tasks, and what to do with each."""

    ids = fields.List(fields.String(), required=True, validate=validate.Length(1, MOST))
    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    username = fields.String(metadata={"description": "To whom, for `assign`."})
    quick_action = fields.String(metadata={"description": "The id of the quick action, for `quick`."})
    follow_up_at = Instant(allow_none=True, load_default=None, metadata={"description": "For `follow-up`."})
    held_by = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        load_default=dict,
        validate=validate.Length(max=MOST),
        metadata={
            "description": "For `assign` and `release`: who has each task as it was read, by the task's id, "
            "null for nobody. One that somebody else has by now is refused."
        },
    )

    @validates_schema
    def _whom(self, data: Mapping[str, Any], **_options: Any) -> None:
        if data.get("action") == "assign" and not data.get("username"):
            raise ValidationError("say to whom", "username")
        if data.get("action") == "quick" and not data.get("quick_action"):
            raise ValidationError("say which", "quick_action")


class BulkResult(Answer):
    """What came of one task; `detail` says why it was refused."""

    id = fields.String(required=True)
    done = fields.Boolean(required=True)
    detail = fields.String(required=True, allow_none=True)


class BulkSchema(Answer):
    """What came of each, in the order asked for."""

    results = fields.List(fields.Nested(BulkResult), required=True)
