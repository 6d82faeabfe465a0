"""Finding an open task under lock, and who may work on it."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, literal, or_, select, update
from sqlalchemy.orm import Session

from engine import logs
from engine.errors import Conflict, Forbidden, NotFound
from engine.people.actor import Actor
from engine.people.roles import TRAINED
from engine.store.base import table_of
from engine.store.prepared import Prepared
from engine.store.tables.cases import Complaint
from engine.store.tables.quality import QualityFile
from engine.store.tables.runtime import OF_CASE, Instance, Task, TaskGroup
from engine.store.tables.workplace import TaskDraft

STARTER = "@starter"
"""Stands in a task's four eyes for whoever started the instance."""


LOCKED = (
    "id",
    "process_id",
    "bundle_id",
    "business_key",
    "state",
    "version",
    "started_at",
    "started_by",
    "history_seq",
    "history_hash",
)
"""The columns of an instance that a step reads under its lock."""
LockedInstance = namedtuple("LockedInstance", LOCKED)  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class OpenTask:
    """The columns of a task that the verbs need."""

    id: str
    instance_id: str
    token: int
    element_id: str
    process_id: str
    name: str
    form_id: str | None
    complaint_no: str | None
    state: str
    assignee: str | None
    owner: str | None
    candidate_groups: list[str]
    four_eyes: list[str]
    instance: Any = None
    """The row of its instance with the columns `LOCKED`, where both were locked."""
    has_draft: bool = True
    """Whether a half-filled form may be kept with it; known where it was locked."""


_TASK, _INSTANCE, _GROUP = table_of(Task), table_of(Instance), table_of(TaskGroup)
_DRAFT = table_of(TaskDraft)
_LOCK_INSTANCE = Prepared(
    select(_INSTANCE.c.id)
    .where(
        _INSTANCE.c.id == select(_TASK.c.instance_id).where(_TASK.c.id == bindparam("task")).scalar_subquery()
    )
    .with_for_update()
)
OF_TASK = tuple(_TASK.c[name] for name in OpenTask.__slots__ if name not in ("instance", "has_draft"))
_HAS_DRAFT = select(_DRAFT.c.task_id).where(_DRAFT.c.task_id == _TASK.c.id).exists()
_LOCK = Prepared(
    select(
        *OF_TASK,
        *(_INSTANCE.c[name].label(f"its_{name}") for name in LOCKED),
        _HAS_DRAFT.label("has_draft"),
    )
    .join(_INSTANCE, _INSTANCE.c.id == _TASK.c.instance_id)
    .where(_TASK.c.id == bindparam("task"))
    .with_for_update()
)


_GIVE = Prepared(
    update(_TASK)
    .where(_TASK.c.id == bindparam("task"))
    .values(assignee=bindparam("who"), owner=bindparam("whose"))
)
_OF_GROUP = _TASK.c.id == _GROUP.c.task_id
_PLACE = Prepared(
    update(_GROUP)
    .where(_GROUP.c.task_id == bindparam("task"))
    .values(
        is_free=select(_TASK.c.assignee.is_(None)).where(_OF_GROUP).scalar_subquery(),
        due_at=select(_TASK.c.due_at).where(_OF_GROUP).scalar_subquery(),
    )
)


def lock_open_task(session: Session, task_id: str) -> OpenTask:
    """Lock the task's instance, then the task, as all steps do so that none deadlocks; return the task.

    Raises NotFound, or Conflict where it is no longer open.
    """
    row = _LOCK.one_or_none(session, {"task": task_id}, locking_first=_LOCK_INSTANCE)
    if row is None:
        raise NotFound("there is no such task")
    columns: list[Any] = [*row[: len(OF_TASK)], LockedInstance._make(row[len(OF_TASK) : -1]), bool(row[-1])]
    task = OpenTask(*columns)
    logs.mark(instance_id=task.instance_id)
    if task.state != "open":
        raise Conflict(f"the task {task.name!r} is no longer open: it was {task.state} meanwhile")
    return task


def give(session: Session, task_id: str, *, assignee: str | None, owner: str | None) -> None:
    """Make `assignee` (None: nobody) have a locked task; `owner` is who gets it back."""
    _GIVE.run(session, {"task": task_id, "who": assignee, "whose": owner})
    place(session, [task_id])


def place(session: Session, task_ids: Collection[str]) -> None:
    """Bring the lists by group to the tasks: after any change of an open task's assignee or `due_at`."""
    if task_ids:
        _PLACE.run(session, *({"task": task_id} for task_id in task_ids))


def may_work_on(task: OpenTask, actor: Actor) -> bool:
    """Whether the actor is the assignee or stands in for them, or is in a candidate group of a task that
    nobody has; tasks that take a training need a valid one (R67).
    """
    if lacks_training(task, actor):
        return False
    if task.assignee is not None:
        return task.assignee in actor.desks
    return not actor.groups.isdisjoint(task.candidate_groups)


def lacks_training(task: OpenTask, actor: Actor) -> bool:
    """Whether only the missing training keeps the actor from a task: no other of its groups is theirs."""
    if actor.is_trained or TRAINED.isdisjoint(task.candidate_groups):
        return False
    return actor.groups.isdisjoint(task.candidate_groups)


def refuse_untrained(task: OpenTask, actor: Actor) -> None:
    """Raise Forbidden, saying what to do, where the actor's training is not valid (R67)."""
    concerned = task.assignee in actor.desks or not actor.roles.isdisjoint(task.candidate_groups)
    if concerned and lacks_training(task, actor):
        raise Forbidden(
            f"{actor.username} holds no valid training, which the task {task.name!r} takes (R67): attend a "
            "session and pass its test, or have complaint management enter the one you passed"
        )


def require_candidate(session: Session, task: OpenTask, actor: Actor) -> None:
    """Raise Forbidden unless the actor belongs to a candidate group and the four-eyes rule holds (R24)."""
    refuse_untrained(task, actor)
    if task.assignee != actor.username and actor.groups.isdisjoint(task.candidate_groups):
        raise Forbidden(f"the task {task.name!r} is for {', '.join(task.candidate_groups) or 'its assignee'}")
    require_four_eyes(session, task, actor)


def require_four_eyes(session: Session, task: OpenTask, actor: Actor) -> None:
    """Raise Forbidden where the actor did one of the steps that this task is to check."""
    if not task.four_eyes:
        return
    if STARTER in task.four_eyes:
        started_by = session.scalars(select(Instance.started_by).where(Instance.id == task.instance_id)).one()
        if started_by == actor.username:
            raise Forbidden(f"four eyes: you asked for what {task.name!r} decides; somebody else must do it")
    for name in task.four_eyes:
        if name in _WHO and session.execute(_WHO[name](task, actor.username)).first() is not None:
            raise Forbidden(
                f"four eyes: {task.name!r} is not for you: {_WHY[name]}; somebody else must do it"
            )
    done = session.scalars(
        select(Task.name).where(_seen_to(task), Task.completed_by == actor.username).limit(1)
    ).first()
    if done is not None:
        raise Forbidden(
            f"four eyes: {task.name!r} checks {done!r}, which you did yourself; somebody else must do it"
        )


def _seen_to(task: OpenTask) -> ColumnElement[bool]:
    """The tasks that this one is to check: of its instance, and of its complaint's other instances."""
    elsewhere = [name.removeprefix(OF_CASE) for name in task.four_eyes if name.startswith(OF_CASE)]
    own = and_(Task.instance_id == task.instance_id, Task.element_id.in_([*task.four_eyes, *elsewhere]))
    if not elsewhere or task.complaint_no is None:
        return own
    return or_(own, and_(Task.complaint_no == task.complaint_no, Task.element_id.in_(elsewhere)))


def _worked_on_case(task: OpenTask, username: str) -> Select[Any]:
    """Whoever has the complaint, or did a step of its own handling."""
    steps = select(Task.id).join(Instance, Instance.id == Task.instance_id)
    steps = steps.where(
        Task.complaint_no == task.complaint_no,
        Instance.business_key == task.complaint_no,
        Task.completed_by == username,
    )
    has = select(Complaint.no).where(Complaint.no == task.complaint_no, Complaint.handler == username)
    return select(literal(1)).where(or_(exists(steps), exists(has)))


def _of_file(column: Any) -> Callable[[OpenTask, str], Select[Any]]:
    def query(task: OpenTask, username: str) -> Select[Any]:
        return select(QualityFile.no).where(QualityFile.instance_id == task.instance_id, column == username)

    return query


_WHO: Mapping[str, Callable[[OpenTask, str], Select[Any]]] = {
    "@case": _worked_on_case,
    "@owner": _of_file(QualityFile.owner),
    "@raiser": _of_file(QualityFile.raiser),
}
"""Who is barred by the names of `FOUR_EYES_WHO`: a query that finds something where it is this person."""
_WHY = {
    "@case": "you worked on the complaint yourself",
    "@owner": "it judges what you had to do",
    "@raiser": "it decides on what you judged",
}


def in_place_of(task: OpenTask, actor: Actor) -> dict[str, str]:
    """Return what history adds where the actor acts on a task of somebody absent: both names are known."""
    absent = task.assignee in actor.stands_in_for
    return {"for": task.assignee} if absent and task.assignee is not None else {}
