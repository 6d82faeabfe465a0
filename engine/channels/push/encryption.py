"""Encrypting a push message for one browser (RFC 8291, with the content coding aes128gcm of RFC 8188).

The push service that carries it learns neither what it says nor, through padding, how long that is.
"""

from __future__ import annotations

import base64
import binascii
import os
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SALT_BYTES: Final = 16
SECRET_BYTES: Final = 16
RECORD_BYTES: Final = 4096
_LAST_RECORD: Final = b"\x02"


def encrypt(
    clear: bytes,
    p256dh: bytes,
    auth: bytes,
    *,
    padded_to: int = 0,
    sender: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Return the body of a push message for a browser's public key (65 bytes) and secret (16 bytes).

    The clear text is filled up to `padded_to` bytes. `sender` and `salt` are new for each message; the
    standard's example gives them. Raises ValueError where `p256dh` is no point of P-256.
    """
    salt = salt or os.urandom(SALT_BYTES)
    sender = sender or ec.generate_private_key(ec.SECP256R1())
    receiver = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), p256dh)
    own = public_bytes(sender)
    shared = _derive(sender.exchange(ec.ECDH(), receiver), auth, b"WebPush: info\0" + p256dh + own, 32)
    key = _derive(shared, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(shared, salt, b"Content-Encoding: nonce\0", 12)
    padding = bytes(max(0, padded_to - len(clear)))
    sealed = AESGCM(key).encrypt(nonce, clear + _LAST_RECORD + padding, None)
    return salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(own)]) + own + sealed


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public half of a key as browsers take it: an uncompressed point."""
    form = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    return key.public_key().public_bytes(*form)


def to_text(raw: bytes) -> str:
    """Return bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_text(text: str) -> bytes:
    """Return what `to_text` made. Raises ValueError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url") from error


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)
