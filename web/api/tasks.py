"""`/tasks`: lists, forms, and doing tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from engine import read
from engine.runtime.commands import assign, claim, complete, delegate, drop_draft, keep_draft, release
from engine.runtime.drafts import Continued
from engine.runtime.form_context import task_form
from engine.store.tables.runtime import Task
from web.access import requires
from web.api.operation import operation
from web.api.requests import idempotency, shown_holder
from web.api.schemas import tasks as schemas
from web.api.schemas.base import page_of
from web.casefile import note_reveal
from web.extensions import db, runtime
from web.identity import current_actor
from web.language import current_language, label_of

TAG = "tasks"


@operation(
    TAG,
    "GET",
    "/tasks",
    requires("task.read"),
    query=schemas.TaskQuery,
    answer=page_of(schemas.TaskSchema),
)
def task_page(query: Mapping[str, Any]) -> Any:
    """List tasks that the caller may see: open ones with the soonest limit first, others the newest first."""
    found = read.task_list(db.session(), current_actor(), **{"state": None, **query})
    return {"items": [_named(row) for row in found.items], "next": found.next}


@operation(TAG, "GET", "/tasks/<task_id>", requires("task.read"), answer=schemas.TaskSchema)
def one_task(task_id: str) -> Any:
    """Give one task."""
    return _named(read.task(db.session(), current_actor(), task_id))


@operation(TAG, "GET", "/tasks/<task_id>/form", requires("task.read"), answer=schemas.FormSchema)
def form(task_id: str) -> Any:
    """Give the form of a task: its schema, and what to fill it with."""
    actor = current_actor()
    found = task_form(runtime(), db.session(), actor, task_id, current_language())
    if found.shows_personal and found.complaint_no is not None:
        note_reveal(actor, found.complaint_no, "handling", task_id=task_id)
    return found


@operation(
    TAG,
    "PUT",
    "/tasks/<task_id>/draft",
    requires("task.work"),
    body=schemas.DraftBody,
    answer=schemas.DraftSchema,
)
def keep(body: Mapping[str, Any], task_id: str) -> Any:
    """Keep what the form of one's task holds by now; `GET .../form` opens with it.

    409 where `revision` is not the one kept by now: somebody else, or another window, was faster.
    """
    continued = Continued(body.get("revision"), body["next_revision"], takes_any="revision" not in body)
    return keep_draft(runtime(), current_actor(), task_id, body["variables"], continued)


@operation(
    TAG,
    "DELETE",
    "/tasks/<task_id>/draft",
    requires("task.work"),
    query=schemas.DraftQuery,
    answer=schemas.NothingSchema,
    status=204,
)
def throw_away(query: Mapping[str, Any], task_id: str) -> Any:
    """Throw the draft away; the form opens as it did at first."""
    drop_draft(runtime(), current_actor(), task_id, revision=query.get("revision"))
    return {}


@operation(TAG, "POST", "/tasks/<task_id>/claim", requires("task.work"), answer=schemas.HolderSchema)
def take(task_id: str) -> Any:
    """Take a task of one's group."""
    claim(runtime(), current_actor(), task_id)
    return _holder(task_id)


@operation(TAG, "POST", "/tasks/<task_id>/release", requires("task.work"), answer=schemas.HolderSchema)
def put_back(task_id: str) -> Any:
    """Put a task back to its group, or to who delegated it."""
    release(runtime(), current_actor(), task_id)
    return _holder(task_id)


@operation(
    TAG,
    "POST",
    "/tasks/<task_id>/assign",
    requires("task.work"),
    body=schemas.PersonBody,
    answer=schemas.HolderSchema,
)
def give(body: Mapping[str, Any], task_id: str) -> Any:
    """Give a task to somebody of its groups, for good."""
    assign(runtime(), current_actor(), task_id, body["username"], shown=shown_holder(body, "held_by"))
    return _holder(task_id)


@operation(
    TAG,
    "POST",
    "/tasks/<task_id>/delegate",
    requires("task.work"),
    body=schemas.LoanBody,
    answer=schemas.HolderSchema,
)
def hand_over(body: Mapping[str, Any], task_id: str) -> Any:
    """Give one's task to somebody of its groups, and get it back when they release it."""
    held_by = shown_holder(body, "held_by")
    delegate(runtime(), current_actor(), task_id, body["username"], until=body["until"], shown=held_by)
    return _holder(task_id)


@operation(
    TAG,
    "POST",
    "/tasks/<task_id>/complete",
    requires("task.work"),
    body=schemas.CompleteBody,
    answer=schemas.CompletedSchema,
    repeatable=True,
)
def finish(body: Mapping[str, Any], task_id: str) -> Any:
    """Complete a task with the values of its form."""
    state = complete(runtime(), current_actor(), task_id, body["variables"], idempotency=idempotency())
    return {"instance_state": state}


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"name": label_of(row)}


def _holder(task_id: str) -> dict[str, Any]:
    db.session.rollback()  # what was read before the verb is not what is true now
    query = select(Task.id, Task.state, Task.assignee, Task.owner).where(Task.id == task_id)
    return dict(db.session.execute(query).one()._mapping)
