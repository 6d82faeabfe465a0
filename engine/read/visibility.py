"""Who sees which rows (R60): everything by permission, otherwise what one has to do with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, true

from engine.people.actor import Actor
from engine.store.tables.cases import Complaint
from engine.store.tables.quality import QualityFile
from engine.store.tables.runtime import Instance, Task, TaskGroup

TASK = Task.__table__.c
GROUP = TaskGroup.__table__.c
COMPLAINT = Complaint.__table__.c
INSTANCE = Instance.__table__.c
_FILE = QualityFile.__table__.c
READS_RESTRICTED = "accountability.read_all"
"""The permission that shows what is restricted, except what is about oneself."""


def is_about(actor: Actor, complaint_no: str | None) -> bool:
    """Whether a complaint is about the actor. Then nothing of it is theirs to see, whatever their role: not
    who complained, nor what colleagues find out (Art. 17).
    """
    return complaint_no in actor.accused_in


def not_about(actor: Actor, column: ColumnElement[Any]) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that keeps rows of complaints about the actor out of a list, by the column of
    their number. It is empty for almost everybody, so that lists cost nothing for it.
    """
    if not actor.accused_in:
        return ()
    return (or_(column.is_(None), column.not_in(sorted(actor.accused_in))),)


def tasks_not_about(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """The same for tasks: one that the process gives them by name, as for a statement, is theirs."""
    return tuple(or_(each, TASK.assignee == actor.username) for each in not_about(actor, TASK.complaint_no))


def instances_not_about(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """The same for instances: of the case, and of the quality files on it that are not theirs to answer."""
    if not actor.accused_in:
        return ()
    of_file = select(_FILE.no).where(
        _FILE.instance_id == INSTANCE.id,
        _FILE.complaint_no.in_(sorted(actor.accused_in)),
        _FILE.owner.is_distinct_from(actor.username),
    )
    return (*not_about(actor, INSTANCE.business_key), ~exists(of_file.correlate(Instance)))


def in_groups(groups: frozenset[str]) -> ColumnElement[bool]:
    """The task waits for somebody of one of these groups: asked of each task that is met, where PostgreSQL
    would read all rows of the groups for an `EXISTS`.
    """
    one = select(GROUP.task_id).where(GROUP.task_id == TASK.id, GROUP.group_name.in_(sorted(groups)))
    return one.limit(1).scalar_subquery().is_not(None)


def own_task(actor: Actor) -> ColumnElement[bool]:
    """The task is the actor's or an absent colleague's for whom they stand in, was theirs to delegate, or
    was done by them.
    """
    has = TASK.assignee == actor.username
    if actor.stands_in_for:
        has = or_(has, and_(TASK.assignee.in_(sorted(actor.stands_in_for)), TASK.state == "open"))
    return or_(has, TASK.owner == actor.username, TASK.completed_by == actor.username)


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    """The tasks that the actor may see: all by permission, else own ones and those of their groups; of what
    is restricted those to which they are a party.
    """
    reasons: ColumnElement[bool] = true()
    if not actor.may("task.read_all"):
        reasons = or_(own_task(actor), and_(TASK.state == "open", in_groups(actor.groups)))
    return and_(reasons, open_to_all_or_party(actor), *tasks_not_about(actor))


def open_to_all_or_party(actor: Actor) -> ColumnElement[bool]:
    """The task is not restricted, or is or was the actor's own: overseeing all and standing in for somebody
    do not count (R49). Who may read all that is restricted does so unless it is about them.
    """
    party = or_(TASK.assignee == actor.username, TASK.completed_by == actor.username)
    if actor.may(READS_RESTRICTED):
        party = or_(party, ~_carries_own_file(actor, TASK.instance_id))
    return or_(TASK.restricted.is_(False), party)


def _carries_own_file(actor: Actor, instance_id: ColumnElement[str]) -> ColumnElement[bool]:
    """The instance carries a file about what the actor did."""
    return instance_id.in_(
        select(_FILE.instance_id).where(_FILE.owner == actor.username, _FILE.instance_id.is_not(None))
    )


def visible_complaints(actor: Actor) -> ColumnElement[bool]:
    """The complaints that the actor may see: all by permission, else those that concern them or that a
    colleague of their groups works on.
    """
    reasons: ColumnElement[bool] = true()
    if not actor.may("complaint.read_all"):
        reasons = or_(concerning(actor), _with_task(and_(TASK.state == "open", in_groups(actor.groups))))
    return and_(reasons, *not_about(actor, COMPLAINT.no))


def concerning(actor: Actor) -> ColumnElement[bool]:
    """The complaints that the actor has to do with: by who has them, who registered them, or by a task.

    A task that waits for their group counts until somebody takes it: then it is that colleague's affair.
    """
    waiting = and_(TASK.state == "open", TASK.assignee.is_(None), in_groups(actor.groups))
    return or_(
        COMPLAINT.handler == actor.username,
        COMPLAINT.created_by == actor.username,
        _with_task(or_(own_task(actor), waiting)),
    )


def _with_task(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    tasks = select(TASK.id).where(TASK.complaint_no == COMPLAINT.no, condition)
    return exists(tasks.correlate(Complaint))


def visible_instances(actor: Actor) -> ColumnElement[bool]:
    """The instances whose trail the actor may see: all by permission, else those that they took part in.

    A restricted one shows more than each party is to know: its trail is for those who may read all of them.
    """
    return and_(_reasons_to_follow(actor), open_trail(actor), *instances_not_about(actor))


def _reasons_to_follow(actor: Actor) -> ColumnElement[bool]:
    if actor.may("instance.read_all"):
        return true()
    tasks = select(TASK.id).where(TASK.instance_id == INSTANCE.id, visible_tasks(actor)).correlate(Instance)
    cases = (
        select(COMPLAINT.no)
        .where(
            COMPLAINT.instance_id == INSTANCE.id,
            or_(COMPLAINT.handler == actor.username, COMPLAINT.created_by == actor.username),
        )
        .correlate(Instance)
    )
    return or_(INSTANCE.started_by == actor.username, exists(tasks), exists(cases))


def open_trail(actor: Actor) -> ColumnElement[bool]:
    """The instance is not restricted, or the actor may read those that are and it is not about them."""
    if not actor.may(READS_RESTRICTED):
        return INSTANCE.restricted.is_(False)
    return or_(INSTANCE.restricted.is_(False), ~_carries_own_file(actor, INSTANCE.id))
