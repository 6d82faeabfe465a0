"""Where the cases of a register are found: ranges of indexes, to be merged.

As with tasks (`engine.read.worklist`), who sees a case is an `OR` of several reasons: each is a source of its
own, in the list's order, cut at the page. What waits for a group is found by the group's rows, which carry
what these lists are sorted by; what one has or had oneself is a person's own work, and is read whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import ge
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, select, union
from sqlalchemy.orm import Session

from engine import clock
from engine.domain.complaint import Status
from engine.people.actor import Actor
from engine.read.kinds import OPEN, open_kinds
from engine.read.narrow import is_wide
from engine.read.paging import Order
from engine.read.visibility import COMPLAINT, GROUP, TASK, not_about, visible_complaints
from engine.store.base import table_of
from engine.store.tables.cases import Complaint
from engine.store.tables.runtime import Task, TaskGroup
from engine.store.unindexed import Unindexed
from engine.store.within import Within

OPEN_STATUSES = tuple(str(status) for status in Status if not status.stops_clocks)
"""The clock runs while a complaint is in one of these: it stops with the notice to the customer (D2)."""
Found = tuple[Select[Any], Order]
_COMPLAINT, _TASK, _GROUP = (table_of(each) for each in (Complaint, Task, TaskGroup))


@dataclass(frozen=True, slots=True)
class Sorting:
    """An order of the register: its column, and the same on the rows of groups."""

    name: str
    of_complaint: ColumnElement[Any]
    of_group: ColumnElement[Any]
    descending: bool = False

    def order(self, *columns: ColumnElement[Any], few: bool = False) -> Order:
        """Return the order by these columns; where few rows are sorted, no index is to be walked for it."""
        return Order(self.name, tuple(map(Unindexed, columns)) if few else columns, self.descending)


SORTINGS = {
    "received": Sorting("received", COMPLAINT.received_at, GROUP.received_at, descending=True),
    "due": Sorting("due", COMPLAINT.due_at, GROUP.limit_at),
}


@dataclass(frozen=True, slots=True)
class WantedCases:
    """The filters of a register, names resolved; what is None does not narrow it."""

    statuses: tuple[str, ...] | None = None
    grade: int | None = None
    category: str | None = None
    channel: str | None = None
    sub_code: str | None = None
    handler: str | None = None
    overdue: bool = False
    numbers: frozenset[str] | None = None
    """Where few cases come into question: theirs alone."""
    part: str | None = None
    """What the number has in it, where many have it."""

    @property
    def facts(self) -> list[tuple[ColumnElement[Any], Any]]:
        """The columns that an index begins with in each order, and their values, the rarest first."""
        exact = (
            (COMPLAINT.channel, self.channel),
            (COMPLAINT.category, self.category),
            (COMPLAINT.grade, self.grade),
        )
        return [(column, value) for column, value in exact if value is not None]

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return all filters as conditions on the complaint, but for its statuses and its handler."""
        found = [Unindexed(column) == value for column, value in self.facts]
        return [*found, *([COMPLAINT.due_at <= clock.now()] if self.overdue else ()), *self._others()]

    @property
    def runs(self) -> bool | None:
        """Whether the clocks of the wanted cases run; None where some do."""
        runs = {status in OPEN_STATUSES for status in self.statuses or ()}
        return runs.pop() if len(runs) == 1 else None

    def of_group(self) -> list[ColumnElement[bool]]:
        """Return the filters that a group's row and the kind of its task leave to the complaint's row."""
        answered = self.statuses is None or set(self.statuses) == set(OPEN_STATUSES)
        return [*([] if answered else self.of_status()), *self._others()]

    def of_status(self) -> list[ColumnElement[bool]]:
        """Return the condition on the complaint's status."""
        return [] if self.statuses is None else [Unindexed(COMPLAINT.status).in_(self.statuses)]

    def _others(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.sub_code is not None:
            found.append(COMPLAINT.sub_code == self.sub_code)
        if self.part is not None:
            found.append(COMPLAINT.no.contains(self.part, autoescape=True))
        if self.numbers is not None:
            found.append(Within(COMPLAINT.no, self.numbers))
        return found


def case_sources(session: Session, actor: Actor, sorting: Sorting, wanted: WantedCases) -> list[Found]:
    """Return where the wanted cases that the actor may see are found."""
    if wanted.statuses == () or wanted.numbers == frozenset():
        return []
    if wanted.numbers is not None:
        return [_few(actor, sorting, wanted)]
    everything = actor.may("complaint.read_all")
    if not everything and wanted.handler is None:
        return [*_own(actor, sorting, wanted), *_of_groups(session, actor, sorting, wanted)]
    rest = [*wanted.conditions(), *not_about(actor, COMPLAINT.no)]
    if wanted.handler is not None:
        seen = [] if wanted.handler == actor.username else [visible_complaints(actor)]
        rest += [*seen, *wanted.of_status()]
        return [_range(sorting, COMPLAINT.handler == wanted.handler, rest)]
    if wanted.statuses is None and wanted.facts:
        column, value = wanted.facts[0]
        return [_range(sorting, column == value, rest)]
    every = wanted.statuses or tuple(str(status) for status in Status)
    return [_range(sorting, COMPLAINT.status == status, rest) for status in every]


def _range(sorting: Sorting, first: ColumnElement[bool], conditions: Sequence[ColumnElement[bool]]) -> Found:
    query = select().select_from(_COMPLAINT).where(first, *conditions)
    return query, sorting.order(sorting.of_complaint, COMPLAINT.no)


def _few(actor: Actor, sorting: Sorting, wanted: WantedCases) -> Found:
    rest = [visible_complaints(actor), *wanted.of_status(), *wanted.conditions()]
    if wanted.handler is not None:
        rest.append(Unindexed(COMPLAINT.handler) == wanted.handler)
    query = select().select_from(_COMPLAINT).where(*rest)
    return query, sorting.order(sorting.of_complaint, COMPLAINT.no, few=True)


def _own(actor: Actor, sorting: Sorting, wanted: WantedCases) -> Iterator[Found]:
    rest = [*wanted.of_status(), *wanted.conditions(), *not_about(actor, COMPLAINT.no)]
    yield _range(sorting, COMPLAINT.handler == actor.username, rest)
    yield _range(sorting, COMPLAINT.created_by == actor.username, rest)
    own = COMPLAINT.no.in_(of_own_tasks(actor, TASK.complaint_no))
    query = select().select_from(_COMPLAINT).where(own, *rest)
    yield query, sorting.order(sorting.of_complaint, COMPLAINT.no, few=True)


def _of_groups(session: Session, actor: Actor, sorting: Sorting, wanted: WantedCases) -> Iterator[Found]:
    """Give what waits for each group: by its kinds or limits where few fit, else in the list's order."""
    kinds = _kinds(session, wanted)
    groups = [GROUP.group_name == name for name in sorted(actor.groups)]
    if kinds is not None and not kinds:
        return
    row: list[ColumnElement[bool]] = [_OF_CASE, *not_about(actor, GROUP.complaint_no)]
    few = False
    for column, holds in (
        (GROUP.kind, None if kinds is None else partial(Within, values=kinds)),
        (GROUP.limit_at, partial(ge, clock.now()) if wanted.overdue else None),
    ):
        if holds is not None:
            of_case = [] if column is GROUP.kind else [_OF_CASE]
            counted = (select().select_from(_GROUP).where(group, *of_case, holds(column)) for group in groups)
            leads = not few and not is_wide(session, counted)
            row.append(holds(column if leads else Unindexed(column)))
            few |= leads
    rest = wanted.of_group()
    tables: FromClause = _GROUP
    if rest:
        tables = _GROUP.join(_COMPLAINT, COMPLAINT.no == GROUP.complaint_no)
    for group in groups:
        query = select().select_from(tables).distinct().where(group, *row, *rest)
        yield query, sorting.order(sorting.of_group, GROUP.complaint_no, few=few)


_OF_CASE = GROUP.complaint_no.is_not(None)


def _kinds(session: Session, wanted: WantedCases) -> frozenset[str] | None:
    """Return the kinds of open tasks whose cases are wanted; None where any kind may be."""
    exact: dict[str, Any] = {str(column.key): value for column, value in wanted.facts}
    if wanted.runs is not None:
        exact["runs"] = wanted.runs
    if not exact:
        return None
    return frozenset(
        kind.text
        for kind in open_kinds(session)
        if all(getattr(kind, name) == value for name, value in exact.items())
    )


def of_own_tasks(actor: Actor, column: ColumnElement[Any]) -> Any:
    """Return what tasks belong to that the actor has or did (who completes a task is its assignee), gets
    back, or does for somebody absent.
    """
    rows = select(column).select_from(_TASK).where(column.is_not(None))
    reasons = [rows.where(each == actor.username) for each in (TASK.assignee, TASK.owner)]
    reasons += [rows.where(TASK.assignee == absent, OPEN) for absent in sorted(actor.stands_in_for)]
    return select(union(*reasons).subquery().c[0])
