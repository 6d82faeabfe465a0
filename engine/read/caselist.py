"""Where the cases of a register and the instances of a trail are found: ranges of indexes, to be merged.

As with tasks (`engine.read.worklist`), who sees a case is an `OR` of several reasons: each is a source of its
own, in the list's order, cut at the page. What waits for a group is found by the group's rows, which carry
what these lists are sorted by; what one has or had oneself is a person's own work, and is read whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, select, union

from engine.domain.complaint import Status
from engine.people.actor import Actor
from engine.read.paging import Order
from engine.read.visibility import COMPLAINT, GROUP, INSTANCE, TASK, not_about, open_trail
from engine.read.worklist import OPEN
from engine.store.base import table_of
from engine.store.tables.cases import Complaint
from engine.store.tables.runtime import Instance, Task, TaskGroup

Conditions = Sequence[ColumnElement[bool]]
Found = tuple[Select[Any], Order]
_COMPLAINT, _INSTANCE, _TASK, _GROUP = (table_of(each) for each in (Complaint, Instance, Task, TaskGroup))


@dataclass(frozen=True, slots=True)
class Sorting:
    """An order of the register: its column, the same on the rows of groups, and the indexes' names."""

    name: str
    of_complaint: ColumnElement[Any]
    of_group: ColumnElement[Any]
    group_index: str
    descending: bool = False

    def order(self, *columns: ColumnElement[Any]) -> Order:
        """Return the order by these columns."""
        return Order(self.name, columns, self.descending)


SORTINGS = {
    "received": Sorting("received", COMPLAINT.received_at, GROUP.received_at, "received", descending=True),
    "due": Sorting("due", COMPLAINT.due_at, GROUP.limit_at, "limit"),
}


def case_sources(
    actor: Actor,
    sorting: Sorting,
    conditions: Conditions,
    statuses: Sequence[str] | None,
    handler: str | None,
    *,
    leading: tuple[str, ColumnElement[bool]] | None = None,
) -> list[Found]:
    """Return where the wanted cases that the actor may see are found.

    `conditions` are those on the complaint beside its statuses (None: any) and its handler. `leading` is one
    of them, and the column that an index begins with: cases of any status are met along it.
    """
    rest = [*conditions, *not_about(actor, COMPLAINT.no)]
    if not actor.may("complaint.read_all"):
        if statuses is not None:
            rest.append(COMPLAINT.status.in_(statuses))
        if handler is not None:
            rest.append(COMPLAINT.handler == handler)
        return list(_concerning(actor, sorting, rest))
    if handler is not None:
        if statuses is not None:
            rest.append(COMPLAINT.status.in_(statuses))
        return [_range(sorting, "handler", COMPLAINT.handler == handler, rest)]
    if statuses is None and leading is not None:
        return [_range(sorting, *leading, rest)]
    every = tuple(str(status) for status in Status) if statuses is None else statuses
    return [_range(sorting, "status", COMPLAINT.status == status, rest) for status in every]


def _concerning(actor: Actor, sorting: Sorting, conditions: Conditions) -> Iterator[Found]:
    yield _range(sorting, "handler", COMPLAINT.handler == actor.username, conditions)
    yield _range(sorting, "creator", COMPLAINT.created_by == actor.username, conditions)
    order = sorting.order(sorting.of_complaint, COMPLAINT.no)
    own = COMPLAINT.no.in_(_of_own_tasks(actor, TASK.complaint_no))
    yield select().select_from(_COMPLAINT).where(own, *conditions), order
    for group in sorted(actor.groups):
        tables: FromClause = _GROUP
        if conditions:
            tables = _GROUP.join(_COMPLAINT, COMPLAINT.no == GROUP.complaint_no)
        query = select().select_from(tables).distinct()
        query = query.where(GROUP.group_name == group, GROUP.complaint_no.is_not(None), *conditions)
        query = query.with_hint(_GROUP, f"INDEXED BY ix_task_group_{sorting.group_index}", "sqlite")
        yield query, sorting.order(sorting.of_group, GROUP.complaint_no)


def _range(sorting: Sorting, by: str, first: ColumnElement[bool], conditions: Conditions) -> Found:
    query = select().select_from(_COMPLAINT).where(first, *conditions)
    hint = f"INDEXED BY ix_complaint_{by}_{sorting.name}"
    return (
        query.with_hint(_COMPLAINT, hint, "sqlite"),
        sorting.order(sorting.of_complaint, COMPLAINT.no),
    )


def trail_sources(actor: Actor, conditions: Conditions) -> list[Found]:
    """Return where instances are found whose trail somebody may see who may not see all, the newest first.

    `conditions` are on the instance.
    """
    is_open = open_trail(actor)
    started = select().select_from(_INSTANCE).where(INSTANCE.started_by == actor.username, *conditions)
    started = started.where(is_open)
    found = [(started, INSTANCE.id)]
    own = select().select_from(_INSTANCE).where(INSTANCE.id.in_(_of_own_tasks(actor, TASK.instance_id)))
    found.append((own.where(*conditions, is_open), INSTANCE.id))
    for column in (COMPLAINT.handler, COMPLAINT.created_by):
        of_case = _joined(_COMPLAINT, COMPLAINT.instance_id, conditions)
        of_case = of_case.where(column == actor.username, COMPLAINT.instance_id.is_not(None))
        found.append((of_case, COMPLAINT.instance_id))
    for group in sorted(actor.groups):  # restricted tasks wait for a group that may read all instances
        of_group = _joined(_GROUP, GROUP.instance_id, conditions).where(GROUP.group_name == group)
        of_group = of_group.with_hint(_GROUP, "INDEXED BY ix_task_group_instance", "sqlite")
        found.append((of_group.distinct(), GROUP.instance_id))
    return [(query, Order("newest", (column,), descending=True)) for query, column in found]


def _joined(table: FromClause, instance: ColumnElement[Any], conditions: Conditions) -> Select[Any]:
    tables = table.join(_INSTANCE, INSTANCE.id == instance) if conditions else table
    return select().select_from(tables).where(*conditions)


def _of_own_tasks(actor: Actor, column: ColumnElement[Any]) -> Any:
    """Return what tasks belong to that the actor has or did (who completes a task is its assignee), gets
    back, or does for somebody absent.
    """
    rows = select(column).select_from(_TASK).where(column.is_not(None))
    reasons = [rows.where(each == actor.username) for each in (TASK.assignee, TASK.owner)]
    reasons += [rows.where(TASK.assignee == absent, OPEN) for absent in sorted(actor.stands_in_for)]
    return select(union(*reasons).subquery().c[0])
