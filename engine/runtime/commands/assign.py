"""Give a task to somebody: for good (assign), or lent (delegate), to get it back or be told of its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.errors import Forbidden, InvalidInput, NotFound, Refusal
from engine.people.acting import load_actor
from engine.people.actor import Actor
from engine.read.visibility import is_about
from engine.runtime.ledger import note_beside_task
from engine.runtime.notices import forget_loan_over, tell_of_task
from engine.runtime.open_task import (
    OpenTask,
    give,
    lock_open_task,
    refuse_handing_on,
    refuse_if_moved,
    require_candidate,
)
from engine.runtime.runtime import Runtime

LONGEST_LOAN = timedelta(days=366)


def assign(rt: Runtime, actor: Actor, task_id: str, username: str, *, shown: str | None = None) -> None:
    """Make `username` the assignee. The actor has the task, or may assign the tasks of others.

    A task that was lent to the actor stays its owner's: it is not theirs to give away for good. `shown` is
    who was shown to have it, '' for nobody: of two who give it away at once, the later is refused.
    Raises NotFound, Forbidden, Conflict (the task ended, or is not with whom was shown any more),
    InvalidInput (nobody suitable has that name).
    """
    with rt.sessions.step() as session:
        assign_within(rt, session, actor, task_id, username, shown)


def assign_within(
    rt: Runtime, session: Session, actor: Actor, task_id: str, username: str, shown: str | None
) -> None:
    """As `assign`, within the caller's step."""
    task = lock_open_task(session, task_id, actor)
    refuse_handing_on(task, actor)
    _require_disposal(task, actor)
    refuse_if_moved(task, shown)
    person = _require_suitable(session, task, username)
    stays = task.owner not in actor.desks and not actor.may("task.assign")
    owner = _owner(task.owner if stays else None, username)
    give(session, task.id, assignee=username, owner=owner, lent_until=task.lent_until)
    took = task.complaint_no is not None and rt.business.task_taken(
        session, task.complaint_no, task.candidate_groups, username
    )
    _note(session, task, actor, "task.assigned", username, {"handler": username} if took else {})
    tell_of_task(rt, session, actor, "assigned", person, task)


def delegate(
    rt: Runtime,
    actor: Actor,
    task_id: str,
    username: str,
    *,
    until: datetime | None = None,
    shown: str | None = None,
) -> None:
    """Lend one's task to `username`: they hand it back (`release`), or complete it, and its owner is told of
    either. Lent on, it stays its first owner's; given to its owner it is handed back.

    `until` (aware) is what both agree on: once it has passed the owner is told, and nothing else happens, as
    somebody may be in the middle of it. Who lends on what was lent to them gives no later one.
    Raises as `assign`, and InvalidInput where it has passed already or is more than `LONGEST_LOAN` away.
    """
    if until is not None and not clock.now() < until <= clock.now() + LONGEST_LOAN:
        message = "a task is lent until a day to come, at most a year away"
        raise InvalidInput(message, {"until": [message]})
    with rt.sessions.step() as session:
        task = lock_open_task(session, task_id, actor)
        refuse_handing_on(task, actor)
        if task.assignee not in actor.desks:
            raise Forbidden(
                Refusal("only who has the task {name} can delegate it; claim it first", name=task.called)
            )
        refuse_if_moved(task, shown)
        person = _require_suitable(session, task, username)
        owner = _owner(task.owner or task.assignee, username)
        if task.lent_until is not None:
            until = min(until or task.lent_until, task.lent_until)
        give(session, task.id, assignee=username, owner=owner, lent_until=until)
        forget_loan_over(session, task.id)
        _note(session, task, actor, "task.delegated", username, {"until": until} if until and owner else {})
        tell_of_task(rt, session, actor, "assigned", person, task)


def _owner(owner: str | None, username: str) -> str | None:
    """Return who gets the task back from `username`; nobody who has it is its own lender."""
    return None if owner == username else owner


def _require_disposal(task: OpenTask, actor: Actor) -> None:
    if task.assignee not in actor.desks and not actor.may("task.assign"):
        raise Forbidden(Refusal("assigning the task {name} needs a supervisor", name=task.called))


def _require_suitable(session: Session, task: OpenTask, username: str) -> Actor:
    try:
        person = load_actor(session, username)
    except NotFound as error:
        raise InvalidInput(str(error), {"username": [str(error)]}) from error
    if is_about(person, task.complaint_no):
        raise Forbidden(f"the complaint is about {username}: somebody else must do its tasks (Art. 17)")
    require_candidate(session, replace(task, assignee=None), person)
    return person


def _note(
    session: Session, task: OpenTask, actor: Actor, kind: str, to: str, more: Mapping[str, Any] | None = None
) -> None:
    data = {"task": task.id, "from": task.assignee, "to": to, "owner": task.owner, **(more or {})}
    note_beside_task(session, task, actor, [Entry(kind, data, task.element_id, task.name)])
