"""Take back what one just did with a task: claimed it, put it back, gave it away. For a short while only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.errors import Conflict, Refusal
from engine.people.actor import Actor
from engine.runtime.ledger import note_on_instance
from engine.runtime.open_task import OpenTask, give, lock_open_task, refuse_handing_on, refuse_if_moved
from engine.runtime.runtime import Runtime
from engine.store.tables.audit import History

WITHIN = timedelta(minutes=2)
_HANDED = ("task.claimed", "task.released", "task.assigned", "task.delegated", "task.restored")
_LATEST = 20
"""How many handovers of the same step are looked through: an instance has several tasks of one in a loop."""


def undo(rt: Runtime, actor: Actor, task_id: str) -> str:
    """Put a task back to who had it before the actor's last handover, and return that handover's kind.

    History keeps both. Raises NotFound, Conflict (nothing of the actor's to undo, too late, or the task went
    on meanwhile).
    """
    with rt.sessions.step() as session:
        task = lock_open_task(session, task_id, actor)
        refuse_handing_on(task, actor)
        kind, data = _last_handover(session, task, actor)
        assignee, owner = _before(task, kind, data, actor)
        give(session, task.id, assignee=assignee, owner=owner, lent_until=_until(task, data))
        if task.complaint_no is not None and data.get("handler"):
            rt.business.task_given_back(session, task.complaint_no, str(data["handler"]))
        told = {"task": task.id, "undone": kind, "from": task.assignee, "to": assignee}
        note_on_instance(
            session, task.instance_id, actor, [Entry("task.restored", told, task.element_id, task.name)]
        )
        return kind


def _last_handover(session: Session, task: OpenTask, actor: Actor) -> tuple[str, Mapping[str, Any]]:
    rows = session.execute(
        select(History.kind, History.data, History.actor, History.at)
        .where(
            History.stream == task.instance_id,
            History.element_id == task.element_id,
            History.kind.in_(_HANDED),
        )
        .order_by(History.seq.desc())
        .limit(_LATEST)
    )
    for row in rows:
        data = orjson.loads(row.data)
        if data.get("task") != task.id:
            continue
        if row.actor != actor.username or row.kind == "task.restored":
            break
        if row.at < clock.now() - WITHIN:
            raise Conflict(
                Refusal(
                    "what was done with the task {name} can be undone for {minutes} minutes only; assign or "
                    "put it back instead",
                    name=task.called,
                    minutes=WITHIN.seconds // 60,
                )
            )
        return row.kind, data
    raise Conflict(
        Refusal(
            "there is nothing that you did with the task {name} last, so nothing to undo", name=task.called
        )
    )


def _until(task: OpenTask, data: Mapping[str, Any]) -> datetime | None:
    """Return until when the task is lent again."""
    return task.lent_until or (datetime.fromisoformat(data["until"]) if data.get("until") else None)


def _before(
    task: OpenTask, kind: str, data: Mapping[str, Any], actor: Actor
) -> tuple[str | None, str | None]:
    """Return assignee and owner as they were. Raises Conflict where the task is not as `kind` left it."""
    left = actor.username if kind == "task.claimed" else data.get("to")
    refuse_if_moved(task, left or "")
    if kind == "task.claimed":
        return None, None
    return data.get("from"), data.get("to") if kind == "task.released" else data.get("owner")
