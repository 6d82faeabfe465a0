"""A mail of ours that came back: the customer was not reached, and is to be told another way (R30)."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.another_way import tell_another_way
from engine.cases.contact import note_contact
from engine.cases.incoming.routing import our_key
from engine.cases.mails import OWED
from engine.channels.mime import Returned
from engine.domain.complaint import Channel
from engine.people.actor import MAILBOX
from engine.runtime.runtime import Runtime
from engine.store.tables.channels import Dispatch

_NOT_REACHED = "退信 %s"


def take_return(rt: Runtime, session: Session, returned: Returned) -> None:
    """Note that a message came back, once however many reports of it come; a delay is no failure."""
    key = our_key(rt.config, returned.message_id)
    if key is None or not returned.is_final:
        return
    sent = session.scalars(select(Dispatch).where(Dispatch.id == key).with_for_update()).one_or_none()
    if sent is None or sent.outcome not in ("sent", "delivered"):
        return
    now = clock.now()
    changed = update(Dispatch).where(Dispatch.id == key)
    session.execute(changed.values(outcome="returned", ended_at=now, status=returned.status or None))
    note_contact(
        rt,
        session,
        MAILBOX,
        sent.complaint_no,
        channel=str(Channel.EMAIL),
        direction="out",
        summary=_NOT_REACHED % returned.status,
        reached=False,
        at=now,
    )
    if sent.template in OWED:
        tell_another_way(rt, session, sent.complaint_no)
