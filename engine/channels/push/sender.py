"""Who we are to push services (VAPID, RFC 8292), and handing a message to one of them (RFC 8030)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from engine import clock
from engine.channels.push.encryption import SECRET_BYTES, encrypt, from_text, public_bytes, to_text
from engine.config import Config
from engine.errors import InvalidInput, RedressError
from engine.privacy.keyring import Keyring

TIMEOUT_S: Final = 15.0
KEPT_S: Final = 24 * 3600
"""For so long a push service keeps a message for a device that is off."""
PADDED_BYTES: Final = 512
LONGEST_ENDPOINT: Final = 2000
_TOKEN_HOLDS: Final = timedelta(hours=12)
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the curve P-256
_GONE: Final = (404, 410)
_PLAIN: Final = re.compile(r"[\w!#$%&'()*+,./:;=?@~-]+", re.ASCII)  # no backslash, which readers differ on


class NotPushed(RedressError):
    """The push service did not take a message now; the message says why, not for whom it was."""


class Gone(RedressError):
    """The device takes no messages any more: its browser has given the address up."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a browser takes messages. The endpoint is a secret: who has it may disturb its owner."""

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)


def sender_key(keyring: Keyring) -> ec.EllipticCurvePrivateKey:
    """Return the installation's key towards push services.

    It follows from the key of the blind index, which `redress init` makes and rotations keep: every web
    process and worker has the same, and a backup needs no file more.
    """
    number = int(keyring.digest("push-sender", ""), 16)
    return ec.derive_private_key(number % (_ORDER - 1) + 1, ec.SECP256R1())


def sender_public_key(keyring: Keyring) -> str:
    """Return the public half, which browsers bind their subscriptions to (base64url)."""
    return to_text(public_bytes(sender_key(keyring)))


def is_push_service(config: Config, endpoint: str) -> bool:
    """Whether an endpoint, which a browser names, is at a push service that we are set to speak to.

    Without this the address would be anybody's way to have our server call into our own network.
    """
    try:
        parts = urlsplit(endpoint)
        origin = _origin(parts)
    except ValueError:
        return False
    if len(endpoint) > LONGEST_ENDPOINT or not _PLAIN.fullmatch(endpoint) or "@" in parts.netloc:
        return False
    return any(fnmatchcase(origin, service) for service in config.push_services)


def checked_address(config: Config, endpoint: str, p256dh: str, auth: str) -> Address:
    """Return what a browser gave as its address. Raises InvalidInput where no message could get there."""
    if not is_push_service(config, endpoint):
        message = "the push service of this browser is not one that this system speaks to"
        raise InvalidInput(message, {"endpoint": [message]})
    message = "the browser gave keys that nothing can be encrypted with"
    try:
        encrypt(b"", from_text(p256dh), from_text(auth))
    except ValueError as error:
        raise InvalidInput(message, {"keys": [message]}) from error
    if len(from_text(auth)) != SECRET_BYTES:
        raise InvalidInput(message, {"keys": [message]})
    return Address(endpoint, p256dh, auth)


def send_push(
    config: Config, keyring: Keyring, address: Address, message: Mapping[str, Any], key: str
) -> None:
    """Hand a message to the push service of a device. Call it while no transaction is open.

    `key` (at most 32 letters and digits) marks the message: sent twice, the device shows it once. Raises
    Gone, NotPushed.
    """
    if not is_push_service(config, address.endpoint):
        raise Gone("the device's push service is none of REDRESS_PUSH_SERVICES")
    clear = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    body = encrypt(clear, from_text(address.p256dh), from_text(address.auth), padded_to=PADDED_BYTES)
    origin = _origin(urlsplit(address.endpoint))
    headers = {
        "Authorization": _authorization(config, keyring, origin),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_S),
        "Topic": key[:32],
    }
    try:
        with requests.post(
            address.endpoint,
            data=body,
            headers=headers,
            timeout=TIMEOUT_S,
            allow_redirects=False,
            stream=True,  # what it says beside the status is never read
        ) as answer:
            status = answer.status_code
    except requests.RequestException as error:
        raise NotPushed(f"the push service {origin} cannot be reached: {type(error).__name__}") from None
    if status in _GONE:
        raise Gone(f"the push service {origin} knows the device no more")
    if not 200 <= status < 300:
        raise NotPushed(f"the push service {origin} did not take a message: it answered {status}")


def _authorization(config: Config, keyring: Keyring, origin: str) -> str:
    key = sender_key(keyring)
    expires = clock.real_now() + _TOKEN_HOLDS  # the push service goes by the wall clock
    public = config.public_url or ""
    contact = public if public.startswith("https://") else f"mailto:{config.mail_from}"
    claims = {"aud": origin, "exp": int(expires.timestamp()), "sub": contact}
    token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, ECKey.import_key(key))
    return f"vapid t={token}, k={to_text(public_bytes(key))}"


def _origin(parts: SplitResult) -> str:
    default = {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"
