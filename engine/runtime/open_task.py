"""Finding an open task under lock, and who may work on it."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from engine import clock, logs
from engine.errors import Conflict, Forbidden, Name, NotFound, Refusal
from engine.people.actor import Actor
from engine.people.roles import TRAINED
from engine.read.four_eyes import CASE, OWNER, RAISER, STARTER, Checked, barred
from engine.read.visibility import READS_RESTRICTED, is_about
from engine.store.base import table_of
from engine.store.prepared import Prepared
from engine.store.tables.runtime import Instance, Task, TaskGroup
from engine.store.tables.workplace import TaskDraft

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
    labels: dict[str, str]
    lent_until: datetime | None = None
    """The end of the day until which its owner lent it, where one was said."""
    restricted: bool = False
    """Whether only its parties may know of it: nobody stands in, assigns or hands on (R49)."""
    instance: Any = None
    """The row of its instance with the columns `LOCKED`, where both were locked."""
    has_draft: bool = True
    """Whether a half-filled form may be kept with it; known where it was locked."""

    @property
    def called(self) -> Name:
        """The task's name, for a refusal."""
        return Name(self.name, self.labels)


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
    .values(
        assignee=bindparam("who"),
        owner=bindparam("whose"),
        lent_at=bindparam("since"),
        lent_until=bindparam("until"),
    )
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


def lock_open_task(session: Session, task_id: str, actor: Actor) -> OpenTask:
    """Lock the task's instance, then the task, as all steps do so that none deadlocks; return the task.

    Raises NotFound, Conflict where it is no longer open, or Forbidden where its complaint is about the actor
    and the process did not give it to them by name (Art. 17).
    """
    row = _LOCK.one_or_none(session, {"task": task_id}, locking_first=_LOCK_INSTANCE)
    if row is None:
        raise NotFound("there is no such task")
    columns: list[Any] = [*row[: len(OF_TASK)], LockedInstance._make(row[len(OF_TASK) : -1]), bool(row[-1])]
    task = OpenTask(*columns)
    logs.mark(instance_id=task.instance_id)
    if task.state != "open":
        raise Conflict(
            Refusal(
                "the task {name} is no longer open: it was {state} meanwhile",
                name=task.called,
                state=task.state,
            )
        )
    if is_about(actor, task.complaint_no) and task.assignee != actor.username:
        raise Forbidden("the complaint is about you: somebody else must do its tasks (Art. 17)")
    return task


def give(
    session: Session,
    task_id: str,
    *,
    assignee: str | None,
    owner: str | None,
    lent_until: datetime | None = None,
) -> None:
    """Make `assignee` (None: nobody) have a locked task; `owner` is who gets it back: it is lent from now on,
    `until` where an end was said.
    """
    row: dict[str, Any] = {"task": task_id, "who": assignee, "whose": owner, "since": None, "until": None}
    if owner is not None:
        row |= {"since": clock.now(), "until": lent_until}
    _GIVE.run_last(session, row)
    place(session, [task_id])


def place(session: Session, task_ids: Collection[str]) -> None:
    """Bring the lists by group to the tasks: after any change of an open task's assignee or `due_at`."""
    if task_ids:
        _PLACE.run_last(session, *({"task": task_id} for task_id in task_ids))


def may_work_on(task: OpenTask, actor: Actor) -> bool:
    """Whether the actor is the assignee or stands in for them, or is in a candidate group of a task that
    nobody has; tasks that take a training need a valid one (R67).
    """
    if lacks_training(task, actor):
        return False
    if task.assignee is not None:
        return task.assignee == actor.username or (task.assignee in actor.desks and not task.restricted)
    return not actor.groups.isdisjoint(task.candidate_groups)


def refuse_handing_on(task: OpenTask, actor: Actor) -> None:
    """Raise NotFound for a task that is restricted: who is to do it was decided with the file (R49).

    Only those who open such files put back, or give a colleague, what is their own.
    """
    if task.restricted and not (task.assignee in (None, actor.username) and actor.may(READS_RESTRICTED)):
        raise NotFound("there is no such task, or only its parties may know of it; it cannot be handed on")


def refuse_if_moved(task: OpenTask, shown: str | None) -> None:
    """Raise Conflict, saying whose the task is now, where that is not who was shown to have it: `shown` is
    their user name, '' for nobody, None where nobody looked.
    """
    if shown is None or shown == (task.assignee or ""):
        return
    if task.assignee is None:
        raise Conflict(Refusal("the task {name} went on meanwhile: nobody has it now", name=task.called))
    raise Conflict(
        Refusal("the task {name} went on meanwhile: it is {who}'s now", name=task.called, who=task.assignee)
    )


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
            Refusal(
                "{who} holds no valid training, which the task {name} takes (R67): attend a session and pass "
                "its test, or have complaint management enter the one you passed",
                who=actor.username,
                name=task.called,
            )
        )


def require_candidate(session: Session, task: OpenTask, actor: Actor) -> None:
    """Raise Forbidden unless the actor belongs to a candidate group and the four-eyes rule holds (R24)."""
    refuse_untrained(task, actor)
    if task.assignee != actor.username and actor.groups.isdisjoint(task.candidate_groups):
        groups = ", ".join(task.candidate_groups) or "its assignee"
        raise Forbidden(Refusal("the task {name} is for {groups}", name=task.called, groups=groups))
    require_four_eyes(session, task, actor)


def require_four_eyes(session: Session, task: OpenTask, actor: Actor) -> None:
    """Raise Forbidden, saying why, where the task is to check what the actor did, asked for or judged."""
    checked = Checked(task.id, task.instance_id, task.complaint_no, task.four_eyes)
    bar = barred(session, actor.username, [checked]).get(task.id)
    if bar is not None:
        step = Name(bar.step, bar.labels)
        raise Forbidden(Refusal(_FOUR_EYES[bar.why], task=task.called, name=task.called, step=step))


_FOUR_EYES: Final[Mapping[str, str]] = {
    "step": "four eyes: {task} checks {step}, which you did yourself; somebody else must do it",
    STARTER: "four eyes: you asked for what {name} decides; somebody else must do it",
    CASE: "four eyes: {name} is not for you: you worked on the complaint yourself; somebody else must do it",
    OWNER: "four eyes: {name} is not for you: it judges what you had to do; somebody else must do it",
    RAISER: "four eyes: {name} is not for you: it decides on what you judged; somebody else must do it",
}


def in_place_of(task: OpenTask, actor: Actor) -> dict[str, str]:
    """Return what history adds where the actor acts on a task of somebody absent: both names are known."""
    absent = task.assignee in actor.stands_in_for
    return {"for": task.assignee} if absent and task.assignee is not None else {}
