"""Notices to one person as rows."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from engine.people.actor import Actor
from engine.read.paging import Order, Page, page
from engine.read.visibility import not_about
from engine.store.tables.people import Notification

_NOTICE = Notification.__table__.c
_NEWEST = Order("newest", (_NOTICE.id,), descending=True)


def notice_list(
    session: Session,
    actor: Actor,
    *,
    unread_only: bool = False,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return the actor's own notices, the newest first."""
    columns = ("id", "kind", "complaint_no", "task_id", "created_at", "read_at")
    query = select(*(_NOTICE[name] for name in columns))
    query = query.where(*_of(actor))
    if unread_only:
        query = query.where(_NOTICE.read_at.is_(None))
    return page(session, query, _NEWEST, limit=limit, cursor=cursor)


def _of(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """The actor's notices, without those on a case about them that tell of no task of theirs."""
    about_others = (
        or_(each, _NOTICE.task_id.is_not(None)) for each in not_about(actor, _NOTICE.complaint_no)
    )
    return (_NOTICE.person_id == actor.id, *about_others)


def unread_notices(session: Session, actor: Actor, *, ceiling: int = 99) -> int:
    """Return how many notices the actor has not read; counting stops at `ceiling`."""
    query = select(_NOTICE.id).where(*_of(actor), _NOTICE.read_at.is_(None)).limit(ceiling)
    return session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
