"""Text messages: those that customers send, and what the gateway says of ours (R28, R30)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.another_way import tell_another_way
from engine.cases.contact import note_contact
from engine.cases.intake import MOST_TEXT, read_intake
from engine.cases.mails import OWED, acknowledgement_of
from engine.cases.registration import register_in
from engine.domain.complaint import UNFINISHED, Channel, PreferredContact
from engine.errors import InvalidInput, NotFound
from engine.people.actor import SYSTEM
from engine.privacy.identifiers import normalise
from engine.runtime.notices import Notice, leave_notice
from engine.runtime.outbox import add_jobs
from engine.runtime.runtime import Runtime
from engine.store.tables.cases import Complaint
from engine.store.tables.channels import Dispatch
from engine.store.tables.people import Person
from engine.store.tables.privacy import SubjectIndex

SOURCE: Final = "sms"
WROTE: Final = "customer-wrote"
_NOBODY: Final = "（未具名）"
DELIVERED, FAILED = "delivered", "failed"


@dataclass(frozen=True, slots=True)
class Text:
    """A text message of a customer, as the gateway gives it."""

    id: str
    at: datetime
    sender: str = field(repr=False)
    text: str = field(repr=False)


def take_text(rt: Runtime, session: Session, message: Text) -> str:
    """Add a text message to the open case of whoever has this number, else register it; return the number.

    Once under its id, within the caller's transaction.
    """
    known = select(Complaint.no).where(Complaint.source == SOURCE, Complaint.source_ref == message.id)
    if (number := session.scalars(known).first()) is not None:
        return number
    at = min(message.at, clock.now())
    open_case = _case_of(rt, session, message.sender)
    if open_case is None:
        intake = {
            "channel": str(Channel.SMS),
            "received_at": at.isoformat(),
            "content": message.text[:MOST_TEXT].strip() or _NOBODY,
            "customer": {"name": _NOBODY, "phone": message.sender[:40]},
            "preferred_contact": str(PreferredContact.SMS),
            "source": SOURCE,
            "source_ref": message.id,
        }
        checked = read_intake(intake)
        number = register_in(rt, session, SYSTEM, checked).complaint_no
        add_jobs(rt, session, acknowledgement_of(number, checked))
        return number
    note_contact(
        rt,
        session,
        SYSTEM,
        open_case.no,
        channel=str(PreferredContact.SMS),
        direction="in",
        summary=message.text[:MOST_TEXT] or _NOBODY,
        reached=True,
        at=at,
    )
    people = session.scalars(select(Person.id).where(Person.username == open_case.handler, Person.active))
    leave_notice(rt, session, people.all(), Notice(WROTE, f"sms:{message.id}", open_case.no))
    return open_case.no


def take_receipt(rt: Runtime, session: Session, key: str, status: str, code: str) -> None:
    """Note what became of a message of ours; one that failed for good is told another way (R30).

    Said once: what comes after the first word changes nothing. Raises NotFound, InvalidInput.
    """
    if status not in (DELIVERED, FAILED):
        message = f"takes {DELIVERED} or {FAILED}"
        raise InvalidInput(message, {"status": [message]})
    sent = session.scalars(select(Dispatch).where(Dispatch.id == key).with_for_update()).one_or_none()
    if sent is None or sent.channel != SOURCE:
        raise NotFound(f"no text message has the id {key[:40]}")
    if sent.outcome != "sent":
        return
    outcome = DELIVERED if status == DELIVERED else "returned"
    changed = update(Dispatch).where(Dispatch.id == key)
    session.execute(changed.values(outcome=outcome, ended_at=clock.now(), status=code[:16] or None))
    if status == FAILED:
        note_contact(
            rt,
            session,
            SYSTEM,
            sent.complaint_no,
            channel=SOURCE,
            direction="out",
            summary=f"短信未送達 {code[:16]}".strip(),
            reached=False,
            at=clock.now(),
        )
        if sent.template in OWED:
            tell_another_way(rt, session, sent.complaint_no)


def _case_of(rt: Runtime, session: Session, phone: str) -> Complaint | None:
    digests = rt.keyring.index_digests("phone", normalise("phone", phone)).values()
    found = (
        select(Complaint)
        .join(SubjectIndex, SubjectIndex.subject_id == Complaint.subject_id)
        .where(
            SubjectIndex.kind == "phone",
            SubjectIndex.digest.in_(digests),
            Complaint.status.in_(UNFINISHED),
        )
        .order_by(Complaint.no.desc())
        .limit(1)
    )
    return session.scalars(found).first()
