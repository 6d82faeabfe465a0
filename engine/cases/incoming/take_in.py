"""Taking one mail in: its case, its original and the row that proves it, in one transaction (R4, R7)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.cases.contact import note_contact
from engine.cases.incoming.returned import take_return
from engine.cases.incoming.routing import CASE, CONTACT, REPEATED, RETURNED, Keys, Route, keys_of, route
from engine.cases.incoming.wording import intake_of, said_in
from engine.cases.mails import acknowledgement_of
from engine.cases.registration import register_in
from engine.channels.mime import Attached, ReceivedMail, read_mail
from engine.documents.register import attach_documents, keep_original, store_document
from engine.documents.vault import Vault
from engine.domain.complaint import Channel
from engine.errors import InvalidInput
from engine.people.actor import MAILBOX
from engine.runtime.ledger import note_on_instance
from engine.runtime.notices import Notice, leave_notice
from engine.runtime.outbox import add_jobs
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.cases import Complaint
from engine.store.tables.channels import Mailbox
from engine.store.tables.channels import ReceivedMail as Row
from engine.store.tables.people import Person

MOST_FILES: Final = 20
ORIGINAL: Final = "mail.eml"
WROTE: Final = "customer-wrote"
"""The kind of notice that tells a handler of a mail of their customer."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as a mailbox gave it out; not `is_whole` where it is larger than what is taken."""

    mailbox: str
    validity: int
    uid: int
    size: int
    arrived_at: datetime
    raw: bytes = field(repr=False)
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class _Kept:
    original: str | None
    files: tuple[str, ...]
    refused: int


def take_in(rt: Runtime, vault: Vault, arrived: Arrived) -> str:
    """Take a message in, once however often it is given; return what became of it.

    A new case counts from the arrival in the mailbox (Art. 18, D1). The mailbox's row moves on in the same
    transaction, so that a message is behind us only when it is kept. Where two workers have one message at
    the same moment, its row, unique by UID, undoes the second with all that came with it.
    """
    mail = read_mail(arrived.raw)
    keys = keys_of(rt.keyring, mail, arrived.raw)
    with rt.sessions.read() as session:
        if _is_known(session, arrived):
            return REPEATED
        going = route(session, rt.config, rt.keyring, mail, keys)
    if not arrived.is_whole and going.reason in (None, "broken"):
        going = Route(going.outcome, going.complaint_no, "too-large")
    with rt.sessions.step() as session:
        # Bytes come in before the database is touched.
        kept = _keep(session, vault, arrived, mail, going)
        number = _carry_out(rt, session, arrived, mail, going, kept)
        documents = [each for each in (kept.original, *kept.files) if each]
        if number is not None and going.outcome in (CASE, CONTACT):
            attach_documents(session, documents, number)
        session.add(_row(arrived, keys, going, number, kept.original))
        _move_on(session, arrived)
    return going.outcome


def give_up(rt: Runtime, arrived: Arrived) -> None:
    """Put a message that could not be taken in before a person: what follows it is not to wait for ever."""
    keys = Keys(*(rt.keyring.digest("mail-failed", f"{arrived.validity}:{arrived.uid}") for _ in range(3)))
    with rt.sessions.step() as session:
        if not _is_known(session, arrived):
            session.add(_row(arrived, keys, Route("waiting", reason="failed"), None, None))
        _move_on(session, arrived)


def register_mail(
    rt: Runtime, session: Session, mail: ReceivedMail, received_at: datetime, keys: Keys, notes: Sequence[str]
) -> str:
    """Register what a mail says as a complaint and have it acknowledged; return the number."""
    checked = intake_of(mail, received_at, keys.identity, notes)
    number = register_in(rt, session, MAILBOX, checked).complaint_no
    add_jobs(rt, session, acknowledgement_of(number, checked))
    return number


def join_mail(
    rt: Runtime,
    session: Session,
    mail: ReceivedMail,
    number: str,
    at: datetime,
    key: str,
    notes: Sequence[str],
) -> None:
    """Note a mail as a contact of a case and tell whoever handles it (R28)."""
    note_contact(
        rt,
        session,
        MAILBOX,
        number,
        channel=str(Channel.EMAIL),
        direction="in",
        summary=said_in(mail, notes),
        reached=True,
        at=at,
    )
    handler = select(Person.id).join(Complaint, Complaint.handler == Person.username)
    people = session.scalars(handler.where(Complaint.no == number, Person.active)).all()
    leave_notice(rt, session, people, Notice(WROTE, key, number))


def _carry_out(
    rt: Runtime, session: Session, arrived: Arrived, mail: ReceivedMail, going: Route, kept: _Kept
) -> str | None:
    at = min(arrived.arrived_at, clock.now())
    notes = [*([going.reason] if going.reason else []), *(["refused-files"] if kept.refused else [])]
    number = going.complaint_no
    if going.outcome == CASE:
        number = register_mail(rt, session, mail, at, keys_of(rt.keyring, mail, arrived.raw), notes)
    elif going.outcome == CONTACT and number is not None:
        join_mail(rt, session, mail, number, at, f"{arrived.mailbox}:{arrived.validity}:{arrived.uid}", notes)
    elif going.outcome == RETURNED and mail.returned is not None:
        take_return(rt, session, mail.returned)
    if number is not None and going.outcome in (CASE, CONTACT):
        instance = session.scalars(select(Complaint.instance_id).where(Complaint.no == number)).one()
        data: dict[str, Any] = {"outcome": going.outcome, "document": kept.original, "files": len(kept.files)}
        note_on_instance(session, str(instance), MAILBOX, [Entry("mail.received", data)])
    return number


def _keep(session: Session, vault: Vault, arrived: Arrived, mail: ReceivedMail, going: Route) -> _Kept:
    """Keep the original, and each file that a case takes; what it does not take stays in the original."""
    if going.outcome == REPEATED:
        return _Kept(None, (), 0)
    original = None
    if arrived.is_whole:
        stream = io.BytesIO(arrived.raw)
        original = keep_original(session, vault, stream, ORIGINAL, "message/rfc822", MAILBOX).id
    files: list[str] = []
    refused = 0
    for attached in mail.attached if going.outcome in (CASE, CONTACT) else ():
        document = _keep_file(session, vault, attached) if len(files) < MOST_FILES else None
        if document is None:
            refused += 1
        else:
            files.append(document)
    return _Kept(original, tuple(files), refused)


def _keep_file(session: Session, vault: Vault, attached: Attached) -> str | None:
    stream = io.BytesIO(attached.content)
    try:
        return store_document(session, vault, stream, attached.name, None, MAILBOX).id
    except InvalidInput:
        return None


def _is_known(session: Session, arrived: Arrived) -> bool:
    same = select(Row.id).where(
        Row.mailbox == arrived.mailbox, Row.validity == arrived.validity, Row.uid == arrived.uid
    )
    return session.scalars(same).first() is not None


def _row(arrived: Arrived, keys: Keys, going: Route, number: str | None, original: str | None) -> Row:
    return Row(
        id=new_id(),
        mailbox=arrived.mailbox,
        validity=arrived.validity,
        uid=arrived.uid,
        identity=keys.identity,
        message_key=keys.message,
        sender_key=keys.sender,
        size=arrived.size,
        arrived_at=arrived.arrived_at,
        taken_at=clock.now(),
        outcome=going.outcome,
        reason=going.reason,
        complaint_no=number,
        document_id=original,
    )


def _move_on(session: Session, arrived: Arrived) -> None:
    session.execute(
        update(Mailbox)
        .where(Mailbox.name == arrived.mailbox, Mailbox.validity == arrived.validity)
        .values(last_uid=arrived.uid, attempts=0)
    )
