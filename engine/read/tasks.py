"""The task lists: soonest limit first, of one person, of their groups, or of everybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, and_, func, literal_column, select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.read.paging import Order, Page, bounded, decode, encode, page
from engine.read.visibility import COMPLAINT, GROUP, TASK, in_groups, visible_tasks
from engine.store.tables.cases import Complaint
from engine.store.tables.runtime import Task, TaskGroup

STATES = ("open", "completed", "withdrawn")
_COLUMNS = (
    TASK.id,
    TASK.name,
    TASK.labels,
    TASK.element_id,
    TASK.process_id,
    TASK.instance_id,
    TASK.complaint_no,
    TASK.assignee,
    TASK.owner,
    TASK.candidate_groups,
    TASK.four_eyes,
    TASK.due_at,
    TASK.due_kind,
    TASK.follow_up_at,
    TASK.created_at,
    TASK.ended_at,
    TASK.completed_by,
    TASK.end_reason,
    TASK.priority,
    TASK.form_id,
    TASK.state,
    COMPLAINT.grade,
    COMPLAINT.category,
    COMPLAINT.urgent,
    COMPLAINT.received_at,
    COMPLAINT.deadline_provisional,
)
_FROM = Task.__table__.outerjoin(Complaint.__table__, COMPLAINT.no == TASK.complaint_no)
_DUE = Order("due", (TASK.due_at, TASK.id))
_UNDATED = Order("undated", (TASK.id,))
_ORDERS = {
    "created": Order("created", (TASK.created_at, TASK.id), descending=True),
    "priority": Order("priority", (TASK.priority, TASK.id), descending=True),
}
SORTS = ("due", *_ORDERS)


def task_list(
    session: Session,
    actor: Actor,
    *,
    state: str | None = "open",
    complaint_no: str | None = None,
    instance_id: str | None = None,
    assignee: str | None = None,
    group: str | None = None,
    process_id: str | None = None,
    element_id: str | None = None,
    grade: int | None = None,
    unassigned: bool = False,
    sort: str = "due",
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return tasks that the actor may see; all filters must hold.

    `assignee` may be `me`, `group` may be `mine` (any group of the actor). `state=None` gives every state.
    Sorted by the earliest limit, those without one last (`due`), by age (`created`, newest first) or by
    `priority` (highest first). Raises InvalidInput for an unknown state, sort or cursor.
    """
    query = _base(actor)
    if state is not None:
        query = query.where(TASK.state == _one_of("state", state, STATES))
    if assignee is not None:
        query = query.where(TASK.assignee == (actor.username if assignee == "me" else assignee))
    if group is not None:
        query = query.where(in_groups(actor.roles if group == "mine" else frozenset({group})))
    if unassigned:
        query = query.where(TASK.assignee.is_(None))
    exact = {
        TASK.complaint_no: complaint_no,
        TASK.instance_id: instance_id,
        TASK.process_id: process_id,
        TASK.element_id: element_id,
        COMPLAINT.grade: grade,
    }
    for column, value in exact.items():
        if value is not None:
            query = query.where(column == value)
    _one_of("sort", sort, SORTS)
    found = _by_due(session, query, limit, cursor) if sort == "due" else None
    found = found or page(session, query, _ORDERS[sort], limit=limit, cursor=cursor)
    return Page(_with_rights(session, actor, found.items), found.next)


def _base(actor: Actor) -> Select[Any]:
    return select(*_COLUMNS).select_from(_FROM).where(visible_tasks(actor))


def _by_due(session: Session, query: Select[Any], limit: int | None, cursor: str | None) -> Page:
    """Dated tasks by their limit, then undated ones: two ranges of one index instead of a sort over all."""
    count = bounded(limit)
    undated = query.where(TASK.due_at.is_(None))
    if cursor is not None and _is_undated(cursor):
        return page(session, undated, _UNDATED, limit=count, cursor=cursor)
    dated = page(session, query.where(TASK.due_at.is_not(None)), _DUE, limit=count, cursor=cursor)
    if dated.next is not None:
        return dated
    rest = page(session, undated, _UNDATED, limit=max(1, count - len(dated.items)), cursor=None)
    if len(dated.items) < count:
        return Page(dated.items + rest.items, rest.next)
    return Page(dated.items, _first_undated() if rest.items else None)


def _first_undated() -> str:
    return encode(_UNDATED.name, [""])


def _is_undated(cursor: str) -> bool:
    try:
        decode(cursor, _UNDATED.name, 1)
    except InvalidInput:
        return False
    return True


def task(session: Session, actor: Actor, task_id: str) -> dict[str, Any]:
    """Return one task. Raises NotFound, also where the actor may not see it."""
    row = session.execute(_base(actor).where(TASK.id == task_id)).one_or_none()
    if row is None:
        raise NotFound("there is no such task, or it is not one that you may see")
    return _with_rights(session, actor, [dict(row._mapping)])[0]


def task_counts(session: Session, actor: Actor, *, ceiling: int = 999) -> dict[str, int]:
    """Return how many open tasks are `mine`, waiting for my groups (`group`), and `overdue` among mine.

    Counting stops at `ceiling`, so that the figure in the header costs the same on any day.
    """
    mine = and_(TASK.state == "open", TASK.assignee == actor.username)
    wanted: dict[str, Select[Any]] = {
        "mine": select(literal_column("1")).select_from(Task.__table__).where(mine),
        "overdue": select(literal_column("1"))
        .select_from(Task.__table__)
        .where(mine, TASK.due_at <= clock.now()),
        # From the group's side: what waits for a small group is found without looking at all open tasks.
        "group": select(GROUP.task_id)
        .join_from(TaskGroup.__table__, Task.__table__, TASK.id == GROUP.task_id)
        .where(GROUP.group_name.in_(sorted(actor.roles)), TASK.state == "open", TASK.assignee.is_(None))
        .distinct(),
    }
    return {
        name: session.execute(select(func.count()).select_from(query.limit(ceiling).subquery())).scalar_one()
        for name, query in wanted.items()
    }


def steps_of_open_tasks(session: Session, actor: Actor, *, limit: int = 100) -> list[dict[str, Any]]:
    """Return the kinds of step among the open tasks that the actor may see: element_id, name, labels."""
    query = (
        select(TASK.element_id, TASK.name, TASK.labels)
        .where(TASK.state == "open", visible_tasks(actor))
        .distinct()
        .order_by(TASK.name)
        .limit(limit)
    )
    steps: dict[str, dict[str, Any]] = {}
    for row in session.execute(query):
        steps.setdefault(row.element_id, dict(row._mapping))
    return list(steps.values())


def _with_rights(session: Session, actor: Actor, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add `can_claim`, `is_mine` and `is_overdue`; take the four-eyes rule into account."""
    done = _done_by(session, actor, [row["instance_id"] for row in rows if row["four_eyes"]])
    works, now = actor.may("task.work"), clock.now()
    for row in rows:
        involved = any((row["instance_id"], element) in done for element in row.pop("four_eyes"))
        groups = row["candidate_groups"]
        is_open = row["state"] == "open"
        row["is_mine"] = is_open and row["assignee"] == actor.username
        row["can_claim"] = (
            works
            and is_open
            and row["assignee"] is None
            and not involved
            and not actor.roles.isdisjoint(groups)
        )
        row["barred_by_four_eyes"] = is_open and involved
        row["is_overdue"] = is_open and row["due_at"] is not None and row["due_at"] <= now
    return rows


def _done_by(session: Session, actor: Actor, instances: Iterable[str]) -> set[tuple[str, str]]:
    ids = sorted(set(instances))
    if not ids:
        return set()
    query = select(TASK.instance_id, TASK.element_id).where(
        TASK.instance_id.in_(ids), TASK.completed_by == actor.username, TASK.state == "completed"
    )
    return {(row.instance_id, row.element_id) for row in session.execute(query)}


def _one_of(field: str, value: str, allowed: Iterable[str]) -> str:
    if value not in allowed:
        message = f"{field} is {value!r}; it takes one of {', '.join(allowed)}"
        raise InvalidInput(message, {field: [message]})
    return value
