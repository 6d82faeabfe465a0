"""Where the tasks of a list are found: ranges of indexes, each in the list's order, to be merged.

Who sees a task is an `OR` of several reasons, and what waits for a small group must not be looked for among
all tasks: so each reason is a source of its own, and so is each group. Sorted by limit, every source is a
range of one index. In the other orders few tasks are read and sorted, and many are met along an index of all
open tasks: `NARROW` tells the two apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import InvalidInput
from engine.people.actor import Actor
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
from engine.store.base import table_of
from engine.store.tables.cases import Complaint
from engine.store.tables.models import Definition
from engine.store.tables.runtime import Task, TaskGroup
from engine.store.unindexed import Unindexed

TASK_TABLE, GROUP_TABLE = table_of(Task), table_of(TaskGroup)
STATES = ("open", "completed", "withdrawn")
NARROW = 2_000
"""So many tasks are read and sorted rather than looked for along an index of all open ones."""
OPEN = TASK.state == literal_column("'open'")
"""With a literal: only so the databases see that an index over open tasks will do."""
_BY_PRIORITY = "INDEXED BY ix_task_open_priority"
_BY_STEP = "INDEXED BY ix_task_open_step"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of a task list, names resolved; what is None does not narrow it."""

    state: str | None = None
    complaint_no: str | None = None
    instance_id: str | None = None
    assignees: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    process_id: str | None = None
    element_id: str | None = None
    grade: int | None = None
    category: str | None = None
    channel: str | None = None
    due_before: datetime | None = None
    put_off: bool | None = None
    text: ColumnElement[bool] | None = None
    products: frozenset[str] | None = None
    """The products that the text can only be found in."""
    unassigned: bool = False
    numbers: frozenset[str] | None = None
    """Where few complaints come into question: theirs alone."""
    reader: Actor | None = None
    """Who looks: tasks of complaints about them are left out."""

    @property
    def facts(self) -> list[tuple[ColumnElement[Any], Any]]:
        """The columns of the complaint that are to have a value."""
        exact = (
            (COMPLAINT.grade, self.grade),
            (COMPLAINT.category, self.category),
            (COMPLAINT.channel, self.channel),
        )
        return [(column, value) for column, value in exact if value is not None]

    @property
    def of_complaint(self) -> list[ColumnElement[bool]]:
        """The filters that the complaint's row answers, once a task has led to it."""
        return [Unindexed(column) == value for column, value in self.facts]

    @property
    def states(self) -> tuple[str, ...]:
        """The states in which wanted tasks may be: only open ones belong to groups."""
        if self.groups is not None:
            return ("open",) if self.state in (None, "open") else ()
        return STATES if self.state is None else (self.state,)

    @property
    def has_ended(self) -> bool:
        """Whether ended tasks are wanted, of which there is no end."""
        return self.states != ("open",)

    @property
    def is_of_somebody(self) -> bool:
        """Whether the tasks of one person, case or instance are wanted: few, however they are sorted."""
        narrow = (self.assignees, self.complaint_no, self.instance_id, self.numbers)
        return any(each is not None for each in narrow)


@dataclass(frozen=True, slots=True)
class Source:
    """Tasks found in one way, with all filters: through their groups' rows, or directly."""

    conditions: tuple[ColumnElement[bool], ...]
    wanted: Wanted
    by_group: bool = False
    walked: bool = False
    """Whether the index of all open tasks is to be walked, which SQLite has to be told."""
    of_task: tuple[ColumnElement[bool], ...] = ()
    """Further conditions, which only the task's own row can answer."""

    def dated(self) -> tuple[Select[Any], Order]:
        """Return the tasks with a limit, the soonest first."""
        query, due_at = self._query(), GROUP.due_at if self.by_group else TASK.due_at
        return query.where(due_at.is_not(None)), Order("due", (due_at, self._id))

    def undated(self) -> tuple[Select[Any], Order]:
        """Return the tasks without a limit, the oldest first."""
        due_at = GROUP.due_at if self.by_group else TASK.due_at
        return self._query().where(due_at.is_(None)), Order("undated", (self._id,))

    def sorted_by(self, order: Order) -> tuple[Select[Any], Order]:
        """Return the tasks in an order by columns of `task`."""
        query = self._query(with_task=True)
        return query.with_hint(TASK_TABLE, _BY_PRIORITY, "sqlite") if self.walked else query, order

    def ids(self) -> Select[Any]:
        """Return the ids alone, in no order."""
        return self._query().add_columns(self._id.label("id"))

    @property
    def _id(self) -> ColumnElement[str]:
        return GROUP.task_id if self.by_group else TASK.id

    def _query(self, *, with_task: bool = False) -> Select[Any]:
        wanted = self.wanted
        tables: FromClause = TASK_TABLE
        of_its_row = [*self.of_task, *_of_task(wanted)]
        rest = [*self.conditions, *of_its_row]
        if wanted.reader is not None:
            rest += (
                not_about(wanted.reader, GROUP.complaint_no)
                if self.by_group
                else tasks_not_about(wanted.reader)
            )
        if self.by_group:
            of_task = with_task or bool(of_its_row) or bool(wanted.of_complaint) or wanted.text is not None
            tables = _GROUP_AND_TASK if of_task else GROUP_TABLE
        element = GROUP.element_id if self.by_group else TASK.element_id
        if wanted.element_id is not None:
            rest.append(element == wanted.element_id)
        if wanted.unassigned and not self.by_group:
            rest.append(TASK.assignee.is_(None))
        if wanted.groups is not None and not self.by_group:
            rest.append(in_groups(wanted.groups))
        if wanted.due_before is not None:
            rest.append((GROUP.due_at if self.by_group else TASK.due_at) < wanted.due_before)
        if wanted.of_complaint:
            tables = tables.join(Complaint.__table__, COMPLAINT.no == TASK.complaint_no)
            rest.extend(wanted.of_complaint)
        elif wanted.text is not None:  # a task without a complaint has a name, too
            tables = tables.outerjoin(Complaint.__table__, COMPLAINT.no == TASK.complaint_no)
        if wanted.text is not None:
            rest.append(wanted.text)
        return select().select_from(tables).where(*rest)


_GROUP_AND_TASK = GROUP_TABLE.join(TASK_TABLE, TASK.id == GROUP.task_id)


def _of_task(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the filters that only the task's own row can answer."""
    exact = {
        TASK.complaint_no: wanted.complaint_no,
        TASK.instance_id: wanted.instance_id,
        TASK.process_id: wanted.process_id,
    }
    found = [column == value for column, value in exact.items() if value is not None]
    if wanted.numbers is not None:
        found.append(TASK.complaint_no.in_(sorted(wanted.numbers)))
    if wanted.put_off is not None:
        waits = TASK.follow_up_at > clock.now()
        found.append(waits if wanted.put_off else or_(TASK.follow_up_at.is_(None), ~waits))
    return found


def narrowed(session: Session, wanted: Wanted) -> Wanted:
    """Return the same wish for the few complaints that fit it, where they are few.

    A rare channel or product would be looked for along all open tasks, in vain; a frequent one is met soon.
    No task is of a process that nobody ever deployed.
    """
    if wanted.process_id is not None and not _is_deployed(session, wanted.process_id):
        return replace(wanted, numbers=frozenset())
    if wanted.products is None and not wanted.of_complaint:
        return wanted
    facts = [column == value for column, value in wanted.facts]
    query = select(COMPLAINT.no).where(*facts).limit(NARROW + 1)
    if wanted.products is not None:
        query = query.where(COMPLAINT.product.in_(sorted(wanted.products)))
    numbers = session.scalars(query).all()
    return wanted if len(numbers) > NARROW else replace(wanted, numbers=frozenset(numbers))


def _is_deployed(session: Session, process_id: str) -> bool:
    query = select(Definition.process_id).where(Definition.process_id == process_id)
    return session.scalars(query.limit(1)).first() is not None


def sources(actor: Actor, wanted: Wanted) -> list[Source]:
    """Return where the wanted tasks that the actor may see are found."""
    if wanted.complaint_no is not None or wanted.instance_id is not None or wanted.numbers is not None:
        of_people = [] if wanted.assignees is None else [TASK.assignee.in_(sorted(wanted.assignees))]
        return [Source((visible_tasks(actor), TASK.state.in_(wanted.states), *of_people), wanted)]
    if wanted.assignees is not None:
        return list(_of_people(actor, wanted, wanted.assignees))
    everything = actor.may("task.read_all")
    if wanted.groups is not None and (everything or wanted.groups <= actor.groups):
        return list(_of_groups(actor, wanted.groups, wanted)) if wanted.states else []
    if everything:
        states = TASK.state.in_(wanted.states) if wanted.has_ended else OPEN
        return [Source((states, open_to_all_or_party(actor)), wanted)]
    groups = actor.groups if wanted.groups is None else actor.groups & wanted.groups
    if "open" not in wanted.states:
        groups = frozenset()
    return [*_own(actor, wanted), *_of_groups(actor, groups, wanted)]


def sources_walked(session: Session, actor: Actor, wanted: Wanted) -> list[Source]:
    """Return where wanted tasks are found in an order other than by limit.

    Each walks one priority of the index over all open tasks where many tasks come into question; of few, each
    is read and sorted.
    """
    found = sources(actor, wanted)
    if wanted.is_of_somebody or not _is_wide(session, found):
        return found
    conditions: tuple[ColumnElement[bool], ...] = (OPEN, visible_tasks(actor))
    if wanted.groups is not None:
        conditions = (*conditions, in_groups(wanted.groups))
    return [
        Source((*conditions, TASK.priority == priority), wanted, walked=True)
        for priority in _priorities(session)
    ]


def few(session: Session, actor: Actor, wanted: Wanted) -> Select[Any]:
    """Return the selection of the ids of all wanted tasks, with their complaints joined.

    Raises InvalidInput where they are more than `NARROW`: nobody reads them, and each look would sort them.
    """
    found = sources(actor, wanted)
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


def _is_wide(session: Session, found: list[Source]) -> bool:
    """Whether more tasks than `NARROW` come into question; counts no further than that."""
    left = NARROW
    for source in found:
        if not source.by_group and source.wanted.element_id is None and len(found) == 1:
            return True  # all open tasks
        bare = replace(
            source.wanted, grade=None, category=None, channel=None, process_id=None, text=None, put_off=None
        )
        rows = replace(source, wanted=bare)._query().add_columns(literal(1)).limit(left + 1).subquery()
        left -= session.execute(select(func.count()).select_from(rows)).scalar_one()
        if left < 0:
            return True
    return False


def _priorities(session: Session) -> list[int]:
    """Return the priorities that open tasks have, highest first: one look at the index for each."""
    top = select(func.max(TASK.priority).label("priority")).where(OPEN).cte("step", recursive=True)
    lower = select(func.max(TASK.priority)).where(OPEN, TASK.priority < top.c.priority).scalar_subquery()
    every = top.union_all(select(lower).where(top.c.priority.is_not(None)))
    return [row[0] for row in session.execute(select(every.c.priority)) if row[0] is not None]


def first_of_each_step(actor: Actor) -> Select[Any]:
    """Return the selection of the id of one open task, that the actor may see, for each kind of step.

    The indexes are looked at once for each step, not for each task.
    """
    if actor.may("task.read_all"):
        return _first_of_all(actor)
    mine = (
        select(func.min(TASK.id).label("id"))
        .where(OPEN, column == name, open_to_all_or_party(actor))
        .group_by(TASK.element_id)
        for column in (TASK.assignee, TASK.owner)
        for name in sorted(actor.desks)
    )
    groups = [_first_of_groups(sorted(actor.groups))] if actor.groups else []
    return select(union(*mine, *groups).subquery().c.id)


def _first_of_all(actor: Actor) -> Select[Any]:
    least = select(func.min(TASK.element_id).label("element")).with_hint(TASK_TABLE, _BY_STEP, "sqlite")
    first = least.where(OPEN).cte("step", recursive=True)
    after = least.where(OPEN, TASK.element_id > first.c.element).scalar_subquery()
    every = first.union_all(select(after).where(first.c.element.is_not(None)))
    one = (
        select(TASK.id)
        .with_hint(TASK_TABLE, _BY_STEP, "sqlite")
        .where(OPEN, TASK.element_id == every.c.element, open_to_all_or_party(actor))
        .order_by(TASK.due_at, TASK.id)
        .limit(1)
    )
    return select(one.scalar_subquery().label("id")).select_from(every)


def _first_of_groups(groups: list[str]) -> Select[Any]:
    least = select(func.min(GROUP.element_id))
    looks = (
        select(
            literal(name).label("name"),
            least.where(GROUP.group_name == name).scalar_subquery().label("element"),
        )
        for name in groups
    )
    first = select(union_all(*looks).subquery()).cte("step", recursive=True)
    after = least.where(GROUP.group_name == first.c.name, GROUP.element_id > first.c.element)
    every = first.union_all(select(first.c.name, after.scalar_subquery()).where(first.c.element.is_not(None)))
    one = (
        select(GROUP.task_id)
        .where(GROUP.group_name == every.c.name, GROUP.element_id == every.c.element)
        .order_by(GROUP.is_free, GROUP.due_at, GROUP.task_id)
        .limit(1)
    )
    return select(one.scalar_subquery().label("id")).select_from(every)


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


def _of_groups(actor: Actor, groups: frozenset[str], wanted: Wanted) -> Iterator[Source]:
    for name in sorted(groups):
        is_own = name in actor.groups and not actor.may(READS_RESTRICTED)
        of_task = () if is_own else (open_to_all_or_party(actor),)
        for is_free in (True,) if wanted.unassigned else (True, False):
            conditions = (GROUP.group_name == name, GROUP.is_free.is_(is_free))
            yield Source(conditions, wanted, by_group=True, of_task=of_task)
