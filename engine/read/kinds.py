"""What kinds of task are open: one look at an index for each kind, not for each task."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, literal_column, select, union_all
from sqlalchemy.orm import Session

from engine.people.actor import Actor
from engine.read.visibility import GROUP, TASK, open_to_all_or_party
from engine.store.kinds import Kind, read_kind

OPEN = TASK.state == literal_column("'open'")
"""With a literal: only so the databases see that an index over open tasks will do."""


def open_kinds(session: Session) -> list[Kind]:
    """Return every kind that some open task has."""
    return [read_kind(row.kind) for row in session.execute(_kinds_of_all())]


def steps_seen(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Return the steps at which the actor may see open tasks: element_id, name and labels, as one task of
    each process says them.
    """
    ids = _of_each_step(session, actor)
    query = select(TASK.element_id, TASK.name, TASK.labels).where(TASK.id.in_(ids)).order_by(TASK.name)
    return [dict(row._mapping) for row in session.execute(query)]


def _of_each_step(session: Session, actor: Actor) -> list[str]:
    if actor.may("task.read_all"):
        rows = session.execute(_kinds_of_all(open_to_all_or_party(actor))).all()
    else:
        rows = [row for query in _own(actor) for row in session.execute(query)]
        if actor.groups:
            rows += session.execute(_kinds_of_groups(sorted(actor.groups))).all()
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        kind = read_kind(row.kind)
        if row.task_id is not None:
            found.setdefault((kind.process_id, kind.element_id), row.task_id)
    return sorted(found.values())


def _own(actor: Actor) -> list[Select[Any]]:
    one = select(TASK.kind, func.min(TASK.id).label("task_id")).where(OPEN, open_to_all_or_party(actor))
    desks = sorted(actor.desks)
    return [one.where(column.in_(desks)).group_by(TASK.kind) for column in (TASK.assignee, TASK.owner)]


def _kinds_of_all(seen: ColumnElement[bool] | None = None) -> Select[Any]:
    least = select(func.min(TASK.kind).label("kind")).where(OPEN)
    first = least.cte("kinds", recursive=True)
    after = least.where(TASK.kind > first.c.kind).scalar_subquery()
    every = first.union_all(select(after).where(first.c.kind.is_not(None)))
    found = select(every.c.kind).where(every.c.kind.is_not(None))
    if seen is None:
        return found
    one = select(TASK.id).where(OPEN, TASK.kind == every.c.kind, seen).order_by(TASK.due_at, TASK.id).limit(1)
    return found.add_columns(one.scalar_subquery().label("task_id"))


def _kinds_of_groups(groups: list[str]) -> Select[Any]:
    least = select(func.min(GROUP.kind))
    looks = (
        select(
            literal(name).label("name"), least.where(GROUP.group_name == name).scalar_subquery().label("kind")
        )
        for name in groups
    )
    first = select(union_all(*looks).subquery()).cte("kinds", recursive=True)
    after = least.where(GROUP.group_name == first.c.name, GROUP.kind > first.c.kind).scalar_subquery()
    every = first.union_all(select(first.c.name, after).where(first.c.kind.is_not(None)))
    one = (
        select(GROUP.task_id)
        .where(GROUP.group_name == every.c.name, GROUP.kind == every.c.kind)
        .order_by(GROUP.is_free, GROUP.due_at, GROUP.task_id)
        .limit(1)
    )
    return select(every.c.kind, one.scalar_subquery().label("task_id")).where(every.c.kind.is_not(None))
