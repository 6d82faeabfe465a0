"""Mails that came in, and the mailboxes that they came to; nothing of what they say (R7)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.read.paging import Order, Page, page
from engine.read.visibility import is_about, not_about
from engine.store.tables.channels import Mailbox, MailboxCheck, MailboxReconciliation, ReceivedMail

_MAIL = ReceivedMail.__table__.c
_SHOWN = (
    *(_MAIL.id, _MAIL.mailbox, _MAIL.uid, _MAIL.size, _MAIL.arrived_at, _MAIL.taken_at, _MAIL.outcome),
    *(
        _MAIL.reason,
        _MAIL.complaint_no,
        _MAIL.document_id,
        _MAIL.decided_by,
        _MAIL.decided_at,
        _MAIL.decision,
    ),
)
OUTCOMES = ("waiting", "case", "contact", "returned", "repeated", "nothing")


def mail_list(
    session: Session,
    actor: Actor,
    *,
    outcome: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return mails, the newest first; those that wait for somebody the oldest first.

    Raises Forbidden, InvalidInput.
    """
    actor.require("channel.read")
    if outcome not in (None, *OUTCOMES):
        raise InvalidInput(f"outcome takes one of {', '.join(OUTCOMES)}", {"outcome": [str(outcome)]})
    query = select(*_SHOWN).where(*not_about(actor, _MAIL.complaint_no))
    if outcome is not None:
        query = query.where(_MAIL.outcome == outcome)
    order = Order(f"mails-{outcome}", (_MAIL.id,), descending=outcome != "waiting")
    return page(session, query, order, limit=limit, cursor=cursor)


def mail_of(session: Session, actor: Actor, mail_id: str) -> ReceivedMail:
    """Return the row of a mail. Raises Forbidden, NotFound."""
    actor.require("channel.read")
    row = session.get(ReceivedMail, mail_id)
    if row is None or is_about(actor, row.complaint_no):
        raise NotFound("there is no such mail")
    return row


def waiting_mails(session: Session) -> int:
    """Return how many mails wait for somebody to decide."""
    query = select(func.count(_MAIL.id)).where(_MAIL.outcome == "waiting")
    return session.scalar(query) or 0


def mailbox_checks(session: Session, actor: Actor, *, days: int = 31) -> list[dict[str, Any]]:
    """Return the checks of the last days, the newest first. Raises Forbidden."""
    actor.require("channel.read")
    rows = session.scalars(select(MailboxCheck).order_by(MailboxCheck.day.desc()).limit(days))
    names = ("day", "due_at", "keeper", "deputy", "checked_by", "checked_at", "found")
    now = clock.now()
    return [
        {name: getattr(row, name) for name in names} | {"is_late": (row.checked_at or now) > row.due_at}
        for row in rows
    ]


def days_without_check(session: Session, today: date) -> list[date]:
    """Return the days of the last year, from the first check on, that have no check: there must be none."""
    from_day = today - timedelta(days=365)
    kept = set(session.scalars(select(MailboxCheck.day).where(MailboxCheck.day >= from_day)))
    if not kept:
        return []
    span = (today - min(kept)).days
    return [day for back in range(1, span + 1) if (day := today - timedelta(days=back)) not in kept]


def reconciliations(session: Session, actor: Actor, *, limit: int = 60) -> list[dict[str, Any]]:
    """Return what came out when mailboxes were held against the cases, the newest first. Raises Forbidden."""
    actor.require("channel.read")
    query = select(*MailboxReconciliation.__table__.c).order_by(MailboxReconciliation.id.desc())
    return [dict(row._mapping) for row in session.execute(query.limit(limit))]


def mailboxes(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Return every mailbox: when it was read last, and what is wrong with it. Raises Forbidden."""
    actor.require("channel.read")
    rows = session.scalars(select(Mailbox).order_by(Mailbox.name))
    names = ("name", "last_uid", "checked_at", "error")
    return [{name: getattr(row, name) for name in names} for row in rows]
