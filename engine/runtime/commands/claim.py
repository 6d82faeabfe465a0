"""Claim a task for oneself, or put it back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.audit import Entry
from engine.errors import Conflict, Forbidden, Refusal
from engine.people.actor import Actor
from engine.runtime.ledger import note_beside_task
from engine.runtime.notices import tell_of_task
from engine.runtime.open_task import (
    give,
    lock_open_task,
    refuse_handing_on,
    refuse_if_moved,
    require_candidate,
)
from engine.runtime.runtime import Runtime
from engine.store.tables.people import Person


def claim(rt: Runtime, actor: Actor, task_id: str) -> None:
    """Make the actor the assignee; claiming one's own task again changes nothing.

    Raises NotFound, Forbidden (not in a candidate group, or four eyes), Conflict (somebody else has it).
    """
    with rt.sessions.step() as session:
        claim_within(rt, session, actor, task_id)


def claim_within(rt: Runtime, session: Session, actor: Actor, task_id: str) -> None:
    """As `claim`, within the caller's step."""
    task = lock_open_task(session, task_id, actor)
    if task.assignee == actor.username:
        return
    require_candidate(session, task, actor)
    if task.assignee is not None:
        raise Conflict(
            Refusal("{who} has taken the task {name} already", name=task.called, who=task.assignee)
        )
    give(session, task.id, assignee=actor.username, owner=task.owner, lent_until=task.lent_until)
    data: dict[str, Any] = {"task": task.id}
    if task.complaint_no is not None and rt.business.task_taken(
        session, task.complaint_no, task.candidate_groups, actor.username
    ):
        data["handler"] = actor.username
    entry = Entry("task.claimed", data, task.element_id, task.name)
    note_beside_task(session, task, actor, [entry])


def release(rt: Runtime, actor: Actor, task_id: str, *, shown: str | None = None) -> None:
    """Put the task back to its candidate groups, or to who delegated it; who delegated it may take it back.

    The other of the two is told. A half-filled form stays with the task. From a lender who has left it goes
    to its groups. `shown` is who was shown to have it: that it went on meanwhile is not overruled.
    Raises NotFound, Conflict (nobody has it, somebody else than was shown has, or it has no group to go back
    to), Forbidden (it is another's).
    """
    with rt.sessions.step() as session:
        release_within(rt, session, actor, task_id, shown)


def release_within(rt: Runtime, session: Session, actor: Actor, task_id: str, shown: str | None) -> None:
    """As `release`, within the caller's step."""
    task = lock_open_task(session, task_id, actor)
    refuse_handing_on(task, actor)
    if task.assignee is None:
        raise Conflict(Refusal("nobody has taken the task {name}", name=task.called))
    taken_back = task.owner is not None and task.owner in actor.desks
    if not taken_back and task.assignee not in actor.desks and not actor.may("task.assign"):
        raise Forbidden(Refusal("the task {name} is {who}'s", name=task.called, who=task.assignee))
    refuse_if_moved(task, shown)
    back_to = _still_there(session, task.owner)
    if back_to is None and not task.candidate_groups:
        raise Conflict(
            Refusal(
                "the task {name} is open to no group; assign it to somebody else instead",
                name=task.called,
            )
        )
    give(session, task.id, assignee=back_to, owner=None)
    data: dict[str, Any] = {"task": task.id, "from": task.assignee, "to": back_to}
    if task.lent_until is not None:
        data["until"] = task.lent_until
    note_beside_task(session, task, actor, [Entry("task.released", data, task.element_id, task.name)])
    if task.owner is not None:
        tell_of_task(rt, session, actor, "handed-back", back_to, task)
        tell_of_task(rt, session, actor, "taken-back", task.assignee, task)


def _still_there(session: Session, username: str | None) -> str | None:
    """Return who gets a task back; None where nobody lent it, or the lender has left."""
    if username is None:
        return None
    return session.scalar(select(Person.username).where(Person.username == username, Person.active))
