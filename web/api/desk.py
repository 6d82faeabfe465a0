"""What people do with tasks beside completing them: planning, comments, taking back, many at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from engine import read
from engine.runtime.commands import (
    add_comment,
    apply_quick_action,
    assign,
    claim,
    in_bulk,
    release,
    set_follow_up,
    set_priority,
    undo,
)
from web.access import requires
from web.api.operation import operation
from web.api.requests import idempotency, shown_holder
from web.api.schemas import desk as schemas
from web.api.schemas.base import page_of
from web.comments import shown_comments
from web.extensions import db, runtime
from web.identity import current_actor
from web.messages import message

TAG = "tasks"


@operation(
    TAG,
    "POST",
    "/tasks/<task_id>/plan",
    requires("task.work"),
    body=schemas.PlanBody,
    answer=schemas.PlanSchema,
)
def plan(body: Mapping[str, Any], task_id: str) -> Any:
    """Set when to look at a task again and its priority; what the body does not name stays. Limits stay."""
    if "follow_up_at" in body:
        set_follow_up(runtime(), current_actor(), task_id, body["follow_up_at"])
    if "priority" in body:
        set_priority(runtime(), current_actor(), task_id, body["priority"])
    db.session.rollback()
    return read.task(db.session(), current_actor(), task_id)


@operation(
    TAG, "GET", "/tasks/<task_id>/comments", requires("task.read"), answer=page_of(schemas.CommentSchema)
)
def comment_page(task_id: str) -> Any:
    """List the comments of the task's instance, the oldest first; what they say of the customer is masked."""
    row = read.task(db.session(), current_actor(), task_id)
    return {"items": shown_comments(db.session(), row["instance_id"], row["complaint_no"]), "next": None}


@operation(
    TAG,
    "POST",
    "/tasks/<task_id>/comments",
    requires("task.work"),
    body=schemas.CommentBody,
    answer=schemas.CommentedSchema,
    status=201,
    repeatable=True,
)
def comment(body: Mapping[str, Any], task_id: str) -> Any:
    """Write a comment; who is named as `@username` gets a notice."""
    made = add_comment(
        runtime(),
        current_actor(),
        task_id,
        body["text"],
        documents=body["documents"],
        idempotency=idempotency(),
    )
    return {"comment_id": made}


@operation(TAG, "POST", "/tasks/<task_id>/undo", requires("task.work"), answer=schemas.UndoneSchema)
def take_back_handover(task_id: str) -> Any:
    """Undo one's own last claim, release, assignment or delegation, within two minutes."""
    return {"undone": undo(runtime(), current_actor(), task_id)}


@operation(
    TAG, "POST", "/tasks/bulk", requires("task.work"), body=schemas.BulkBody, answer=schemas.BulkSchema
)
def many(body: Mapping[str, Any]) -> Any:
    """Do one thing with many tasks, each in a step of its own; the answer tells it of each."""
    results = in_bulk(body["ids"], _verb(body))
    return {"results": [replace(each, detail=each.detail and message(each.detail)) for each in results]}


def _verb(body: Mapping[str, Any]) -> Callable[[str], None]:
    rt, actor, held = runtime(), current_actor(), body["held_by"]
    if body["action"] == "assign":
        whom = body["username"]
        return lambda task_id: assign(rt, actor, task_id, whom, shown=shown_holder(held, task_id))
    if body["action"] == "release":
        return lambda task_id: release(rt, actor, task_id, shown=shown_holder(held, task_id))
    if body["action"] == "quick":
        quick = body["quick_action"]
        return lambda task_id: apply_quick_action(
            rt, actor, task_id, quick, shown=shown_holder(held, task_id)
        )
    if body["action"] == "follow-up":
        return lambda task_id: set_follow_up(rt, actor, task_id, body["follow_up_at"])
    return partial(claim, rt, actor)
