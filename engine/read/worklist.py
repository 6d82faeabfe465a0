"""Where the tasks of a list are found: ranges of indexes, each in the list's order, to be merged.

Who sees a task is an `OR` of several reasons, and what waits for a small group must not be looked for among
all tasks: so each reason is a source of its own, and so is each group. Sorted by limit, every source is a
range of one index. Where filters or another order leave few tasks, those are read and sorted; where they
leave many, a page of them is met along an index of all open tasks: `NARROW` tells the two apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, false, func, or_, select, true, union
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import InvalidInput
from engine.people.actor import Actor
from engine.read.kinds import OPEN
from engine.read.narrow import NARROW, counts
from engine.read.paging import Order
from engine.read.visibility import (
    COMPLAINT,
    GROUP,
    READS_RESTRICTED,
    TASK,
    in_groups,
    not_about,
    open_to_all_or_party,
    tasks_not_about,
    visible_tasks,
)
from engine.read.wanted import Wanted
from engine.store.base import table_of
from engine.store.tables.cases import Complaint
from engine.store.tables.runtime import Task, TaskGroup
from engine.store.unindexed import Unindexed
from engine.store.within import Within

TASK_TABLE, GROUP_TABLE = table_of(Task), table_of(TaskGroup)


@dataclass(frozen=True, slots=True)
class Source:
    """Tasks found in one way, with all filters: through their groups' rows, or directly."""

    conditions: tuple[ColumnElement[bool], ...]
    wanted: Wanted
    by_group: bool = False
    of_task: tuple[ColumnElement[bool], ...] = ()
    """Further conditions, which only the task's own row can answer."""
    by_kind: bool = False
    """Whether the ranges of the wanted kinds are read, which are few tasks; else kinds are met on the way."""
    walked: bool = False
    """Whether the tasks are many, to be met along an index in the list's order."""

    def dated(self) -> tuple[Select[Any], Order]:
        """Return the tasks with a limit, the soonest first."""
        query, due_at = self._query(), GROUP.due_at if self.by_group else TASK.due_at
        return query.where(due_at.is_not(None)), self._order("due", due_at, self._id)

    def undated(self) -> tuple[Select[Any], Order]:
        """Return the tasks without a limit, the oldest first."""
        due_at = GROUP.due_at if self.by_group else TASK.due_at
        return self._query().where(due_at.is_(None)), self._order("undated", self._id)

    def sorted_by(self, order: Order) -> tuple[Select[Any], Order]:
        """Return the tasks in an order by columns of `task`."""
        found = self._order(order.name, *order.columns)
        return self._query(with_task=True), replace(found, descending=order.descending)

    def ids(self) -> Select[Any]:
        """Return the ids alone, in no order."""
        return self._query().add_columns(self._id.label("id"))

    def bare(self) -> Select[Any]:
        """Return what an index alone can tell of the tasks, selecting nothing."""
        bare = replace(self.wanted, text=None, put_off=None)
        return replace(self, wanted=bare, of_task=(), by_kind=self.is_of_kinds)._query()

    @property
    def is_of_kinds(self) -> bool:
        """Whether an index over kinds leads to the tasks."""
        return self.wanted.kinds is not None and not self.wanted.is_of_somebody

    @property
    def _id(self) -> ColumnElement[str]:
        return GROUP.task_id if self.by_group else TASK.id

    def _order(self, name: str, *columns: ColumnElement[Any]) -> Order:
        """Few tasks are sorted: no index is to be walked for their order."""
        is_few = self.by_kind or self.wanted.is_pinned
        return Order(name, tuple(map(Unindexed, columns)) if is_few else columns)

    def _query(self, *, with_task: bool = False) -> Select[Any]:
        wanted = self.wanted
        tables: FromClause = TASK_TABLE
        of_task = [*self.of_task, *_of_task(wanted)]
        rest = [*self.conditions, *of_task, *self._of_row()]
        if self.by_group:
            with_task = with_task or bool(of_task) or wanted.text is not None
            tables = _GROUP_AND_TASK if with_task else GROUP_TABLE
        elif wanted.groups is not None:
            rest.append(in_groups(wanted.groups))
        if wanted.of_complaint:
            tables = tables.join(Complaint.__table__, COMPLAINT.no == TASK.complaint_no)
            rest.extend(wanted.of_complaint)
        elif wanted.text is not None:  # a task without a complaint has a name, too
            tables = tables.outerjoin(Complaint.__table__, COMPLAINT.no == TASK.complaint_no)
        if wanted.text is not None:
            rest.append(wanted.text)
        return select().select_from(tables).where(*rest)

    def _of_row(self) -> Iterator[ColumnElement[bool]]:
        """Give the filters that the task's row and those by group answer alike."""
        wanted, row = self.wanted, GROUP if self.by_group else TASK
        if wanted.kinds is not None:
            yield Within(row.kind if self.by_kind else Unindexed(row.kind), wanted.kinds)
        if wanted.element_id is not None:
            yield row.element_id == wanted.element_id
        if wanted.due_before is not None:
            yield row.due_at < wanted.due_before
        if wanted.unassigned and not self.by_group:
            yield TASK.assignee.is_(None)
        if (who := wanted.reader) is not None:
            of_group = self.by_group or wanted.groups is not None
            yield from not_about(who, row.complaint_no) if of_group else tasks_not_about(who)


_GROUP_AND_TASK = GROUP_TABLE.join(TASK_TABLE, TASK.id == GROUP.task_id)


def _of_task(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the filters that only the task's own row can answer."""
    exact = {
        TASK.complaint_no: wanted.complaint_no,
        TASK.instance_id: wanted.instance_id,
        TASK.process_id: wanted.process_id,
    }
    found = [column == value for column, value in exact.items() if value is not None]
    if wanted.borrowed:
        found.append(TASK.owner.is_not(None))
    if wanted.owners is not None:
        found.append(TASK.owner.in_(sorted(wanted.owners)))
    if wanted.numbers is not None:
        found.append(Within(TASK.complaint_no, wanted.numbers))
    if wanted.put_off is not None:
        waits = (TASK.follow_up_at if wanted.few_put_off else Unindexed(TASK.follow_up_at)) > clock.now()
        found.append(waits if wanted.put_off else or_(TASK.follow_up_at.is_(None), ~waits))
    return found


def sources(actor: Actor, wanted: Wanted) -> list[Source]:
    """Return where the wanted tasks that the actor may see are found."""
    if wanted.is_pinned:
        of_people = [] if wanted.assignees is None else [TASK.assignee.in_(sorted(wanted.assignees))]
        return [Source((visible_tasks(actor), TASK.state.in_(wanted.states), *of_people), wanted)]
    if wanted.assignees is not None:
        return list(_of_people(actor, wanted, wanted.assignees))
    if wanted.owners is not None:
        return list(_of_owners(actor, wanted, wanted.owners))
    everything = actor.may("task.read_all")
    if wanted.groups is not None and (everything or wanted.groups <= actor.groups):
        return list(_of_groups(actor, wanted.groups, wanted)) if wanted.states else []
    if everything:
        states = TASK.state.in_(wanted.states) if wanted.has_ended else OPEN
        return [Source((states,), wanted, of_task=(open_to_all_or_party(actor),))]
    groups = actor.groups if wanted.groups is None else actor.groups & wanted.groups
    if "open" not in wanted.states:
        groups = frozenset()
    return [*_own(actor, wanted), *_of_groups(actor, groups, wanted)]


def sources_by_limit(session: Session, actor: Actor, wanted: Wanted) -> list[Source]:
    """Return where wanted open tasks are found, sorted by limit: by their kinds, wherever they are few."""
    found = sources(actor, wanted)
    if wanted.kinds is None or wanted.is_of_somebody:
        return found
    return [
        replace(each, by_kind=each.is_of_kinds and n <= NARROW, walked=n > NARROW)
        for each, n in zip(found, counts(session, [each.bare() for each in found]), strict=True)
        if n
    ]


def sources_walked(session: Session, actor: Actor, wanted: Wanted) -> list[Source]:
    """Return where wanted tasks are found in an order other than by limit.

    Each walks one priority of the index over all open tasks where many tasks come into question; of few, each
    is read and sorted.
    """
    found = sources(actor, wanted)
    if wanted.is_of_somebody:
        return found
    is_all = wanted.kinds is None and wanted.groups is None and actor.may("task.read_all")
    if not is_all:
        many = counts(session, [each.bare() for each in found])
        if sum(many) <= NARROW:
            return _by_kind([each for each, n in zip(found, many, strict=True) if n])
    is_mine = wanted.groups is not None and wanted.groups <= actor.groups
    seen = open_to_all_or_party(actor) if is_mine else visible_tasks(actor)
    return [
        Source((OPEN, seen, TASK.priority == priority), wanted, walked=True)
        for priority in _priorities(session)
    ]


def few(session: Session, actor: Actor, ways: Sequence[Wanted]) -> Select[Any]:
    """Return the selection of the ids of all wanted tasks, with their complaints joined.

    Raises InvalidInput where they are more than `NARROW`: nobody reads them, and each look would sort them.
    """
    found = [source for wanted in ways for source in _by_kind(sources(actor, wanted))]
    ids = union(*(source.ids() for source in found)) if found else select(TASK.id).where(false())
    count = select(func.count()).select_from(ids.limit(NARROW + 1).subquery())
    if session.execute(count).scalar_one() > NARROW:
        message = (
            f"more than {NARROW} tasks are in this list; it can be sorted by limit, age or priority alone, "
            "or by several keys once filters narrow it"
        )
        raise InvalidInput(message, {"sort": [message]})
    joined = TASK_TABLE.outerjoin(Complaint.__table__, COMPLAINT.no == TASK.complaint_no)
    return select(TASK.id).select_from(joined).where(TASK.id.in_(select(ids.subquery().c.id)))


def _by_kind(found: list[Source]) -> list[Source]:
    return [replace(each, by_kind=each.is_of_kinds) for each in found]


def _priorities(session: Session) -> list[int]:
    """Return the priorities that open tasks have, highest first: one look at the index for each."""
    top = select(func.max(TASK.priority).label("priority")).where(OPEN).cte("step", recursive=True)
    lower = select(func.max(TASK.priority)).where(OPEN, TASK.priority < top.c.priority).scalar_subquery()
    every = top.union_all(select(lower).where(top.c.priority.is_not(None)))
    return [row[0] for row in session.execute(select(every.c.priority)) if row[0] is not None]


def _in_state(state: str) -> ColumnElement[bool]:
    return OPEN if state == "open" else TASK.state == state


def _own(actor: Actor, wanted: Wanted) -> Iterator[Source]:
    """Tasks that the actor has or did (who completes a task is its assignee), or gets back."""
    for column in (TASK.assignee, TASK.owner):
        for state in wanted.states:
            yield Source((column == actor.username, _in_state(state)), wanted)
    if "open" in wanted.states:
        for absent in sorted(actor.stands_in_for):
            yield Source((TASK.assignee == absent, OPEN, TASK.restricted.is_(False)), wanted)


def _of_people(actor: Actor, wanted: Wanted, usernames: frozenset[str]) -> Iterator[Source]:
    for name in sorted(usernames):
        seen = true() if name == actor.username else visible_tasks(actor)
        for state in wanted.states:
            yield Source((TASK.assignee == name, seen, _in_state(state)), wanted)


def _of_owners(actor: Actor, wanted: Wanted, usernames: frozenset[str]) -> Iterator[Source]:
    for name in sorted(usernames):
        for state in wanted.states:
            yield Source((TASK.owner == name, visible_tasks(actor), _in_state(state)), wanted)


def _of_groups(actor: Actor, groups: frozenset[str], wanted: Wanted) -> Iterator[Source]:
    for name in sorted(groups):
        is_own = name in actor.groups and not actor.may(READS_RESTRICTED)
        of_task = () if is_own else (open_to_all_or_party(actor),)
        for is_free in (True,) if wanted.unassigned else (True, False):
            conditions = (GROUP.group_name == name, GROUP.is_free.is_(is_free))
            yield Source(conditions, wanted, by_group=True, of_task=of_task)
