"""Claim a task for oneself, or put it back."""

from __future__ import annotations

from typing import Any

from engine.audit import Entry
from engine.errors import Conflict, Forbidden
from engine.people.actor import Actor
from engine.runtime.ledger import note_beside_task
from engine.runtime.open_task import give, lock_open_task, refuse_handing_on, require_candidate
from engine.runtime.runtime import Runtime


def claim(rt: Runtime, actor: Actor, task_id: str) -> None:
    """Make the actor the assignee; claiming one's own task again changes nothing.

    Raises NotFound, Forbidden (not in a candidate group, or four eyes), Conflict (somebody else has it).
    """
    with rt.sessions.step() as session:
        task = lock_open_task(session, task_id, actor)
        if task.assignee == actor.username:
            return
        require_candidate(session, task, actor)
        if task.assignee is not None:
            raise Conflict(f"{task.assignee} has taken the task {task.name!r} already")
        give(session, task.id, assignee=actor.username, owner=task.owner)
        data: dict[str, Any] = {"task": task.id}
        if task.complaint_no is not None and rt.business.task_taken(
            session, task.complaint_no, task.candidate_groups, actor.username
        ):
            data["handler"] = actor.username
        entry = Entry("task.claimed", data, task.element_id, task.name)
        note_beside_task(session, task, actor, [entry])


def release(rt: Runtime, actor: Actor, task_id: str) -> None:
    """Put the task back to its candidate groups, or to who delegated it.

    Raises NotFound, Conflict (nobody has it, or it has no group to go back to), Forbidden (it is another's).
    """
    with rt.sessions.step() as session:
        task = lock_open_task(session, task_id, actor)
        refuse_handing_on(task, actor)
        if task.assignee is None:
            raise Conflict(f"nobody has taken the task {task.name!r}")
        if task.assignee not in actor.desks and not actor.may("task.assign"):
            raise Forbidden(f"the task {task.name!r} is {task.assignee}'s")
        if task.owner is None and not task.candidate_groups:
            raise Conflict(f"the task {task.name!r} is open to no group; assign it to somebody else instead")
        give(session, task.id, assignee=task.owner, owner=None)
        entry = Entry(
            "task.released",
            {"task": task.id, "from": task.assignee, "to": task.owner},
            task.element_id,
            task.name,
        )
        note_beside_task(session, task, actor, [entry])
