"""Archives as rows: what is sealed, what its time is over, what is held."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.read.paging import Order, Page, page
from engine.read.visibility import is_about, not_about
from engine.store.tables.archive import Archive, ArchiveSupplement, LegalHold

_ARCHIVE = Archive.__table__.c
_SUPPLEMENT = ArchiveSupplement.__table__.c
_HOLD = LegalHold.__table__.c
_SHOWN = [column for column in _ARCHIVE if column.name != "certificate"]
_HELD = exists(select(_HOLD.id).where(_HOLD.complaint_no == _ARCHIVE.complaint_no, _HOLD.lifted_at.is_(None)))
_ORDERS = {
    "sealed": Order("sealed", (_ARCHIVE.sealed_at, _ARCHIVE.complaint_no), descending=True),
    "due": Order("due", (_ARCHIVE.retain_until, _ARCHIVE.complaint_no)),
}
STATES = ("kept", "due", "held", "disposed")


def archive_list(
    session: Session,
    actor: Actor,
    *,
    state: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return archives, the newest first, or by the end of their time where `state` is `due`.

    Raises Forbidden, InvalidInput.
    """
    actor.require("archive.read")
    if state not in (None, *STATES):
        raise InvalidInput(f"state takes one of {', '.join(STATES)}", {"state": [str(state)]})
    query = select(*_SHOWN, _HELD.label("is_held")).where(*not_about(actor, _ARCHIVE.complaint_no))
    now = clock.now()
    conditions: dict[str | None, list[Any]] = {
        None: [],
        "kept": [_ARCHIVE.disposed_at.is_(None), _ARCHIVE.retain_until > now],
        "due": [_ARCHIVE.disposed_at.is_(None), _ARCHIVE.retain_until <= now, ~_HELD],
        "held": [_ARCHIVE.disposed_at.is_(None), _HELD],
        "disposed": [_ARCHIVE.disposed_at.is_not(None)],
    }
    order = _ORDERS["due" if state == "due" else "sealed"]
    return page(session, query.where(*conditions[state]), order, limit=limit, cursor=cursor)


def archive_of(session: Session, actor: Actor, no: str) -> dict[str, Any]:
    """Return one archive with what supplements it and its holds, newest first. Raises Forbidden, NotFound."""
    actor.require("archive.read")
    row = session.execute(
        select(*_ARCHIVE, _HELD.label("is_held")).where(_ARCHIVE.complaint_no == no)
    ).one_or_none()
    if row is None or is_about(actor, no):
        raise NotFound(f"there is no archive of {no}")
    supplements = session.execute(
        select(*_SUPPLEMENT).where(_SUPPLEMENT.complaint_no == no).order_by(_SUPPLEMENT.number)
    )
    holds = session.execute(select(*_HOLD).where(_HOLD.complaint_no == no).order_by(_HOLD.id.desc()))
    return {
        **row._mapping,
        "is_due": row.retain_until <= clock.now(),
        "supplements": [dict(each._mapping) for each in supplements],
        "holds": [dict(h._mapping) for h in holds],
    }
