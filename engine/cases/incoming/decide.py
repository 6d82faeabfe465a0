"""What a person decides about a mail that was put before them: a case, part of one, or nothing (R7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.cases.incoming.routing import CASE, CONTACT, NOTHING, WAITING, keys_of
from engine.cases.incoming.take_in import join_mail, register_mail
from engine.cases.rows import lock_complaint
from engine.channels.mime import ReceivedMail, read_mail
from engine.documents.register import attach_documents, open_document
from engine.documents.vault import Vault
from engine.domain.complaint import Status
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.actor import Actor
from engine.runtime.runtime import Runtime
from engine.store.tables.channels import ReceivedMail as Row

DECISIONS: Final = (CASE, CONTACT, NOTHING)
WHY_NOTHING: Final = ("automatic", "advertising", "repeated", "elsewhere", "by-hand")


def decide_mail(
    rt: Runtime,
    vault: Vault,
    actor: Actor,
    mail_id: str,
    decision: str,
    *,
    complaint_no: str = "",
    why: str = "",
) -> str | None:
    """Decide about a waiting mail and return the number of its case, if it has one now.

    A case that comes of it counts from the mail's arrival. Raises Forbidden, NotFound, Conflict (decided
    already), InvalidInput (by field).
    """
    actor.require("channel.work")
    _check(decision, complaint_no, why)
    with rt.sessions.step() as session:
        row = session.scalars(select(Row).where(Row.id == mail_id).with_for_update()).one_or_none()
        if row is None:
            raise NotFound("there is no such mail")
        if row.outcome != WAITING:
            raise Conflict("somebody has decided about this mail already")
        number = _carry_out(rt, vault, session, row, decision, complaint_no)
        row.outcome, row.complaint_no = decision, number or row.complaint_no
        row.decided_by, row.decided_at, row.decision = actor.username, clock.now(), why or None
        data = {"mail": mail_id, "outcome": decision, "complaint_no": number, "why": why or None}
        note(session, actor.username, "mail.decided", data)
        return number


def read_waiting(session: Session, vault: Vault, row: Row) -> tuple[ReceivedMail, bytes] | None:
    """Return a kept mail with its bytes, None where its original lies in the mailbox alone."""
    if row.document_id is None:
        return None
    with open_document(session, vault, row.document_id).content as content:
        raw = content.read()
    return read_mail(raw), raw


def _check(decision: str, complaint_no: str, why: str) -> None:
    errors: dict[str, list[str]] = {}
    if decision not in DECISIONS:
        errors["decision"] = ["choose what becomes of the mail"]
    if decision == CONTACT and not complaint_no:
        errors["complaint_no"] = ["name the case that it belongs to"]
    if decision == NOTHING and why not in WHY_NOTHING:
        errors["why"] = ["choose why nothing is to be done"]
    if errors:
        raise InvalidInput("some fields need correction", errors)


def _carry_out(
    rt: Runtime, vault: Vault, session: Session, row: Row, decision: str, complaint_no: str
) -> str | None:
    if decision == NOTHING:
        return None
    kept = read_waiting(session, vault, row)
    if kept is None:
        message = "its original lies in the mailbox alone: register it by hand"
        raise InvalidInput(message, {"decision": [message]})
    mail, raw = kept
    at: datetime = min(row.arrived_at, clock.now())
    if decision == CASE:
        number = register_mail(rt, session, mail, at, keys_of(rt.keyring, mail, raw), [])
    else:
        number = _open_case(session, complaint_no)
        join_mail(rt, session, mail, number, at, row.id, [])
    attach_documents(session, [str(row.document_id)], number)
    return number


def _open_case(session: Session, complaint_no: str) -> str:
    found: Any = lock_complaint(session, complaint_no)
    if found is None or Status(found["status"]).is_final:
        message = "there is no such case, or it has ended: register the mail as a new one"
        raise InvalidInput(message, {"complaint_no": [message]})
    return str(found["no"])
