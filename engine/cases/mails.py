"""Mails to customers who want to be answered by mail: the acknowledgement, and the survey (R5, R30, R32).

They are composed when they are sent, from templates that an owner edits (forms with `"use": "mail"`), and
noted as contacts of the case: reached when the mail server took them, not reached when it refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from engine import clock, read
from engine.cases.another_way import tell_another_way
from engine.cases.contact import note_contact
from engine.cases.extension import told_by_message
from engine.cases.letters import Letter, compose
from engine.cases.limits import limits_in_force
from engine.cases.public.secrets import survey_token, tracking_secret
from engine.cases.rows import COMPLAINT, lock_case
from engine.channels.gateway import Outgoing, hand_over
from engine.channels.mail import Mail, Refused, deliver
from engine.channels.sink import Sink
from engine.config import Config
from engine.errors import FormRefused
from engine.people.actor import SYSTEM
from engine.privacy.masking import ERASED
from engine.privacy.subjects import subject_key
from engine.privacy.values import read_value
from engine.runtime.once import Once, recall, remember
from engine.runtime.outbox import outbox_row
from engine.runtime.runtime import Runtime
from engine.runtime.task_limits import move_in_case
from engine.store.tables.channels import Dispatch

CUSTOMER_MAIL: Final = "redress:mail-to-customer"
"""The type of the job that sends one; its payload names the complaint and the template."""
CUSTOMER_TEXT: Final = "redress:text-to-customer"
"""The same by text message."""
ACKNOWLEDGEMENT: Final = "mail-acknowledgement"
SURVEY: Final = "mail-survey"
LANGUAGE: Final = "language"
"""The fact of a case that says in which language the customer wrote to us."""
RESULT: Final = "letter-result"
DELAY: Final = "letter-delay"
OWED: Final = frozenset({RESULT, DELAY})
"""What a customer has to be told: where such a mail comes back, they are told another way (R30)."""
NOTICE: Final = "notice"
"""The kind of record that the answer leaves."""
_WAY: Final = {NOTICE: ("used_contact", RESULT), "extension": ("told_by", DELAY)}
_NEEDED: Final = {"email": "email", "sms": "phone"}
_WITHOUT: Final = {
    "email": "the case holds no e-mail address: choose another way",
    "sms": "the case holds no phone number: choose another way",
}
_USUAL: Final = "zh-Hans"


def language_of(case: Mapping[str, Any]) -> str:
    """Return the language in which the customer of a case is written to: what they wrote in, if known."""
    return str(case["facts"].get(LANGUAGE) or _USUAL)


def acknowledgement_of(complaint_no: str, intake: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the job that tells a customer at once that we have the complaint, and its number (R5, R30).

    By mail or text message, where they wish to be answered so and left an address; else there is none: on the
    phone whoever registers says it, and a letter is written on the page of the case.
    """
    way = str(intake["preferred_contact"])
    if way not in _NEEDED or not intake["customer"].get(_NEEDED[way]):
        return []
    return [letter_job(complaint_no, way, ACKNOWLEDGEMENT)]


def wants_mail(preferred_contact: str, personal: Mapping[str, Any]) -> bool:
    """Whether the customer of a case asked to be answered by mail and left an address (R30)."""
    return preferred_contact == "email" and "email" in personal


def letter_by(kind: str, values: Mapping[str, Any], personal: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return over which channel we are to send which letter after a form recorded this, or None (R29, R30).

    `values` are those of the form: whoever filled it in chose the way, and us to send it. Raises FormRefused
    where the case holds no address or number for it.
    """
    if not is_left_to_us(kind, values):
        return None
    field, template = _WAY[kind]
    way = str(values[field])
    if _NEEDED[way] not in personal:
        message = _WITHOUT[way]
        raise FormRefused(message, {field: [message]})
    return way, template


def is_left_to_us(kind: str, values: Mapping[str, Any]) -> bool:
    """Whether a form that recorded this leaves it to us to send the letter, by mail or text message."""
    field, _ = _WAY.get(kind, ("", ""))
    return values.get(field) in _NEEDED and values.get("notice_sending") == "system"


def mail_of(complaint_no: str, template: str) -> dict[str, Any]:
    """Return the row of the job that sends a mail to the customer of a complaint."""
    return outbox_row(CUSTOMER_MAIL, {"complaint_no": complaint_no, "template": template})


def letter_job(complaint_no: str, way: str, template: str) -> dict[str, Any]:
    """Return the row of the job that sends a letter over a channel, `email` or `sms`."""
    kind = CUSTOMER_MAIL if way == "email" else CUSTOMER_TEXT
    return outbox_row(kind, {"complaint_no": complaint_no, "template": template})


def mail_customer(rt: Runtime, payload: Mapping[str, Any], key: str) -> None:
    """Send one mail, known by `key` on both sides, and note the contact once.

    Somebody who was erased meanwhile gets none. Raises NotSent where it may succeed later, NotFound (no such
    template), InvalidInput (the template cannot be filled).
    """

    def hand(address: str, letter: Letter, sink: Sink) -> str:
        title = f"{letter.title} {sink.complaint_no}"
        return deliver(rt.config, Mail(address, title, "\n\n".join(letter.paragraphs), key), sink)

    _send(rt, payload, key, "email", hand)


def text_customer(rt: Runtime, payload: Mapping[str, Any], key: str) -> None:
    """As `mail_customer`, by text message through its gateway."""

    def hand(number: str, letter: Letter, sink: Sink) -> str:
        said = "\n".join((f"{letter.title} {sink.complaint_no}", *letter.paragraphs))
        return hand_over(rt.config, Outgoing(key, number, said), sink)

    _send(rt, payload, key, "sms", hand)


def _send(
    rt: Runtime, payload: Mapping[str, Any], key: str, channel: str, hand: Callable[[str, Letter, Sink], str]
) -> None:
    no, template, field = str(payload["complaint_no"]), str(payload["template"]), _NEEDED[channel]
    with rt.sessions.read() as session:
        row = read.complaint(session, SYSTEM, no)
        if row["erased_at"] or field not in row["personal"]:
            return
        language = language_of(row)
        use = "letter" if template in OWED else "mail"
        letter = compose(rt, session, row, template, language, use=use, more={"link": _links(rt, no)})
        address = read_value(session, rt.keyring, row["personal"][field])
        own_key = subject_key(session, rt.keyring, row["subject_id"])
    if address is ERASED or own_key is None:
        return
    reply, outcome = "", "sent"
    try:
        reply = hand(address, letter, Sink(rt.config.data_dir, no, own_key))
    except Refused:
        outcome = "refused"
    once = Once(key, hashlib.sha256(template.encode()).hexdigest())
    proof = {"channel": channel, "template": template, "outcome": outcome, "reply": reply or None}
    with rt.sessions.step() as session:
        if recall(session, SYSTEM, once) is None:
            _note(rt, session, key, no, letter.title, proof)
            remember(session, SYSTEM, once, {"outcome": outcome})


def _note(
    rt: Runtime, session: Session, key: str, no: str, title: str, proof: Mapping[str, str | None]
) -> None:
    """Keep the proof of dispatch (Art. 21), and the contact that it was (R28)."""
    now, is_sent = clock.now(), proof["outcome"] == "sent"
    lock_case(session, no)
    if proof["template"] == RESULT and is_sent:
        # The answer is given when the other side has it, not when the form was sent (Art. 21, D2); where the
        # customer was told another way before, that stands.
        told = update(COMPLAINT).where(COMPLAINT.c.no == no, COMPLAINT.c.notified_at.is_(None))
        session.execute(told.values(notified_at=now))
    session.add(Dispatch(id=key, complaint_no=no, at=now, **proof))
    note_contact(
        rt,
        session,
        SYSTEM,
        no,
        channel=str(proof["channel"]),
        direction="out",
        summary=title,
        reached=is_sent,
        at=now,
    )
    if proof["template"] == DELAY:
        _delay_told(session, no, now if is_sent else None)
    if not is_sent and proof["template"] in OWED:
        tell_another_way(rt, session, no)


def give_up(rt: Runtime, session: Session, payload: Mapping[str, Any]) -> None:
    """A message could not be sent for good: what the customer is owed is told another way (R30, Art. 21).

    The incident stays, and the answer counts as given only once somebody has given it.
    """
    no = str(payload["complaint_no"])
    if payload["template"] in OWED:
        lock_case(session, no)
        if payload["template"] == DELAY:
            _delay_told(session, no, None)
        tell_another_way(rt, session, no)


def _delay_told(session: Session, no: str, at: datetime | None) -> None:
    """Take over whether the customer was told a later date in time; tasks follow the date in force (R39)."""
    valid = told_by_message(session, no, at)
    changed = update(COMPLAINT).where(COMPLAINT.c.no == no).values(extension_valid=valid)
    row = session.execute(changed.returning(*COMPLAINT.c)).one()
    move_in_case(session, no, limits_in_force(dict(row._mapping)))


def _links(rt: Runtime, no: str) -> dict[str, str]:
    base = public_address(rt.config)
    return {
        "track": f"{base}/track",
        "survey": f"{base}/survey/{survey_token(rt.keyring, no)}",
        "secret": tracking_secret(rt.keyring, no),
    }


def public_address(config: Config) -> str:
    """Return where customers find us: `REDRESS_PUBLIC_URL`, else this machine."""
    return config.public_url or f"http://127.0.0.1:{config.port}"
