"""Where a mail belongs: to a case that it answers, to nobody yet, or to a new case."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.channels.mime import ReceivedMail
from engine.config import Config
from engine.domain.complaint import NUMBER_PREFIX, Status
from engine.privacy.identifiers import normalise
from engine.privacy.keyring import Keyring
from engine.store.tables.cases import Complaint
from engine.store.tables.channels import Dispatch
from engine.store.tables.channels import ReceivedMail as Row
from engine.store.tables.privacy import SubjectIndex

FLOOD: Final = 20
"""So many mails of one sender in an hour are two programs that answer each other, or need a person's eye."""
_NUMBER: Final = re.compile(rf"{NUMBER_PREFIX}-[0-9]{{8}}-[0-9]{{6,}}")
_OURS: Final = re.compile(r"<([0-9a-f]{32})@([^<>]+)>")
CASE, CONTACT, RETURNED, REPEATED, WAITING, NOTHING = (
    "case",
    "contact",
    "returned",
    "repeated",
    "waiting",
    "nothing",
)


@dataclass(frozen=True, slots=True)
class Route:
    """What becomes of a mail; `reason` is why a person should look at it."""

    outcome: str
    complaint_no: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """What a mail is known by in our tables: keyed digests, since a Message-ID may tell who somebody is."""

    identity: str
    message: str
    sender: str


def keys_of(keyring: Keyring, mail: ReceivedMail, raw: bytes) -> Keys:
    """Return the keys. Two deliveries of one message have one identity; two messages under one Message-ID,
    as a faulty program sends them, have two.
    """
    body = raw.partition(b"\r\n\r\n")[2] or raw.partition(b"\n\n")[2]
    address = normalise("email", mail.address)
    said = f"{mail.message_id}\0{address}\0{mail.subject}\0{keyring.digest('mail-body', body.hex())}"
    return Keys(
        keyring.digest("mail", said),
        message_key(keyring, mail.message_id),
        keyring.digest("mail-sender", address),
    )


def message_key(keyring: Keyring, message_id: str) -> str:
    """Return the digest of a Message-ID."""
    return keyring.digest("message-id", message_id)


def our_key(config: Config, message_id: str) -> str | None:
    """Return the key of the message of ours that has this Message-ID, or None."""
    found = _OURS.fullmatch(message_id)
    domain = config.mail_from.rpartition("@")[2]
    return found.group(1) if found and found.group(2).lower() == domain.lower() else None


def route(session: Session, config: Config, keyring: Keyring, mail: ReceivedMail, keys: Keys) -> Route:
    """Decide about a mail. A machine's is put before a person, a customer's becomes a case or joins one."""
    twin = select(Row.complaint_no).where(Row.identity == keys.identity, Row.outcome != REPEATED)
    if (known := session.execute(twin.limit(1)).first()) is not None:
        return Route(REPEATED, known.complaint_no)
    if mail.returned is not None:
        return Route(RETURNED, _answered(session, config, (mail.returned.message_id,)))
    if our_key(config, mail.message_id) or mail.address.lower() == config.mail_from.lower():
        return Route(WAITING, reason="loop")
    belongs = _belongs(session, config, keyring, mail)
    if mail.is_automatic:
        return Route(WAITING, belongs, "automatic")
    if _is_flood(session, keys):
        return Route(WAITING, belongs, "flood")
    reason = _doubt(mail)
    if belongs is not None:
        return Route(CONTACT, belongs, reason)
    if (named := _named(session, mail)) is not None:
        return Route(WAITING, named, "other-sender")
    return Route(CASE, reason=reason)


def _doubt(mail: ReceivedMail) -> str | None:
    if mail.is_sealed:
        return "sealed"
    return "broken" if mail.is_broken else None


def _belongs(session: Session, config: Config, keyring: Keyring, mail: ReceivedMail) -> str | None:
    """Return the open case that a mail answers: by thread, or by a number that its sender's case has."""
    found = _answered(session, config, mail.thread) or _in_thread(session, keyring, mail.thread)
    if found is None and (named := _named(session, mail)) and _is_sender_of(session, keyring, mail, named):
        found = named
    return found if found and _takes_more(session, found) else None


def _answered(session: Session, config: Config, thread: tuple[str, ...]) -> str | None:
    keys = [key for each in thread if (key := our_key(config, each))]
    found = select(Dispatch.complaint_no).where(Dispatch.id.in_(keys)).order_by(Dispatch.id.desc()).limit(1)
    return session.scalars(found).first() if keys else None


def _in_thread(session: Session, keyring: Keyring, thread: tuple[str, ...]) -> str | None:
    keys = [message_key(keyring, each) for each in thread]
    found = select(Row.complaint_no).where(Row.message_key.in_(keys), Row.complaint_no.is_not(None))
    return session.scalars(found.order_by(Row.id.desc()).limit(1)).first() if keys else None


def _named(session: Session, mail: ReceivedMail) -> str | None:
    """Return the open case whose number stands in the subject."""
    for number in _NUMBER.findall(mail.subject.upper())[:5]:
        if _takes_more(session, number):
            return str(number)
    return None


def _is_sender_of(session: Session, keyring: Keyring, mail: ReceivedMail, number: str) -> bool:
    address = normalise("email", mail.address)
    same = (
        select(Complaint.no)
        .join(SubjectIndex, SubjectIndex.subject_id == Complaint.subject_id)
        .where(
            Complaint.no == number,
            SubjectIndex.kind == "email",
            SubjectIndex.digest.in_(keyring.index_digests("email", address).values()),
        )
    )
    return bool(address) and session.scalars(same).first() is not None


def _takes_more(session: Session, number: str) -> bool:
    row = session.execute(
        select(Complaint.status, Complaint.instance_id).where(Complaint.no == number)
    ).first()
    return row is not None and not Status(row.status).is_final


def _is_flood(session: Session, keys: Keys) -> bool:
    since = clock.now() - timedelta(hours=1)
    recent = select(func.count(Row.id)).where(Row.sender_key == keys.sender, Row.taken_at > since)
    return (session.scalar(recent) or 0) >= FLOOD
