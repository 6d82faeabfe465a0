"""Contacts with the customer while the case is open (R22, R28)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.cases.archive.gate import supplement
from engine.cases.channels import channels_in_force
from engine.cases.rows import COMPLAINT, lock_complaint
from engine.domain.complaint import PreferredContact
from engine.domain.deadlines import local_date
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.privacy.values import store_values
from engine.runtime.ledger import note_on_instance
from engine.runtime.once import Once, recall, remember
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.cases import Contact

DIRECTIONS = ("in", "out")


def record_contact(
    rt: Runtime,
    actor: Actor,
    no: str,
    *,
    channel: str,
    direction: str,
    summary: str,
    reached: bool = True,
    at: datetime | None = None,
    idempotency: Once | None = None,
) -> str:
    """Note a contact and return its id; the summary goes into the encrypted store.

    Raises NotFound, InvalidInput (by field).
    """
    errors: dict[str, list[str]] = {}
    if direction not in DIRECTIONS:
        errors["direction"] = ["takes in or out"]
    if not summary.strip():
        errors["summary"] = ["say what was spoken about"]
    when = at or clock.now()
    if when > clock.now():
        errors["at"] = ["lies in the future"]
    if errors:
        raise InvalidInput("the contact cannot be noted: see the fields", errors)
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return str(known["contact_id"])
        _refuse_unknown_channel(rt, session, channel)
        _refuse_before_receipt(rt, session, no, when)
        contact_id = note_contact(
            rt,
            session,
            actor,
            no,
            channel=channel,
            direction=direction,
            summary=summary,
            reached=reached,
            at=when,
        )
        remember(session, actor, idempotency, {"contact_id": contact_id})
        return contact_id


def _refuse_before_receipt(rt: Runtime, session: Session, no: str, when: datetime) -> None:
    """Refuse a day before the complaint came: what was said then was not about it, or the day is a slip."""
    received_at = session.scalar(select(COMPLAINT.c.received_at).where(COMPLAINT.c.no == no))
    zone = rt.config.timezone
    if received_at is not None and local_date(when, zone) < local_date(received_at, zone):
        message = f"lies before {local_date(received_at, zone)}, when the complaint reached us"
        raise InvalidInput("the contact cannot be noted: see the fields", {"at": [message]})


def note_contact(
    rt: Runtime,
    session: Session,
    actor: Actor,
    no: str,
    *,
    channel: str,
    direction: str,
    summary: str,
    reached: bool,
    at: datetime,
) -> str:
    """As `record_contact`, of checked values, within the caller's transaction. Raises NotFound."""
    row = lock_complaint(session, no)
    if row is None:
        raise NotFound(f"there is no complaint {no}")
    reference = store_values(session, rt.keyring, row["subject_id"], {"contact_summary": summary.strip()})
    contact_id = new_id()
    session.execute(
        insert(Contact).values(
            id=contact_id,
            complaint_no=no,
            at=at,
            channel=channel,
            direction=direction,
            reached=reached,
            summary_ref=reference["contact_summary"],
            actor=actor.username,
        )
    )
    if reached and (row["last_contact_at"] is None or at > row["last_contact_at"]):
        session.execute(update(COMPLAINT).where(COMPLAINT.c.no == no).values(last_contact_at=at))
    data = {"contact": contact_id, "channel": channel, "direction": direction, "reached": reached}
    note_on_instance(session, row["instance_id"], actor, [Entry("contact.recorded", data)])
    supplement(rt, session, row)
    return contact_id


def _refuse_unknown_channel(rt: Runtime, session: Session, channel: str) -> None:
    known = dict.fromkeys([*map(str, PreferredContact), *channels_in_force(rt, session)])
    if channel not in known:
        message = f"no such channel; there are {', '.join(known)}"
        raise InvalidInput("the contact cannot be noted: see the fields", {"channel": [message]})
