"""Holding a mailbox against our rows: every message is a case, joined one, or lies before a person (R7)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from engine.channels.mailbox import Place, open_mailbox
from engine.runtime.runtime import Runtime
from engine.store.tables.channels import Mailbox, ReceivedMail


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
