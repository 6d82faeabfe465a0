"""Quality files as rows for screens: lists, and one file with its records and what came from it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.quality.files import FILE, RECORD
from engine.quality.kinds import KINDS, RETURN, Kind
from engine.read.paging import Order, Page, page
from engine.read.visibility import not_about
from engine.runtime.ledger import note_on_instance
from engine.store.base import table_of
from engine.store.tables.runtime import Task

_TASK = table_of(Task).c
_NEWEST = Order("newest", (FILE.c.opened_at, FILE.c.no), descending=True)
MOST_RECORDS = 500
MOST_COUNTED = 1_000


def visible_files(actor: Actor, kind: Kind) -> ColumnElement[bool]:
    """The files of a kind that the actor may see: all by permission, else those that are theirs to work on,
    that they opened, or of which they have or did a task; never one on a complaint about them that is not
    theirs to answer (Art. 17).
    """
    theirs = (or_(each, FILE.c.owner == actor.username) for each in not_about(actor, FILE.c.complaint_no))
    return and_(_reasons_to_see(actor, kind), *theirs)


def _reasons_to_see(actor: Actor, kind: Kind) -> ColumnElement[bool]:
    if kind.restricted:
        return _party(actor, kind)
    if actor.may(kind.read_all):
        return true()
    columns = (FILE.c.owner, FILE.c.raiser, FILE.c.opened_by)
    return or_(*(column == actor.username for column in columns), had_task(actor))


def _party(actor: Actor, kind: Kind) -> ColumnElement[bool]:
    """The restricted files to which the actor is a party: by permission, or by a task of theirs. Who it is
    about sees their part of it on a page of their own, never the file (R49).
    """
    about_others = or_(FILE.c.owner.is_(None), FILE.c.owner != actor.username)
    return about_others if actor.may(kind.read_all) else and_(about_others, had_task(actor))


def had_task(actor: Actor) -> ColumnElement[bool]:
    """The actor has or did a task of the file's instance."""
    tasks = select(_TASK.id).where(
        _TASK.instance_id == FILE.c.instance_id,
        or_(_TASK.assignee == actor.username, _TASK.completed_by == actor.username),
    )
    return exists(tasks.correlate(FILE))


def file_list(
    session: Session,
    actor: Actor,
    kind: Kind,
    *,
    status: str | None = None,
    complaint_no: str | None = None,
    parent_no: str | None = None,
    mine: bool = False,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return files of a kind that the actor may see, the newest first. Raises InvalidInput.

    `status` may be `open`: every one that is not closed; `mine` are those that the actor has to do.
    """
    query = select(FILE).where(FILE.c.kind == kind.name, visible_files(actor, kind))
    if status == "open":
        query = query.where(FILE.c.closed_at.is_(None))
    elif status is not None:
        if status not in kind.statuses:
            message = f"takes open or one of {', '.join(kind.statuses)}"
            raise InvalidInput(f"status {message}", {"status": [message]})
        query = query.where(FILE.c.status == status)
    if complaint_no is not None:
        query = query.where(FILE.c.complaint_no == complaint_no)
    if parent_no is not None:
        query = query.where(FILE.c.parent_no == parent_no)
    if mine:
        query = query.where(FILE.c.owner == actor.username)
    return page(session, query, _NEWEST, limit=limit, cursor=cursor, finish=_with_lateness)


def _with_lateness(row: dict[str, Any]) -> dict[str, Any]:
    """Say whether a file waits beyond its date, or (a return, filed as it closes) was done after it."""
    due_at, closed_at = row["due_at"], row["closed_at"]
    is_late = closed_at is None and due_at is not None and due_at <= clock.now()
    filed = row["kind"] == RETURN.name and row["status"] in RETURN.final and closed_at is not None
    return row | {"is_late": is_late, "was_late": filed and due_at is not None and closed_at >= due_at}


def one_file(session: Session, actor: Actor, no: str, *kinds: Kind) -> dict[str, Any]:
    """Return a file of one of `kinds` with its `records`, oldest first.

    Raises NotFound, also where the actor may not see it.
    """
    wanted = {kind.name: kind for kind in kinds or KINDS.values()}
    kind_name = session.scalars(select(FILE.c.kind).where(FILE.c.no == no)).one_or_none()
    kind = wanted.get(kind_name or "")
    row = None
    if kind is not None:
        seen = select(FILE).where(FILE.c.no == no, visible_files(actor, kind))
        row = session.execute(seen).one_or_none()
    if row is None:
        raise NotFound("there is no such file, or it is not one that you may see")
    records = select(RECORD).where(RECORD.c.file_no == no).order_by(RECORD.c.id.desc()).limit(MOST_RECORDS)
    found = [dict(each._mapping) for each in session.execute(records)][::-1]
    return _with_lateness(dict(row._mapping)) | {"records": found}


def seen_parent(session: Session, actor: Actor, no: str | None) -> str | None:
    """Return the number of the file that another comes from, None for none.

    Raises InvalidInput at `parent_no` where there is no such file, or not one that the actor may see.
    """
    if not no:
        return None
    try:
        return str(one_file(session, actor, no)["no"])
    except NotFound as error:
        raise InvalidInput(str(error), {"parent_no": [str(error)]}) from error


def file_of(session: Session, actor: Actor, instance_id: str) -> str | None:
    """Return the number of the file that an instance carries, where the actor may see it."""
    row = session.execute(
        select(FILE.c.no, FILE.c.kind).where(FILE.c.instance_id == instance_id)
    ).one_or_none()
    if row is None or row.kind not in KINDS:
        return None
    seen = select(FILE.c.no).where(FILE.c.no == row.no, visible_files(actor, KINDS[row.kind]))
    return session.scalars(seen).one_or_none()


def note_reader(session: Session, actor: Actor, instance_id: str) -> None:
    """Note in a restricted file's own trail that the actor reads what it says; the caller commits."""
    note_on_instance(session, instance_id, actor, [Entry("file.viewed", {})])


def open_files(session: Session, actor: Actor) -> dict[str, int]:
    """Return how many files of each kind that the actor may see are not closed; counts no further than
    `MOST_COUNTED`.
    """
    counts = {}
    for kind in KINDS.values():
        some = select(FILE.c.no).where(
            FILE.c.kind == kind.name, FILE.c.closed_at.is_(None), visible_files(actor, kind)
        )
        counts[kind.name] = session.scalar(
            select(func.count()).select_from(some.limit(MOST_COUNTED).subquery())
        )
    return {name: int(count or 0) for name, count in counts.items()}
