"""Who may not do a task because they did, asked for or are judged by what it checks (R24).

The lists and the verbs ask the same question here, so that a task that is offered is never refused for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.orm import Session

from engine.read.visibility import COMPLAINT, INSTANCE, TASK
from engine.store.base import table_of
from engine.store.prepared import Prepared
from engine.store.tables.people import Person, PersonRole
from engine.store.tables.quality import QualityFile
from engine.store.tables.runtime import OF_CASE, Instance, Task

STARTER: Final = "@starter"
"""Stands in a task's four eyes for whoever started the instance."""
CASE, OWNER, RAISER = "@case", "@owner", "@raiser"
LARGE: Final = 50
"""Among so many people somebody always had nothing to do with a case."""
_MARKS = (STARTER, CASE, OWNER, RAISER)
_TASK, _INSTANCE = table_of(Task), table_of(Instance)
_FILE = table_of(QualityFile).c


class Checked(NamedTuple):
    """What decides whom a task is not for."""

    id: str
    instance_id: str
    complaint_no: str | None
    four_eyes: Collection[str]


@dataclass(frozen=True, slots=True)
class Bar:
    """Why a task is not for somebody: one of the marks, or `step` with the step that they did themselves."""

    why: str
    step: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def barred(session: Session, username: str, tasks: Iterable[Checked]) -> dict[str, Bar]:
    """Return of each task that is not for this person why, by the task's id."""
    checked = [task for task in tasks if task.four_eyes]
    if not checked:
        return {}
    marked = {mark: [task for task in checked if mark in task.four_eyes] for mark in _MARKS}
    found = {task.id: Bar("step", *step) for task, step in _did(session, username, checked)}
    for mark, those in marked.items():
        if those:
            found |= {task_id: Bar(mark) for task_id in _BY_MARK[mark](session, username, those)}
    return found


def for_nobody(session: Session, tasks: Sequence[tuple[Checked, Collection[str]]]) -> set[str]:
    """Return the ids of the tasks that four eyes keep from everybody active in their groups, given beside."""
    people = _people(session, {group for _, groups in tasks for group in groups})
    left = {
        task.id: (task, groups)
        for task, groups in tasks
        if sum(_in_any(roles, groups) for roles in people.values()) < LARGE
    }
    for username, roles in people.items():
        theirs = [task for task, groups in left.values() if _in_any(roles, groups)]
        kept = barred(session, username, theirs)
        for task in theirs:
            if task.id not in kept:
                left.pop(task.id)
    return set(left)


def _people(session: Session, groups: Collection[str]) -> dict[str, set[str]]:
    """Return who is active in these groups, with those they are in."""
    query = select(Person.username, PersonRole.role).join(PersonRole, PersonRole.person_id == Person.id)
    query = query.where(Person.active, PersonRole.role.in_(sorted(groups)))
    found: dict[str, set[str]] = defaultdict(set)
    for username, role in session.execute(query):
        found[username].add(role)
    return found


def _in_any(roles: Collection[str], groups: Collection[str]) -> bool:
    return not set(roles).isdisjoint(groups)


def _did(
    session: Session, username: str, tasks: list[Checked]
) -> Iterable[tuple[Checked, tuple[str, Mapping[str, str]]]]:
    """Give the tasks that check a step that this person did: in the instance, or anywhere in the case."""
    instances = sorted({task.instance_id for task in tasks})
    cases = sorted({task.complaint_no for task in tasks if task.complaint_no and _looks_further(task)})
    done: dict[tuple[str | None, str], tuple[str, Mapping[str, str]]] = {}
    for row in _done_by(session, username, instances, cases):
        for place in (row.instance_id, row.complaint_no):
            done[place, f"{OF_CASE}{row.element_id}"] = (row.name, row.labels)
        done[row.instance_id, row.element_id] = (row.name, row.labels)
    for task in tasks:
        for place in (task.instance_id, task.complaint_no):
            yield from ((task, done[place, name]) for name in task.four_eyes if (place, name) in done)


def _done_by(session: Session, username: str, instances: list[str], cases: list[str]) -> Iterable[Any]:
    """Return the steps that this person did in any of these instances and cases."""
    if len(instances) == 1 and len(cases) <= 1:  # as a verb asks, of the one task that it is about
        asked = {"who": username, "instance": instances[0], "case": next(iter(cases), None)}
        return (_DONE_IN_CASE if cases else _DONE).all(session, asked)
    where: ColumnElement[bool] = TASK.instance_id.in_(instances)
    if cases:
        where = or_(where, TASK.complaint_no.in_(cases))
    return session.execute(select(*_STEP).where(where, TASK.completed_by == username))


_STEP = (TASK.instance_id, TASK.complaint_no, TASK.element_id, TASK.name, TASK.labels)
_BY_THEM = select(*_STEP).where(TASK.completed_by == bindparam("who"))
_IN_INSTANCE = TASK.instance_id == bindparam("instance")
_DONE = Prepared(_BY_THEM.where(_IN_INSTANCE))
_DONE_IN_CASE = Prepared(_BY_THEM.where(or_(_IN_INSTANCE, TASK.complaint_no == bindparam("case"))))


def _looks_further(task: Checked) -> bool:
    return any(element.startswith(OF_CASE) for element in task.four_eyes)


def _started(session: Session, username: str, tasks: list[Checked]) -> list[str]:
    ids = {task.instance_id for task in tasks}
    query = select(INSTANCE.id).where(INSTANCE.id.in_(sorted(ids)), INSTANCE.started_by == username)
    theirs = set(session.scalars(query))
    return [task.id for task in tasks if task.instance_id in theirs]


def _worked_on_case(session: Session, username: str, tasks: list[Checked]) -> list[str]:
    """Whoever has the complaint, or did a step of its own handling."""
    numbers = sorted({task.complaint_no for task in tasks if task.complaint_no is not None})
    has = select(COMPLAINT.no).where(COMPLAINT.no.in_(numbers), COMPLAINT.handler == username)
    did = select(TASK.complaint_no).select_from(_TASK.join(_INSTANCE, INSTANCE.id == TASK.instance_id))
    did = did.where(
        TASK.complaint_no.in_(numbers),
        INSTANCE.business_key == TASK.complaint_no,
        TASK.completed_by == username,
    )
    theirs = set(session.scalars(has.union(did)))
    return [task.id for task in tasks if task.complaint_no in theirs]


def _of_file(column: Any) -> Any:
    def those(session: Session, username: str, tasks: list[Checked]) -> list[str]:
        ids = sorted({task.instance_id for task in tasks})
        query = select(_FILE.instance_id).where(_FILE.instance_id.in_(ids), column == username)
        theirs = set(session.scalars(query))
        return [task.id for task in tasks if task.instance_id in theirs]

    return those


_BY_MARK: Final[Mapping[str, Any]] = {
    CASE: _worked_on_case,
    OWNER: _of_file(_FILE.owner),
    RAISER: _of_file(_FILE.raiser),
    STARTER: _started,
}
