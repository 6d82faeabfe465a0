"""A push service on this machine, as the browsers' makers run them: it checks who sends and keeps what came.

The browser's side is here, too: it opens messages with the keys of its subscription, by the text of RFC 8291
and not by our own encryption.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwt
from joserfc.jwk import ECKey

from engine.channels.push.encryption import from_text, public_bytes, to_text


def _hmac(key: bytes, data: bytes) -> bytes:
    made = hmac.HMAC(key, hashes.SHA256())
    made.update(data)
    return made.finalize()


class Subscription:
    """What a browser makes when somebody wants messages in it."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = bytes(range(16))

    def to_json(self, **more: str) -> dict[str, Any]:
        """Return what the page's script sends."""
        keys = {"p256dh": to_text(public_bytes(self._key)), "auth": to_text(self._auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys, **more}

    def open(self, body: bytes) -> Any:
        """Decrypt a message: RFC 8291, sections 3.3 and 3.4, and RFC 8188, section 2."""
        salt, record_size, id_length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender = body[21 : 21 + id_length]
        sealed = body[21 + id_length :]
        assert len(sealed) <= record_size
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        mine = public_bytes(self._key)
        first = _hmac(self._auth, self._key.exchange(ec.ECDH(), theirs))
        material = _hmac(first, b"WebPush: info\x00" + mine + sender + b"\x01")
        second = _hmac(salt, material)
        key = _hmac(second, b"Content-Encoding: aes128gcm\x00\x01")[:16]
        nonce = _hmac(second, b"Content-Encoding: nonce\x00\x01")[:12]
        clear = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x00")
        assert clear.endswith(b"\x02")
        return json.loads(clear[:-1])


class _Door(BaseHTTPRequestHandler):
    server: PushService

    def do_POST(self) -> None:
        """Take a message, or refuse it as the test wishes."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        scheme, _, credentials = self.headers["Authorization"].partition(" ")
        parts = dict(part.strip().split("=", 1) for part in credentials.split(","))
        point = from_text(parts["k"])
        public = {"kty": "EC", "crv": "P-256", "x": to_text(point[1:33]), "y": to_text(point[33:])}
        claims = jwt.decode(parts["t"], ECKey.import_key(public), algorithms=["ES256"]).claims
        self.server.came.append(
            {
                "scheme": scheme,
                "key": parts["k"],
                "claims": claims,
                "body": body,
                "headers": dict(self.headers),
            }
        )
        self.send_response(self.server.answer)
        self.send_header("Location", self.server.address + "/message")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


class PushService(ThreadingHTTPServer):
    """Takes messages; `answer` is the status that it answers with."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.came: list[dict[str, Any]] = []
        self.answer = 201

    @property
    def address(self) -> str:
        """Its origin."""
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def push_service() -> Iterator[PushService]:
    """Run a push service for a while."""
    with PushService() as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()
