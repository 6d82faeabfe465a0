"""Holding a mailbox against our rows: every message is a case, joined one, or lies before a person (R7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from engine import clock
from engine.audit import note
from engine.channels.mailbox import MailboxAway, Place, open_mailbox, place_of_url
from engine.errors import InvalidInput
from engine.people.actor import Actor
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.channels import Mailbox, MailboxReconciliation, ReceivedMail

NO_MAILBOX: Final = "no mailbox is set: REDRESS_IMAP_URL"
MOST_LOST: Final = 200
"""So many UIDs of lost messages are kept with a reconciliation; their number is kept whole."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a mailbox holds. `outcomes` counts our rows of it; `unread` are UIDs that a pass has yet to reach,
    `lost` those that were passed by without a row: there must be none.
    """

    mailbox: str
    messages: int
    outcomes: dict[str, int]
    unread: tuple[int, ...]
    lost: tuple[int, ...]


def reconcile_all(rt: Runtime, actor: Actor) -> list[dict[str, Any]]:
    """Compare every mailbox of the settings with what was taken in, keep what came out, and return the rows.

    One that is away is kept with its `error`. Waits for the mail servers: call it while no transaction is
    open. Raises Forbidden, InvalidInput (no mailbox is set).
    """
    actor.require("channel.manage")
    if not rt.config.imap_urls:
        raise InvalidInput(NO_MAILBOX, {"": [NO_MAILBOX]})
    rows = [_row(rt, place_of_url(url)) for url in rt.config.imap_urls]
    with rt.sessions.step() as session:
        for row in rows:
            session.add(MailboxReconciliation(id=new_id(), by=actor.username, at=clock.now(), **row))
            told = {name: row[name] for name in ("mailbox", "messages", "unread", "lost")}
            note(session, actor.username, "mailbox.reconciled", told)
    return rows


def _row(rt: Runtime, place: Place) -> dict[str, Any]:
    try:
        found = reconcile(rt, place)
    except MailboxAway as error:
        nothing: dict[str, Any] = {
            "messages": None,
            "unread": None,
            "lost": None,
            "outcomes": {},
            "lost_uids": [],
        }
        return {"mailbox": place.name, **nothing, "error": str(error)[:300]}
    return {
        "mailbox": found.mailbox,
        "messages": found.messages,
        "unread": len(found.unread),
        "lost": len(found.lost),
        "outcomes": found.outcomes,
        "lost_uids": list(found.lost[:MOST_LOST]),
        "error": None,
    }


def reconcile(rt: Runtime, place: Place) -> Reconciled:
    """Compare the messages of a mailbox with what was taken in. Raises MailboxAway."""
    with open_mailbox(place) as box:
        validity, uids = box.validity, box.numbers(rt.config.imap_since)
    with rt.sessions.read() as session:
        row = session.get(Mailbox, place.name)
        last = row.last_uid if row is not None and row.validity == validity else 0
        of_mailbox = ReceivedMail.mailbox == place.name
        known = set(
            session.scalars(select(ReceivedMail.uid).where(of_mailbox, ReceivedMail.validity == validity))
        )
        counts = session.execute(
            select(ReceivedMail.outcome, func.count(ReceivedMail.id))
            .where(of_mailbox)
            .group_by(ReceivedMail.outcome)
        )
        outcomes = {row.outcome: int(row[1]) for row in counts}
    return Reconciled(
        place.name,
        len(uids),
        outcomes,
        tuple(uid for uid in uids if uid > last),
        tuple(uid for uid in uids if uid <= last and uid not in known),
    )
