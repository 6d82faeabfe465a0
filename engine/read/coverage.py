"""Whether every task has somebody who may do it: groups nobody is in, work that leavers left (R2)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.complaint import UNFINISHED
from engine.read.four_eyes import LARGE, Checked, for_nobody
from engine.read.visibility import COMPLAINT, GROUP, TASK
from engine.store.distinct import distinct_values
from engine.store.tables.people import Person, PersonRole
from engine.store.tables.runtime import Task, TaskGroup
from engine.store.unindexed import Unindexed

MOST = 50
NEWEST = 500
"""How many free tasks of small groups are looked at for whether four eyes leave somebody to do them."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something without an owner: `kind` is group, barred, task or case, `what` its name, `count` how many.

    `barred` is a group whose every member four eyes keep from a task that waits for it.
    """

    kind: str
    what: str
    count: int


def coverage_gaps(session: Session) -> list[Gap]:
    """Return what has no owner, at most 50 of each kind."""
    active = select(Person.username).where(Person.active)
    held = select(PersonRole.role).join(Person, Person.id == PersonRole.person_id).where(Person.active)
    groups, assignees = distinct_values(GROUP.group_name), distinct_values(TASK.assignee)
    empty_groups = (
        select(GROUP.group_name, func.count())
        .join_from(groups, TaskGroup.__table__, GROUP.group_name == groups.c.value)
        .join(Task.__table__, TASK.id == GROUP.task_id)
        .where(TASK.state == "open", TASK.assignee.is_(None), groups.c.value.not_in(held))
        .group_by(GROUP.group_name)
    )
    left_tasks = (
        select(TASK.assignee, func.count())
        .join_from(assignees, Task.__table__, TASK.assignee == assignees.c.value)
        .where(TASK.state == "open", assignees.c.value.not_in(active))
        .group_by(TASK.assignee)
    )
    handler = Unindexed(COMPLAINT.handler)
    left_cases = (
        select(handler, func.count())
        .where(COMPLAINT.status.in_(UNFINISHED), handler.is_not(None), handler.not_in(active))
        .group_by(handler)
    )
    return [
        *_gaps(session, "group", empty_groups),
        *_barred(session),
        *_gaps(session, "task", left_tasks),
        *_gaps(session, "case", left_cases),
    ]


def _gaps(session: Session, kind: str, query: Any) -> list[Gap]:
    return [Gap(kind, row[0], row[1]) for row in session.execute(query.order_by(None).limit(MOST))]


def _barred(session: Session) -> list[Gap]:
    """Return the groups of the newest free tasks that four eyes keep from everybody who could take them."""
    sizes = (
        select(PersonRole.role)
        .join(Person, Person.id == PersonRole.person_id)
        .where(Person.active)
        .group_by(PersonRole.role)
        .having(func.count() < LARGE)
    )
    small = list(session.scalars(sizes))
    free = select(GROUP.task_id).where(GROUP.group_name.in_(small), GROUP.is_free).distinct()
    columns = (TASK.id, TASK.instance_id, TASK.complaint_no, TASK.four_eyes, TASK.candidate_groups)
    newest = session.execute(
        select(*columns).where(TASK.id.in_(free.order_by(GROUP.task_id.desc()).limit(NEWEST)))
    )
    tasks = [(Checked(*row[:4]), row.candidate_groups) for row in newest if row.four_eyes]
    lost = for_nobody(
        session, [(task, groups) for task, groups in tasks if not set(groups).isdisjoint(small)]
    )
    counts = Counter(group for task, groups in tasks if task.id in lost for group in groups if group in small)
    return [Gap("barred", group, count) for group, count in sorted(counts.items())]
