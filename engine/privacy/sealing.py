"""Authenticated encryption of one value: AES-256-GCM, bound to the place where the value belongs.

A sealed value is a format byte, a random nonce of 12 bytes, and the ciphertext with its tag. The place
(table, row, field) is authenticated but not stored, so that a value moved to another row does not open there.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.errors import SealBroken

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
FORMAT = b"\x01"


def new_key() -> bytes:
    """Return a random key of 256 bits."""
    return AESGCM.generate_key(bit_length=KEY_BYTES * 8)


def seal(key: bytes, clear: bytes, *place: str) -> bytes:
    """Encrypt `clear` under `key` for `place`, such as ("personal_value", row id, field)."""
    nonce = os.urandom(NONCE_BYTES)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, clear, bound_to(*place))


def unseal(key: bytes, sealed: bytes, *place: str) -> bytes:
    """Decrypt what `seal` made for the same place. Raises SealBroken naming the place, never the content."""
    head = len(FORMAT) + NONCE_BYTES
    if len(sealed) < head + TAG_BYTES or not sealed.startswith(FORMAT):
        raise SealBroken(f"{_told(place)} is no sealed value of a known format; it was damaged or replaced")
    try:
        return AESGCM(key).decrypt(sealed[len(FORMAT) : head], sealed[head:], bound_to(*place))
    except InvalidTag as error:
        raise SealBroken(
            f"{_told(place)} does not open: it was changed, belongs to another row, or was sealed under "
            "another key; restore it from a backup or check the master key file"
        ) from error


def bound_to(*place: str) -> bytes:
    """Return the bytes that stand for a place; each part with its length: no two look alike."""
    parts = [b"redress"]
    for part in place:
        raw = part.encode()
        parts.append(len(raw).to_bytes(4, "big") + raw)
    return b"".join(parts)


def _told(place: tuple[str, ...]) -> str:
    return f"the sealed value of {' / '.join(place)}"
