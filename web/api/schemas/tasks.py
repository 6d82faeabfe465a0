"""Task lists, forms, and doing tasks."""

from __future__ import annotations

from marshmallow import fields, validate

from engine.read.sorting import KEYS, MOST_KEYS
from engine.read.tasks import SORTS
from engine.read.wanted import STATES
from engine.store.ids import new_id
from web.api.schemas.base import Answer, Body, Instant, PageQuery, Values


class TaskQuery(PageQuery):
    """Filters of the task list; all must hold."""

    state = fields.String(
        validate=validate.OneOf(STATES), metadata={"description": "Without it, every state."}
    )
    complaint_no = fields.String()
    instance_id = fields.String()
    assignee = fields.String(metadata={"description": "A user name, or `me`."})
    owner = fields.String(metadata={"description": "Who lent it: a user name, or `me`."})
    borrowed = fields.Boolean(metadata={"description": "Only those that somebody lent to who has them."})
    group = fields.String(metadata={"description": "A candidate group, or `mine`."})
    process_id = fields.String()
    element_id = fields.String()
    grade = fields.Integer(validate=validate.OneOf([1, 2, 3]))
    category = fields.String()
    channel = fields.String()
    due_before = Instant(metadata={"description": "Only tasks whose limit ends before this."})
    put_off = fields.Boolean(metadata={"description": "Only tasks to look at later, or only the others."})
    text = fields.String(metadata={"description": "Words: of the step's name, the number, the product."})
    sort = fields.String(
        load_default="due",
        metadata={
            "description": f"{', '.join(SORTS)}; or up to {MOST_KEYS} of {', '.join(KEYS)} with commas, "
            "`-` turning one's direction, for lists of at most 2000 tasks."
        },
    )


class TaskSchema(Answer):
    """A task. `due_at` is the earliest of its own, the policy's and the statute's limit (`due_kind`)."""

    id = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "In the language asked for."})
    element_id = fields.String(required=True)
    process_id = fields.String(required=True)
    instance_id = fields.String(required=True)
    complaint_no = fields.String(allow_none=True)
    assignee = fields.String(allow_none=True)
    owner = fields.String(allow_none=True, metadata={"description": "Who delegated it and gets it back."})
    lent_at = Instant(allow_none=True, metadata={"description": "Since when it is lent."})
    lent_until = Instant(allow_none=True, metadata={"description": "Until when, where that was said."})
    candidate_groups = fields.List(fields.String())
    can_claim = fields.Boolean(required=True)
    due_at = Instant(allow_none=True)
    due_kind = fields.String(allow_none=True, validate=validate.OneOf(["own", "policy", "statute"]))
    follow_up_at = Instant(allow_none=True)
    is_overdue = fields.Boolean()
    created_at = Instant()
    ended_at = Instant(allow_none=True)
    completed_by = fields.String(allow_none=True)
    end_reason = fields.String(allow_none=True)
    priority = fields.Integer()
    form_id = fields.String(allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    grade = fields.Integer(allow_none=True)
    category = fields.String(allow_none=True)
    urgent = fields.Boolean(allow_none=True)


class FormSchema(Answer):
    """A form-js schema with its options resolved, and what to fill it with."""

    form_id = fields.String(allow_none=True)
    schema = fields.Dict(required=True)
    values = Values(required=True)
    draft = fields.Nested(
        "DraftSchema",
        allow_none=True,
        metadata={"description": "What `values` continue, where there is one."},
    )


class DraftSchema(Answer):
    """When a half-filled form was kept, and by whom."""

    saved_at = Instant(required=True)
    saved_by = fields.String(required=True)
    revision = fields.String(required=True, metadata={"description": "Another one each time it is kept."})


class DraftQuery(Body):
    """Which draft."""

    revision = fields.String(metadata={"description": "Thrown away is this one alone; left out, whichever."})


class NothingSchema(Answer):
    """Nothing more to say."""


class HolderSchema(Answer):
    """Who has the task by now."""

    id = fields.String(required=True)
    state = fields.String(required=True)
    assignee = fields.String(required=True, allow_none=True)
    owner = fields.String(required=True, allow_none=True)


class PersonBody(Body):
    """To whom, and from whom as far as the caller knows."""

    username = fields.String(required=True, validate=validate.Length(min=1, max=64))
    held_by = fields.String(
        allow_none=True,
        metadata={
            "description": "Who had the task when it was read, null for nobody; 409 where it went on since."
        },
    )


class LoanBody(PersonBody):
    """To whom, and until when."""

    until = Instant(
        allow_none=True,
        load_default=None,
        metadata={"description": "By when it is to be back; the lender is told once that has passed."},
    )


class CompleteBody(Body):
    """What the form was filled with."""

    variables = fields.Dict(keys=fields.String(), load_default=dict)


class DraftBody(CompleteBody):
    """What the form holds by now, and which draft it goes on from."""

    revision = fields.String(
        allow_none=True,
        metadata={"description": "The draft that this continues, null for none; left out, it replaces any."},
    )
    next_revision = fields.String(
        load_default=new_id,
        validate=validate.Length(min=1, max=32),
        metadata={
            "description": "What this one is called, new each time; sent again under the same name where no "
            "answer came. Left out, the server names it."
        },
    )


class CompletedSchema(Answer):
    """The state of the instance after the step."""

    instance_state = fields.String(required=True)
