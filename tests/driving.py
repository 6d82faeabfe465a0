"""Driving a complaint through its tasks by the verbs of the engine, as the demo's people would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from engine.assembly import Redress
from engine.errors import Forbidden
from engine.runtime.commands import claim, complete
from engine.runtime.form_context import task_form
from engine.store.tables.cases import Complaint
from engine.store.tables.runtime import Instance, Task
from tests.filling import fill
from tests.world import actor

PEOPLE = ("agent", "agent2", "handler", "supervisor", "supervisor2", "management", "compliance", "analyst")
MOST_STEPS = 40


def open_tasks(redress: Redress, complaint_no: str) -> list[Task]:
    """Return the open tasks of a complaint, oldest first."""
    with redress.sessions.read() as session:
        found = session.scalars(
            select(Task).where(Task.complaint_no == complaint_no, Task.state == "open").order_by(Task.id)
        )
        return list(found)


def open_tasks_of(redress: Redress, business_key: str) -> list[Task]:
    """Return the open tasks of the instances under a business key, such as a quality file's number."""
    with redress.sessions.read() as session:
        found = select(Task).join(Instance, Instance.id == Task.instance_id)
        found = found.where(Instance.business_key == business_key, Task.state == "open")
        return list(session.scalars(found.order_by(Task.id)))


def elements(redress: Redress, complaint_no: str) -> list[str]:
    """Return the element ids of the open tasks of a complaint, sorted."""
    return sorted(task.element_id for task in open_tasks(redress, complaint_no))


def complaint(redress: Redress, complaint_no: str) -> Complaint:
    """Return the row of a complaint as committed."""
    with redress.sessions.read() as session:
        return session.get_one(Complaint, complaint_no)


def do(redress: Redress, task: Task, by: str | None = None, **wanted: Any) -> str:
    """Claim a task, fill its form (first options; `wanted` overrides) and complete it; return who did."""
    people = (
        (by,)
        if by
        else tuple(
            name for name in PEOPLE if not actor(redress, name).roles.isdisjoint(task.candidate_groups)
        )
    )
    for name in people:
        who = actor(redress, name)
        try:
            claim(redress.runtime, who, task.id)
        except Forbidden:
            if by:
                raise
            continue
        with redress.sessions.read() as session:
            form = task_form(redress.runtime, session, who, task.id, "en")
        complete(redress.runtime, who, task.id, fill(form.schema, form.values, **wanted))
        return name
    raise AssertionError(f"nobody may do {task.name} of {task.candidate_groups}")


def drive(
    redress: Redress,
    complaint_no: str,
    *,
    until: str | None = None,
    answers: Mapping[str, Mapping[str, Any]] | None = None,
    leave: tuple[str, ...] = (),
) -> list[str]:
    """Do task after task until the complaint is archived, or the element `until` is open.

    `answers` gives values by element id (used once each), `leave` names elements not to touch. Returns the
    element ids in the order in which they were done.
    """
    done: list[str] = []
    wanted = {key: dict(value) for key, value in (answers or {}).items()}
    for _ in range(MOST_STEPS):
        tasks = [task for task in open_tasks(redress, complaint_no) if task.element_id not in leave]
        if not tasks or (until is not None and any(task.element_id == until for task in tasks)):
            return done
        task = tasks[0]
        do(redress, task, **wanted.pop(task.element_id, {}))
        done.append(task.element_id)
    raise AssertionError(f"{complaint_no} did not end within {MOST_STEPS} tasks: {done}")
