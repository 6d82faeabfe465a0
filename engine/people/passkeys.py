"""Passkeys (WebAuthn): logging in with the lock of one's own device, without a password.

Only public keys are kept. The device checks who holds it (user verification is required), so that a passkey
is both factors at once. The library is loaded when the first device asks: few do, and it takes long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.acting import load_actor
from engine.people.actor import Actor
from engine.store.ids import new_id
from engine.store.tables.people import Passkey

RP_NAME: Final = "Redress"
MOST: Final = 20
_REFUSED: Final = "the device's answer was not accepted; try again"


@dataclass(frozen=True, slots=True)
class Site:
    """Where the pages are served, as browsers see it: passkeys hold for this name and no other."""

    name: str
    origin: str


def registration_options(session: Session, actor: Actor, site: Site) -> tuple[str, str]:
    """Return what the browser needs to make a passkey, as JSON, and the challenge to keep (base64url)."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    known = session.scalars(select(Passkey.credential_id).where(Passkey.person_id == actor.id)).all()
    options = generate_registration_options(
        rp_id=site.name,
        rp_name=RP_NAME,
        user_name=actor.username,
        user_display_name=actor.display_name,
        user_id=actor.id.encode(),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return options_to_json(options), bytes_to_base64url(options.challenge)


def add_passkey(
    session: Session, actor: Actor, site: Site, challenge: str, answer: dict[str, Any], name: str
) -> None:
    """Keep a passkey that the browser made. Raises InvalidInput, Conflict (known already, or too many)."""
    from webauthn import verify_registration_response
    from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    if not 1 <= len(name.strip()) <= 100:
        raise InvalidInput("give the passkey a name", {"name": ["give it a name of at most 100 characters"]})
    if _count(session, actor.id) >= MOST:
        raise Conflict(f"there are {MOST} passkeys already; remove one first")
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(_REFUSED, {"": [_REFUSED]}) from error
    credential = bytes_to_base64url(made.credential_id)
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == credential)):
        raise Conflict("this passkey is known already")
    session.execute(
        insert(Passkey).values(
            id=new_id(),
            person_id=actor.id,
            credential_id=credential,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name.strip(),
            created_at=clock.now(),
            last_used_at=None,
        )
    )
    note(session, actor.username, "factor.added", {"what": "passkey"})


def login_options(site: Site) -> tuple[str, str]:
    """Return what the browser needs to log in with any passkey of this site, and the challenge to keep."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=site.name, user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json(options), bytes_to_base64url(options.challenge)


def log_in_with_passkey(session: Session, site: Site, challenge: str, answer: dict[str, Any]) -> Actor:
    """Log in whose passkey signed the challenge. Raises as `passkey_holder`."""
    actor = passkey_holder(session, site, challenge, answer)
    note(session, actor.username, "login.succeeded", {"by": "passkey"})
    return actor


def passkey_holder(session: Session, site: Site, challenge: str, answer: dict[str, Any]) -> Actor:
    """Return whose passkey signed the challenge. Raises InvalidInput, NotFound (a closed account)."""
    from webauthn import verify_authentication_response
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.exceptions import WebAuthnException

    credential = answer.get("id")
    row = session.execute(
        select(Passkey.id, Passkey.person_id, Passkey.public_key, Passkey.sign_count)
        .where(Passkey.credential_id == str(credential))
        .with_for_update()
    ).one_or_none()
    if row is None:
        message = (
            "this passkey is not known here; log in with your password and add it on your account's page"
        )
        raise InvalidInput(message, {"": [message]})
    try:
        seen = verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(_REFUSED, {"": [_REFUSED]}) from error
    actor = load_actor(session, row.person_id)
    session.execute(
        update(Passkey)
        .where(Passkey.id == row.id)
        .values(sign_count=seen.new_sign_count, last_used_at=clock.now())
    )
    return actor


def list_passkeys(session: Session, person_id: str) -> list[dict[str, Any]]:
    """Return the passkeys of a person as plain rows, oldest first."""
    query = (
        select(Passkey.id, Passkey.name, Passkey.created_at, Passkey.last_used_at)
        .where(Passkey.person_id == person_id)
        .order_by(Passkey.id)
    )
    return [dict(row._mapping) for row in session.execute(query)]


def remove_passkey(session: Session, actor: Actor, passkey_id: str) -> None:
    """Forget a passkey of the actor's own. Raises NotFound."""
    removed = session.execute(
        delete(Passkey).where(Passkey.id == passkey_id, Passkey.person_id == actor.id).returning(Passkey.id)
    ).first()
    if removed is None:
        raise NotFound("there is no such passkey of yours")
    note(session, actor.username, "factor.removed", {"what": "passkey", "person": actor.username})


def remove_passkeys(session: Session, person_id: str, username: str, by: Actor) -> int:
    """Forget all passkeys of a person, as when a device is lost; return how many."""
    removed = session.execute(
        delete(Passkey).where(Passkey.person_id == person_id).returning(Passkey.id)
    ).all()
    if removed:
        note(session, by.username, "factor.removed", {"what": "passkeys", "person": username})
    return len(removed)


def _count(session: Session, person_id: str) -> int:
    query = select(func.count()).select_from(Passkey).where(Passkey.person_id == person_id)
    return session.execute(query).scalar_one()
