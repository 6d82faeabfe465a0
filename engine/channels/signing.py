"""Signatures between Redress and the gateways of channels: who sent it, when, and that nobody changed it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from engine import clock
from engine.errors import Conflict, Forbidden
from engine.privacy.keyring import Keyring
from engine.store.tables.channels import Throttle
from engine.store.upsert import insert_into

TIMESTAMP: Final = "X-Redress-Timestamp"
SIGNATURE: Final = "X-Redress-Signature"
VALID_FOR: Final = timedelta(minutes=5)
"""How far the sender's clock may be from ours, before or behind."""
_VERSION: Final = "v1="


def signature(secret: str, timestamp: int, method: str, path: str, body: bytes) -> str:
    """Return the signature of a request: HMAC-SHA256 over the timestamp, method, path and body."""
    said = f"{timestamp}.{method.upper()}.{path}.".encode() + body
    return _VERSION + hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()


def verify(secret: str | None, given: tuple[str, str], method: str, path: str, body: bytes) -> datetime:
    """Return the instant of a signed request; `given` are its timestamp and signature.

    Raises Forbidden: no secret is set, the signature is wrong, or the timestamp is too far from now.
    """
    timestamp, signed = given
    if secret is None:
        raise Forbidden("no secret of this channel is set: see docs/channels.md")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Forbidden(f"{TIMESTAMP} takes the seconds since 1970-01-01T00:00:00Z")
    expected = signature(secret, int(timestamp), method, path, body)
    if not hmac.compare_digest(expected.encode(), signed.encode()):
        raise Forbidden(f"{SIGNATURE} is wrong: see docs/channels.md")
    at = datetime.fromtimestamp(int(timestamp), UTC)
    if abs(at - clock.real_now()) > VALID_FOR:
        raise Forbidden(f"{TIMESTAMP} is more than {VALID_FOR.seconds} seconds away from our clock")
    return at


def refuse_replay(session: Session, keyring: Keyring, signed: str, at: datetime) -> None:
    """Note that a signed request is acted on in this transaction. Raises Conflict where it was before."""
    row = insert_into(session, Throttle).values(
        key=keyring.digest("gateway", signed),
        began_at=at,
        ends_at=clock.now() + 2 * VALID_FOR,
        count=1,
    )
    if session.execute(row.on_conflict_do_nothing().returning(Throttle.key)).first() is None:
        raise Conflict("this very request was acted on before; a repetition is signed anew")
