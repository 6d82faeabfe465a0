"""When to look at a task again, and how much it presses: a person's order of work; limits stay."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from engine.audit import Entry
from engine.errors import Forbidden, InvalidInput, Refusal
from engine.people.actor import Actor
from engine.runtime.ledger import note_on_instance
from engine.runtime.open_task import OpenTask, lock_open_task, may_work_on, refuse_handing_on
from engine.runtime.runtime import Runtime
from engine.store.tables.runtime import Task

LOWEST, HIGHEST = 0, 100


def set_follow_up(rt: Runtime, actor: Actor, task_id: str, at: datetime | None) -> None:
    """Put a task off until `at` (aware), or back among the others with None; its limits stay.

    Raises NotFound, Conflict (the task ended), Forbidden (neither the actor's nor theirs to assign).
    """
    with rt.sessions.step() as session:
        follow_up_within(session, actor, task_id, at)


def follow_up_within(session: Session, actor: Actor, task_id: str, at: datetime | None) -> None:
    """As `set_follow_up`, within the caller's step."""
    task = lock_open_task(session, task_id, actor)
    refuse_handing_on(task, actor)
    _require_say(task, actor)
    session.execute(update(Task).where(Task.id == task.id).values(follow_up_at=at))
    entry = Entry("task.rescheduled", {"task": task.id, "to": at}, task.element_id, task.name)
    note_on_instance(session, task.instance_id, actor, [entry])


def set_priority(rt: Runtime, actor: Actor, task_id: str, priority: int) -> None:
    """Give a task a priority from 0 to 100 (50 is usual). Raises as `set_follow_up`, and InvalidInput."""
    with rt.sessions.step() as session:
        priority_within(session, actor, task_id, priority)


def priority_within(session: Session, actor: Actor, task_id: str, priority: int) -> None:
    """As `set_priority`, within the caller's step."""
    if not LOWEST <= priority <= HIGHEST:
        message = f"takes a number from {LOWEST} to {HIGHEST}"
        raise InvalidInput(f"the priority {message}", {"priority": [message]})
    task = lock_open_task(session, task_id, actor)
    refuse_handing_on(task, actor)
    _require_say(task, actor)
    session.execute(update(Task).where(Task.id == task.id).values(priority=priority))
    entry = Entry("task.prioritised", {"task": task.id, "to": priority}, task.element_id, task.name)
    note_on_instance(session, task.instance_id, actor, [entry])


def _require_say(task: OpenTask, actor: Actor) -> None:
    if not may_work_on(task, actor) and not actor.may("task.assign"):
        raise Forbidden(
            Refusal("planning the task {name} is up to who has it, or to a supervisor", name=task.called)
        )
