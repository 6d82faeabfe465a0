"""Give a task to somebody: for good (assign), or to get it back (delegate)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from engine.audit import Entry
from engine.errors import Forbidden, InvalidInput, NotFound
from engine.people.acting import load_actor
from engine.people.actor import Actor
from engine.runtime.ledger import note_beside_task
from engine.runtime.notices import Notice, leave_notice
from engine.runtime.open_task import OpenTask, give, lock_open_task, refuse_handing_on, require_candidate
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id


def assign(rt: Runtime, actor: Actor, task_id: str, username: str) -> None:
    """Make `username` the assignee. The actor has the task, or may assign the tasks of others.

    Raises NotFound, Forbidden, Conflict (the task ended), InvalidInput (nobody suitable has that name).
    """
    with rt.sessions.step() as session:
        task = lock_open_task(session, task_id, actor)
        refuse_handing_on(task, actor)
        _require_disposal(task, actor)
        person = _require_suitable(session, task, username)
        give(session, task.id, assignee=username, owner=None)
        took = task.complaint_no is not None and rt.business.task_taken(
            session, task.complaint_no, task.candidate_groups, username
        )
        _note(session, task, actor, "task.assigned", username, {"handler": username} if took else {})
        _tell(rt, session, task, actor, person)


def delegate(rt: Runtime, actor: Actor, task_id: str, username: str) -> None:
    """Hand one's task to `username` and get it back when it is released. Raises as `assign`."""
    with rt.sessions.step() as session:
        task = lock_open_task(session, task_id, actor)
        refuse_handing_on(task, actor)
        if task.assignee not in actor.desks:
            raise Forbidden(f"only who has the task {task.name!r} can delegate it; claim it first")
        person = _require_suitable(session, task, username)
        give(session, task.id, assignee=username, owner=task.owner or task.assignee)
        _note(session, task, actor, "task.delegated", username)
        _tell(rt, session, task, actor, person)


def _require_disposal(task: OpenTask, actor: Actor) -> None:
    if task.assignee not in actor.desks and not actor.may("task.assign"):
        raise Forbidden(f"assigning the task {task.name!r} needs a supervisor")


def _require_suitable(session: Session, task: OpenTask, username: str) -> Actor:
    try:
        person = load_actor(session, username)
    except NotFound as error:
        raise InvalidInput(str(error), {"username": [str(error)]}) from error
    require_candidate(session, replace(task, assignee=None), person)
    return person


def _note(
    session: Session, task: OpenTask, actor: Actor, kind: str, to: str, more: Mapping[str, str] | None = None
) -> None:
    data = {"task": task.id, "from": task.assignee, "to": to, "owner": task.owner, **(more or {})}
    note_beside_task(session, task, actor, [Entry(kind, data, task.element_id, task.name)])


def _tell(rt: Runtime, session: Session, task: OpenTask, actor: Actor, person: Actor) -> None:
    """Tell whom a task was given to; each time anew, as it may come back to them."""
    if person.id != actor.id:
        leave_notice(rt, session, [person.id], Notice("assigned", new_id(), task.complaint_no, task.id))
