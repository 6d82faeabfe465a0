"""How hotline and chat are answered: rosters, figures, calls without a case, response times (R6, R8)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import NotFound
from engine.people.actor import Actor
from engine.read.paging import Order, Page, page
from engine.read.visibility import is_about, not_about
from engine.store.tables.channels import Call, CallFigures, Chat, HotlineShift

SPAN: Final = timedelta(days=30)
_CALL, _CHAT, _SHIFT = Call.__table__.c, Chat.__table__.c, HotlineShift.__table__.c
_MOST_SHIFTS = 500


def shifts(session: Session, actor: Actor, begins_at: datetime, ends_at: datetime) -> list[dict[str, Any]]:
    """Return the shifts of the roster that touch a span, in order, at most 500. Raises Forbidden."""
    actor.require("channel.read")
    query = (
        select(_SHIFT.id, _SHIFT.person, _SHIFT.begins_at, _SHIFT.ends_at)
        .where(_SHIFT.removed_at.is_(None), _SHIFT.ends_at > begins_at, _SHIFT.begins_at < ends_at)
        .order_by(_SHIFT.begins_at, _SHIFT.id)
        .limit(_MOST_SHIFTS)
    )
    return [dict(row._mapping) for row in session.execute(query)]


def call_figures(session: Session, actor: Actor) -> dict[str, int | None]:
    """Return how calls were answered in the last 30 days: counts, percent answered, mean wait in seconds.

    Without a call there is no percentage, and no wait. Raises Forbidden.
    """
    actor.require("channel.read")
    sums = [func.sum(column) for column in (CallFigures.offered, CallFigures.answered)]
    sums += [func.sum(CallFigures.abandoned), func.sum(CallFigures.wait_s)]
    row = session.execute(select(*sums).where(CallFigures.begins_at >= clock.now() - SPAN)).one()
    offered, answered, abandoned, wait_s = (int(each or 0) for each in row)
    return {
        "offered": offered,
        "answered": answered,
        "abandoned": abandoned,
        "percent": round(100 * answered / offered) if offered else None,
        "wait_s": round(wait_s / answered) if answered else None,
    }


def calls_without_case(session: Session, actor: Actor, *, limit: int = 50) -> list[dict[str, Any]]:
    """Return calls that were tagged as complaints and have no case, the oldest first: there must be none."""
    actor.require("channel.read")
    query = (
        select(_CALL.id, _CALL.at, _CALL.recording)
        .where(_CALL.is_complaint, _CALL.complaint_no.is_(None))
        .order_by(_CALL.at, _CALL.id)
        .limit(limit)
    )
    return [dict(row._mapping) for row in session.execute(query)]


def chat_list(session: Session, actor: Actor, *, limit: int | None = None, cursor: str | None = None) -> Page:
    """Return chats, the newest first. Raises Forbidden, InvalidInput."""
    actor.require("channel.read")
    return page(
        session,
        select(*_CHAT).where(*not_about(actor, _CHAT.complaint_no)),
        Order("chats", (_CHAT.began_at, _CHAT.id), descending=True),
        limit=limit,
        cursor=cursor,
    )


def chat_of(session: Session, actor: Actor, chat_id: str) -> Chat:
    """Return the row of a chat. Raises Forbidden, NotFound."""
    actor.require("channel.read")
    row = session.get(Chat, chat_id)
    if row is None or is_about(actor, row.complaint_no):
        raise NotFound("there is no such chat")
    return row


def response_figures(session: Session, actor: Actor) -> dict[str, int | None]:
    """Return of the last 30 days how many chats there were, how many nobody answered, how many of those wait
    for a call, and the first response in seconds of half and of 95 in 100 of the others. Raises Forbidden.
    """
    actor.require("channel.read")
    recent = _CHAT.began_at >= clock.now() - SPAN
    count = select(func.count(_CHAT.id)).where(recent)
    unanswered = count.where(_CHAT.first_response_s.is_(None), _CHAT.complaint_no.is_(None))
    answered = session.scalar(count.where(_CHAT.first_response_s.is_not(None))) or 0
    order = (
        select(_CHAT.first_response_s)
        .where(recent, _CHAT.first_response_s.is_not(None))
        .order_by(_CHAT.first_response_s)
    )

    def share(percent: int) -> int | None:
        if not answered:
            return None
        return session.scalar(order.offset(max(0, -(-answered * percent // 100) - 1)).limit(1))

    return {
        "chats": session.scalar(count) or 0,
        "unanswered": session.scalar(unanswered) or 0,
        "to_call": session.scalar(unanswered.where(_CHAT.called_back_at.is_(None))) or 0,
        "half": share(50),
        "most": share(95),
    }
