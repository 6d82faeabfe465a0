"""A second factor at the login: codes of a generator (RFC 6238), and recovery codes for when it is lost.

The secret is wrapped by the master key. A code counts in its time step and those beside it (clocks differ),
and once only. Times are real: setting the demo's clock makes no code of a telephone wrong.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Final

import pyotp
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.actor import Actor
from engine.privacy.keyring import Keyring, wrapped_with
from engine.store.tables.people import SecondFactor

OWNER: Final = "second_factor"
ISSUER: Final = "Redress"
STEP_S: Final = 30
RECOVERY_CODES: Final = 10


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What goes into a generator: the secret in letters, and the address that a QR code holds."""

    secret: str
    address: str


def begin_enrolment(session: Session, keyring: Keyring, actor: Actor) -> Enrolment:
    """Make a secret; it counts only once a first code was right. Raises Conflict where one counts already."""
    if has_second_factor(session, actor.id):
        raise Conflict("a code generator is set up already; remove it first")
    secret = pyotp.random_base32()
    wrapped = keyring.wrap(secret.encode(), OWNER, actor.id)
    session.execute(delete(SecondFactor).where(SecondFactor.person_id == actor.id))
    session.execute(
        insert(SecondFactor).values(
            person_id=actor.id,
            wrapped_key=wrapped,
            key_version=wrapped_with(wrapped),
            confirmed_at=None,
            last_step=0,
            recovery=[],
        )
    )
    return _enrolment(secret, actor)


def begun_enrolment(session: Session, keyring: Keyring, actor: Actor) -> Enrolment:
    """Return the secret that waits for its first code, to be shown again. Raises NotFound."""
    return _enrolment(_secret(keyring, _begun(session, actor)), actor)


def confirm_enrolment(session: Session, keyring: Keyring, actor: Actor, code: str) -> list[str]:
    """Let the generator count from now on; return the recovery codes, which are shown this once.

    Raises NotFound where nothing was begun, InvalidInput for a wrong code.
    """
    row = _begun(session, actor)
    step = _step_of(_secret(keyring, row), code, row.last_step)
    if step is None:
        message = "this code is not right; is the clock of your device right?"
        raise InvalidInput(message, {"code": [message]})
    codes = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(RECOVERY_CODES)]
    row.confirmed_at, row.last_step, row.recovery = clock.now(), step, [_digest(each) for each in codes]
    session.flush()
    note(session, actor.username, "factor.added", {"what": "code generator"})
    return codes


def has_second_factor(session: Session, person_id: str) -> bool:
    """Whether the login of a person asks for a code."""
    query = select(SecondFactor.person_id).where(
        SecondFactor.person_id == person_id, SecondFactor.confirmed_at.is_not(None)
    )
    return session.execute(query).first() is not None


def recovery_codes_left(session: Session, person_id: str) -> int:
    """Return how many recovery codes a person has not used yet."""
    row = session.get(SecondFactor, person_id)
    return len(row.recovery) if row is not None else 0


def take_code(session: Session, keyring: Keyring, person_id: str, code: str) -> str | None:
    """Use up a code; return by what it was right (`code`, `recovery code`), or None."""
    row = session.get(SecondFactor, person_id, with_for_update=True)
    if row is None or row.confirmed_at is None:
        return None
    step = _step_of(_secret(keyring, row), code, row.last_step)
    if step is not None:
        row.last_step = step
        session.flush()
        return "code"
    digest = _digest(unicodedata.normalize("NFKC", code).strip().lower())
    if digest in row.recovery:
        row.recovery = [each for each in row.recovery if each != digest]
        session.flush()
        return "recovery code"
    return None


def remove_second_factor(session: Session, person_id: str, username: str, by: Actor) -> bool:
    """Ask for no code any more, as when the generator is lost; return whether there was one."""
    removed = session.execute(
        delete(SecondFactor).where(SecondFactor.person_id == person_id).returning(SecondFactor.confirmed_at)
    ).first()
    if removed is None:
        return False
    note(session, by.username, "factor.removed", {"what": "code generator", "person": username})
    return True


def _begun(session: Session, actor: Actor) -> SecondFactor:
    row = session.get(SecondFactor, actor.id, with_for_update=True)
    if row is None or row.confirmed_at is not None:
        raise NotFound("no code generator is being set up; begin anew")
    return row


def _enrolment(secret: str, actor: Actor) -> Enrolment:
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=actor.username, issuer_name=ISSUER))


def _secret(keyring: Keyring, row: SecondFactor) -> str:
    return keyring.unwrap(row.wrapped_key, OWNER, row.person_id).decode()


def _step_of(secret: str, code: str, last_step: int) -> int | None:
    """Return the time step whose code this is, if it is a recent one and newer than the last one used.

    Chinese keyboards write full-width digits: they are the same digits.
    """
    bare = unicodedata.normalize("NFKC", code).replace(" ", "").encode()
    now = int(clock.real_now().timestamp()) // STEP_S
    generator = pyotp.HOTP(secret)
    for step in (now, now - 1, now + 1):
        if step > last_step and secrets.compare_digest(generator.at(step).encode(), bare):
            return step
    return None


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
