"""How a case stands, told to whoever has its number and its secret, or the contact given with it (R5, R28).

A wrong number and a wrong secret get one answer after the same work, so that nobody learns which complaints
there are or whose they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.public.secrets import (
    is_tracking_secret,
    looks_like_secret,
    survey_token,
)
from engine.channels.throttle import Bound, count_against, is_open
from engine.domain.complaint import NUMBER_PATTERN, Status
from engine.errors import NotFound
from engine.privacy.keyring import Keyring
from engine.privacy.subjects import find_subjects
from engine.runtime.runtime import Runtime
from engine.store.tables.cases import Complaint
from engine.store.tables.channels import Survey

WRONG_CONTACTS_PER_HOUR = 10
"""How many wrong contacts of one number are looked at: phone numbers can be guessed, secrets cannot."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a customer is told. `due_at` is the exclusive end of the last day, None once answered or ended."""

    complaint_no: str
    status: Status
    received_at: datetime
    due_at: datetime | None
    extended: bool
    is_late: bool
    survey_token: str | None


def open_standing(rt: Runtime, number: str, proof: str) -> str:
    """Return the number when `proof` is its secret or a contact given with it. Raises NotFound, TooMany."""
    number = number.strip().upper()
    by_secret = looks_like_secret(proof)
    guesses = Bound("track-contact", number, WRONG_CONTACTS_PER_HOUR)
    with rt.sessions.read() as session:
        found = select(Complaint.no, Complaint.subject_id).where(Complaint.no == _wellformed(number))
        row = session.execute(found).one_or_none()
        subject = row.subject_id if row else ""
        secret_fits = is_tracking_secret(rt.keyring, number, proof)
        contact_fits = _has_contact(session, rt.keyring, subject, proof)
        guessing = is_open(session, rt.keyring, guesses)
    if row is not None and (secret_fits or (contact_fits and guessing)):
        return str(row.no)
    if not by_secret:
        count_against(rt.sessions, rt.keyring, [guesses])
    raise NotFound("number and secret, or number and contact, do not match")


def standing_of(session: Session, keyring: Keyring, complaint_no: str) -> Standing:
    """Return how a complaint stands, without anything personal. Raises NotFound."""
    row = session.get(Complaint, complaint_no)
    if row is None:
        raise NotFound("there is no such complaint")
    status, now = Status(row.status), clock.now()
    extended = bool(row.extended_until and row.extension_valid)
    due_at = None if status.stops_clocks else (row.extended_until if extended else row.due_at)
    survey = session.get(Survey, complaint_no)
    asks = survey is not None and now < survey.closes_at
    return Standing(
        complaint_no,
        status,
        row.received_at,
        due_at,
        extended,
        due_at is not None and now >= due_at,
        survey_token(keyring, complaint_no) if asks else None,
    )


def _wellformed(number: str) -> str:
    return number if NUMBER_PATTERN.fullmatch(number) else ""


def _has_contact(session: Session, keyring: Keyring, subject_id: str, proof: str) -> bool:
    kinds = ("phone", "email")
    found = [find_subjects(session, keyring, kind, proof[:200]) for kind in kinds]
    return any(subject_id in subjects for subjects in found)
