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
    return barred_each(session, {username: tasks})[username]


def barred_each(session: Session, asked: Mapping[str, Iterable[Checked]]) -> dict[str, dict[str, Bar]]:
    """Return the same for several people, each asked about with their own tasks: in no more statements."""
    checked = {username: [task for task in tasks if task.four_eyes] for username, tasks in asked.items()}
    people = sorted(username for username, tasks in checked.items() if tasks)
    every = list({task.id: task for tasks in checked.values() for task in tasks}.values())
    if not every:
        return {username: {} for username in asked}
    did = _did(session, people, every)
    marked = {
        mark: look(session, people, those)
        for mark, look in _BY_MARK.items()
        if (those := [task for task in every if mark in task.four_eyes])
    }
    return {
        username: {task.id: bar for task in tasks if (bar := _bar(username, task, did, marked)) is not None}
        for username, tasks in checked.items()
    }


def _bar(username: str, task: Checked, did: _Done, marked: Mapping[str, Kept]) -> Bar | None:
    """Return what a mark says, else which of the steps that the task checks the person did."""
    for mark in _MARKS[::-1]:
        if mark in task.four_eyes and (username, task.id) in marked[mark]:
            return Bar(mark)
    places = filter(None, (task.instance_id, task.complaint_no))
    keys = ((username, place, name) for place in places for name in task.four_eyes)
    found = [did[key] for key in keys if key in did]
    return Bar("step", *found[-1]) if found else None


def for_nobody(session: Session, tasks: Sequence[tuple[Checked, Collection[str]]]) -> set[str]:
    """Return the ids of the tasks that four eyes keep from everybody active in their groups, given beside."""
    people = _people(session, {group for _, groups in tasks for group in groups})
    left = {
        task.id: (task, groups)
        for task, groups in tasks
        if sum(_in_any(roles, groups) for roles in people.values()) < LARGE
    }
    asked = {
        username: [task for task, groups in left.values() if _in_any(roles, groups)]
        for username, roles in people.items()
    }
    kept = barred_each(session, asked)
    free = {task.id for username, theirs in asked.items() for task in theirs if task.id not in kept[username]}
    return left.keys() - free


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


_Done = Mapping[tuple[str, str, str], tuple[str, Mapping[str, str]]]
"""The steps that were done and their labels: by whom, where (instance or case), as four eyes name it."""


def _did(session: Session, people: Sequence[str], tasks: Sequence[Checked]) -> _Done:
    """Return the steps that these people did, in the instances of the tasks or anywhere in their cases."""
    instances = sorted({task.instance_id for task in tasks})
    cases = sorted({task.complaint_no for task in tasks if task.complaint_no and _looks_further(task)})
    done: dict[tuple[str, str, str], tuple[str, Mapping[str, str]]] = {}
    for row in _done_by(session, people, instances, cases):
        who, step = row.completed_by, (row.name, row.labels)
        for place in filter(None, (row.instance_id, row.complaint_no)):
            done[who, place, f"{OF_CASE}{row.element_id}"] = step
        done[who, row.instance_id, row.element_id] = step
    return done


def _done_by(
    session: Session, people: Sequence[str], instances: list[str], cases: list[str]
) -> Iterable[Any]:
    """Return the steps that these people did in any of these instances and cases."""
    if len(people) == len(instances) == 1 and len(cases) <= 1:  # as a verb asks, of the task that it is about
        asked = {"who": people[0], "instance": instances[0], "case": next(iter(cases), None)}
        return (_DONE_IN_CASE if cases else _DONE).all(session, asked)
    where: ColumnElement[bool] = TASK.instance_id.in_(instances)
    if cases:
        where = or_(where, TASK.complaint_no.in_(cases))
    return session.execute(select(*_STEP).where(where, TASK.completed_by.in_(people)))


_STEP = (
    TASK.instance_id,
    TASK.complaint_no,
    TASK.element_id,
    TASK.name,
    TASK.labels,
    TASK.completed_by,
)
_BY_THEM = select(*_STEP).where(TASK.completed_by == bindparam("who"))
_IN_INSTANCE = TASK.instance_id == bindparam("instance")
_DONE = Prepared(_BY_THEM.where(_IN_INSTANCE))
_DONE_IN_CASE = Prepared(_BY_THEM.where(or_(_IN_INSTANCE, TASK.complaint_no == bindparam("case"))))


def _looks_further(task: Checked) -> bool:
    return any(element.startswith(OF_CASE) for element in task.four_eyes)


Kept = set[tuple[str, str]]
"""Who is kept from which task, by its id."""


def _started(session: Session, people: Sequence[str], tasks: Sequence[Checked]) -> Kept:
    ids = {task.instance_id for task in tasks}
    query = select(INSTANCE.started_by, INSTANCE.id)
    theirs = _pairs(session, query.where(INSTANCE.id.in_(sorted(ids)), INSTANCE.started_by.in_(people)))
    return {(who, task.id) for task in tasks for who in people if (who, task.instance_id) in theirs}


def _worked_on_case(session: Session, people: Sequence[str], tasks: Sequence[Checked]) -> Kept:
    """Whoever has the complaint, or did a step of its own handling."""
    numbers = sorted({task.complaint_no for task in tasks if task.complaint_no is not None})
    has = select(COMPLAINT.handler, COMPLAINT.no)
    has = has.where(COMPLAINT.no.in_(numbers), COMPLAINT.handler.in_(people))
    did = select(TASK.completed_by, TASK.complaint_no)
    did = did.select_from(_TASK.join(_INSTANCE, INSTANCE.id == TASK.instance_id))
    did = did.where(
        TASK.complaint_no.in_(numbers),
        INSTANCE.business_key == TASK.complaint_no,
        TASK.completed_by.in_(people),
    )
    theirs = _pairs(session, has.union(did))
    return {(who, task.id) for task in tasks for who in people if (who, task.complaint_no) in theirs}


def _of_file(column: Any) -> Any:
    def those(session: Session, people: Sequence[str], tasks: Sequence[Checked]) -> Kept:
        ids = sorted({task.instance_id for task in tasks})
        query = select(column, _FILE.instance_id).where(_FILE.instance_id.in_(ids), column.in_(people))
        theirs = _pairs(session, query)
        return {(who, task.id) for task in tasks for who in people if (who, task.instance_id) in theirs}

    return those


def _pairs(session: Session, query: Any) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in session.execute(query)}


_BY_MARK: Final[Mapping[str, Any]] = {
    CASE: _worked_on_case,
    OWNER: _of_file(_FILE.owner),
    RAISER: _of_file(_FILE.raiser),
    STARTER: _started,
}
