"""Naming somebody else for a part in a file: who left, is ill, or should not have had it (R49)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.audit import Entry
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.acting import load_actor
from engine.people.actor import Actor
from engine.quality.accountability.opening import NOTICE, OPEN
from engine.quality.accountability.parties import ROLES, conflicts
from engine.quality.files import BoundFile
from engine.quality.kinds import ACCOUNTABILITY
from engine.quality.reading import one_file
from engine.runtime.advance import open_step
from engine.runtime.notices import Notice, leave_notice
from engine.runtime.open_task import OpenTask, give, lock_open_task, require_candidate
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.runtime import Task


def replace_party(rt: Runtime, actor: Actor, no: str, role: str, username: str) -> None:
    """Let `username` be investigator, decider, co_decider or appeal_decider of an open file from now on; a
    task that waits for who it was is theirs. Independence is judged as at the beginning.

    Raises Forbidden, NotFound, Conflict (closed, or not assessed yet), InvalidInput by field.
    """
    actor.require(OPEN)
    if role not in ROLES:
        message = f"takes one of {', '.join(ROLES)}"
        raise InvalidInput(f"role {message}", {"role": [message]})
    with rt.sessions.step() as session:
        row = one_file(session, actor, no, ACCOUNTABILITY)
        before = row["facts"].get(role)
        if row["closed_at"] is not None or not before:
            raise Conflict(f"nobody is {role} of {no}: it is closed, or was not assessed so")
        named = {each: str(row["facts"].get(each) or "") for each in ROLES} | {role: username}
        errors = conflicts(session, actor, row["complaint_no"], str(row["owner"] or ""), named)
        if why := errors.get(role):
            raise InvalidInput("this person cannot have that part", {"username": why})
        person = _person(session, username)
        for task in _waiting(session, actor, row["instance_id"], before):
            require_candidate(session, replace(task, assignee=username), person)
            give(session, task.id, assignee=username, owner=None)
        with open_step(rt, session, row["instance_id"], actor) as step:
            assert isinstance(step.case, BoundFile)
            step.case.know(**{role: username})
            step.note(Entry("party.replaced", {"no": no, "role": role, "from": before, "to": username}))
        leave_notice(rt, session, [person.id], Notice(NOTICE, new_id()))


def _person(session: Session, username: str) -> Actor:
    try:
        return load_actor(session, username)
    except NotFound as error:
        message = "choose somebody"
        raise InvalidInput("this person cannot have that part", {"username": [message]}) from error


def _waiting(session: Session, actor: Actor, instance_id: str, username: str) -> list[OpenTask]:
    found = select(Task.id).where(
        Task.instance_id == instance_id, Task.assignee == username, Task.state == "open"
    )
    ids = session.scalars(found.order_by(Task.id)).all()
    return [lock_open_task(session, task_id, actor) for task_id in ids]
