"""The task lists: soonest limit first, of one person, of their groups, or of everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, false, func, literal, or_, select, union
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.read.four_eyes import Checked, barred
from engine.read.kinds import OPEN, steps_seen
from engine.read.paging import Order, Page, bounded, decode, encode, merged
from engine.read.sorting import read_keys, sorted_page
from engine.read.task_text import words_to_find
from engine.read.visibility import (
    COMPLAINT,
    GROUP,
    TASK,
    in_groups,
    not_about,
    open_to_all_or_party,
    tasks_not_about,
    visible_tasks,
)
from engine.read.wanted import STATES, Wanted, narrowed
from engine.read.worklist import Source, few, sources, sources_by_limit, sources_walked
from engine.store.tables.cases import Complaint
from engine.store.tables.runtime import Task

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
    TASK.lent_at,
    TASK.lent_until,
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
    TASK.restricted,
    COMPLAINT.grade,
    COMPLAINT.category,
    COMPLAINT.urgent,
    COMPLAINT.channel,
    COMPLAINT.product,
    COMPLAINT.received_at,
    COMPLAINT.due_at.label("policy_due_at"),
    COMPLAINT.extended_until,
    COMPLAINT.statutory_due_at,
    COMPLAINT.deadline_provisional,
)
_FROM = Task.__table__.outerjoin(Complaint.__table__, COMPLAINT.no == TASK.complaint_no)
_ORDERS = {
    "created": Order("created", (TASK.created_at, TASK.id), descending=True),
    "priority": Order("priority", (TASK.priority, TASK.created_at, TASK.id), descending=True),
}
_NEWEST = Order("newest", (TASK.id,), descending=True)
SORTS = ("due", *_ORDERS)


def task_list(
    session: Session,
    actor: Actor,
    *,
    state: str | None = "open",
    complaint_no: str | None = None,
    instance_id: str | None = None,
    assignee: str | None = None,
    owner: str | None = None,
    borrowed: bool = False,
    group: str | None = None,
    process_id: str | None = None,
    element_id: str | None = None,
    grade: int | None = None,
    category: str | None = None,
    channel: str | None = None,
    due_before: datetime | None = None,
    put_off: bool | None = None,
    text: str | None = None,
    team: frozenset[str] | None = None,
    unassigned: bool = False,
    sort: str = "due",
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return tasks that the actor may see; all filters must hold.

    `owner` is who lent a task, `borrowed` are those that somebody lent to who has them.
    `assignee` and `owner` may be `me`, `group` may be `mine` (any group of the actor), `team` are usernames.
    `state=None` gives every state; `put_off` are the tasks to look at later, `text` words to find.
    Sorted by the earliest limit, those without one last (`due`), by age (`created`, newest first), by
    `priority` (highest first), or, where they are few, by several keys (`engine.read.sorting`).
    Where ended tasks are among those of everybody or of a group, the newest come
    first. Raises InvalidInput for an unknown state, sort or cursor.
    """
    wanted = Wanted(
        state=None if state is None else _one_of("state", state, STATES),
        complaint_no=complaint_no,
        instance_id=instance_id,
        assignees=_desks(actor, assignee) if team is None or assignee else team,
        owners=_desks(actor, owner),
        borrowed=borrowed,
        groups=_groups(actor, group),
        process_id=process_id,
        element_id=element_id,
        grade=grade,
        category=category,
        channel=channel,
        due_before=due_before,
        put_off=put_off,
        words=words_to_find(session, actor, text) if text else (),
        unassigned=unassigned,
        reader=actor,
    )
    ways = narrowed(session, wanted)
    keys = None if sort in SORTS else read_keys(sort)
    count = bounded(limit)
    if keys is not None:
        ids, following = sorted_page(session, few(session, actor, ways), keys, limit=count, cursor=cursor)
        return Page(_with_rights(session, actor, _rows(session, ids)), following)
    if wanted.has_ended and not wanted.is_of_somebody:
        found = [source.sorted_by(_NEWEST) for way in ways for source in sources(actor, way)]
        ids, following = merged(session, found, limit=count, cursor=cursor)
    elif sort == "due":
        by_limit = [source for way in ways for source in sources_by_limit(session, actor, way)]
        ids, following = _by_due(session, by_limit, count, cursor)
    else:
        by_order = [source for way in ways for source in sources_walked(session, actor, way)]
        found = [source.sorted_by(_ORDERS[sort]) for source in by_order]
        walked = any(source.walked for source in by_order)
        ids, following = merged(session, found, limit=count, cursor=cursor, walked=walked)
    return Page(_with_rights(session, actor, _rows(session, ids)), following)


def _desks(actor: Actor, assignee: str | None) -> frozenset[str] | None:
    if assignee is None:
        return None
    return actor.desks if assignee == "me" else frozenset({assignee})


def _groups(actor: Actor, group: str | None) -> frozenset[str] | None:
    if group is None:
        return None
    return actor.groups if group == "mine" else frozenset({group})


def _rows(session: Session, ids: list[str]) -> list[dict[str, Any]]:
    if not ids:
        return []
    query = select(*_COLUMNS).select_from(_FROM).where(TASK.id.in_(ids))
    rows = {row.id: dict(row._mapping) for row in session.execute(query)}
    return [rows[task_id] for task_id in ids if task_id in rows]


def _by_due(
    session: Session, found: list[Source], limit: int, cursor: str | None
) -> tuple[list[str], str | None]:
    """Dated tasks by their limit, then undated ones: two ranges of each index instead of a sort over all."""
    undated = [source.undated() for source in found]
    if cursor is not None and _is_undated(cursor):
        return merged(session, undated, limit=limit, cursor=cursor)
    ordered, walked = [source.dated() for source in found], any(source.walked for source in found)
    dated, following = merged(session, ordered, limit=limit, cursor=cursor, walked=walked)
    if following is not None:
        return dated, following
    rest, following = merged(session, undated, limit=max(1, limit - len(dated)), cursor=None)
    if len(dated) < limit:
        return dated + rest, following
    return dated, encode("undated", [""]) if rest else None


def _is_undated(cursor: str) -> bool:
    try:
        decode(cursor, "undated", 1)
    except InvalidInput:
        return False
    return True


def task(session: Session, actor: Actor, task_id: str) -> dict[str, Any]:
    """Return one task. Raises NotFound, also where the actor may not see it."""
    query = select(*_COLUMNS).select_from(_FROM).where(TASK.id == task_id, visible_tasks(actor))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such task, or it is not one that you may see")
    return _with_rights(session, actor, [dict(row._mapping)])[0]


def knows_of_task(session: Session, actor: Actor, task_id: str) -> bool:
    """Tell whether the actor may know that a task exists: they see it, or it is or was one of their groups'
    (a colleague may just have done it).
    """
    theirs = and_(in_groups(actor.groups), open_to_all_or_party(actor), *tasks_not_about(actor))
    found = select(TASK.id).where(TASK.id == task_id, or_(visible_tasks(actor), theirs))
    return session.execute(found).one_or_none() is not None


def task_counts(session: Session, actor: Actor, *, ceiling: int = 999) -> dict[str, int]:
    """Return how many open tasks are `mine`, waiting for my groups (`group`), and `overdue` among mine.

    Counting stops at `ceiling`, so that the figure in the header costs the same on any day.
    """
    mine = (TASK.assignee.in_(sorted(actor.desks)), OPEN, open_to_all_or_party(actor))
    rows = select(literal(1)).select_from(Task.__table__)
    wanted: dict[str, Select[Any]] = {
        "mine": rows.where(*mine),
        "overdue": rows.where(*mine, TASK.due_at <= clock.now()),
        "group": _waiting_for(actor, ceiling),
    }
    return {
        name: session.execute(select(func.count()).select_from(query.limit(ceiling).subquery())).scalar_one()
        for name, query in wanted.items()
    }


def loan_counts(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many open tasks the actor has `lent`, and how many were lent to them (`borrowed`)."""
    desks = sorted(actor.desks)
    seen = (OPEN, TASK.owner.is_not(None), visible_tasks(actor))
    rows = select(func.count()).select_from(Task.__table__)
    found = {
        "lent": rows.where(TASK.owner.in_(desks), *seen),
        "borrowed": rows.where(TASK.assignee.in_(desks), *seen),
    }
    return {name: session.execute(query).scalar_one() for name, query in found.items()}


def _waiting_for(actor: Actor, most: int) -> Select[Any]:
    """Select the ids of tasks that wait for the actor's groups, once each: of every group at most so many, so
    that no more is read than is counted.
    """
    waiting = (GROUP.is_free.is_(True), *not_about(actor, GROUP.complaint_no))
    of_each = [
        select(GROUP.task_id).where(GROUP.group_name == name, *waiting).limit(most).subquery()
        for name in sorted(actor.groups)
    ]
    if not of_each:
        return select(GROUP.task_id).where(false())
    return select(union(*(select(found) for found in of_each)).subquery())


def steps_of_open_tasks(session: Session, actor: Actor, *, limit: int = 100) -> list[dict[str, Any]]:
    """Return the kinds of step among the open tasks that the actor may see: element_id, name, labels."""
    steps: dict[str, dict[str, Any]] = {}
    for step in steps_seen(session, actor):
        steps.setdefault(step["element_id"], step)
    return list(steps.values())[:limit]


def _with_rights(session: Session, actor: Actor, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add `is_mine`, `stands_in`, `can_claim`, `is_overdue`, and `barred`: why four eyes keep the actor from
    it, else None.
    """
    bars = barred(session, actor.username, [_checked(row) for row in rows if row["state"] == "open"])
    works, now = actor.may("task.work"), clock.now()
    for row in rows:
        del row["four_eyes"]
        is_open = row["state"] == "open"
        row["barred"] = bars.get(row["id"])
        desks = {actor.username} if row["restricted"] else actor.desks
        row["is_mine"] = is_open and row["assignee"] in desks
        row["stands_in"] = row["is_mine"] and row["assignee"] != actor.username
        row["can_claim"] = (
            works
            and is_open
            and row["assignee"] is None
            and row["barred"] is None
            and not actor.groups.isdisjoint(row["candidate_groups"])
        )
        row["is_overdue"] = is_open and row["due_at"] is not None and row["due_at"] <= now
    return rows


def _checked(row: Mapping[str, Any]) -> Checked:
    return Checked(row["id"], row["instance_id"], row["complaint_no"], row["four_eyes"])


def _one_of(field: str, value: str, allowed: Iterable[str]) -> str:
    if value not in allowed:
        message = f"{field} is {value!r}; it takes one of {', '.join(allowed)}"
        raise InvalidInput(message, {field: [message]})
    return value
