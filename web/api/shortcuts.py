"""`/quick-actions`, `/text-modules`: kept for oneself or shared with a role, and applied to tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.cases.text_modules import drop_text_module, keep_text_module, text_modules
from engine.people.quick_actions import Steps, drop_quick_action, keep_quick_action, quick_actions
from engine.runtime.commands import apply_quick_action
from web.access import requires
from web.api.operation import operation
from web.api.schemas import shortcuts as schemas
from web.api.schemas.base import page_of
from web.api.schemas.tasks import NothingSchema
from web.extensions import db, redress, runtime
from web.identity import current_actor

TAG = "tasks"


@operation(TAG, "GET", "/quick-actions", requires("task.work"), answer=page_of(schemas.QuickActionSchema))
def quick_action_page() -> Any:
    """List the quick actions that the caller may apply."""
    return {"items": quick_actions(db.session(), current_actor()), "next": None}


@operation(
    TAG,
    "POST",
    "/quick-actions",
    requires("task.work"),
    body=schemas.QuickActionBody,
    answer=schemas.KeptSchema,
    status=201,
)
def keep_quick(body: Mapping[str, Any]) -> Any:
    """Keep a quick action; it gives nobody a right that they do not have."""
    with redress().sessions.step() as session:
        steps = Steps(**body["steps"])
        return {"id": keep_quick_action(session, current_actor(), body["name"], steps, role=body["role"])}


@operation(
    TAG, "DELETE", "/quick-actions/<action_id>", requires("task.work"), answer=NothingSchema, status=204
)
def drop_quick(action_id: str) -> Any:
    """Delete a quick action of one's own or, for who shares, a shared one."""
    with redress().sessions.step() as session:
        drop_quick_action(session, current_actor(), action_id)
    return {}


@operation(
    TAG,
    "POST",
    "/tasks/<task_id>/quick-actions/<action_id>",
    requires("task.work"),
    answer=NothingSchema,
    status=204,
)
def apply_quick(task_id: str, action_id: str) -> Any:
    """Carry out a quick action on a task: all of it or, where a part is refused, nothing."""
    apply_quick_action(runtime(), current_actor(), task_id, action_id)
    return {}


@operation(TAG, "GET", "/text-modules", requires("task.work"), answer=page_of(schemas.TextModuleSchema))
def text_module_page() -> Any:
    """List the texts that the caller may insert, as they were written."""
    return {"items": text_modules(db.session(), current_actor()), "next": None}


@operation(
    TAG,
    "POST",
    "/text-modules",
    requires("task.work"),
    body=schemas.TextModuleBody,
    answer=schemas.KeptSchema,
    status=201,
)
def keep_module(body: Mapping[str, Any]) -> Any:
    """Keep a text; nothing in it may tell who somebody is."""
    with redress().sessions.step() as session:
        kept = keep_text_module(session, current_actor(), body["word"], body["text"], role=body["role"])
    return {"id": kept}


@operation(
    TAG, "DELETE", "/text-modules/<module_id>", requires("task.work"), answer=NothingSchema, status=204
)
def drop_module(module_id: str) -> Any:
    """Delete a text of one's own or, for who shares, a shared one."""
    with redress().sessions.step() as session:
        drop_text_module(session, current_actor(), module_id)
    return {}
