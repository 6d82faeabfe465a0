"""Text messages to customers: the same contract for a gateway on a socket and for the file that stands in."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.assembly import Redress
from engine.cases.kept_messages import kept_messages, read_kept
from engine.channels.gateway import MOST_TEXT, Outgoing, hand_over
from engine.channels.mail import NotSent, Refused
from engine.channels.signing import SIGNATURE, TIMESTAMP, signature
from engine.channels.sink import Sink
from engine.jobs.passes import run_until_quiet
from engine.store.tables.channels import Dispatch
from tests.driving import drive, elements
from tests.world import register

SECRET = "s" * 32
UNUSED = Sink(Path("unused"), "", b"")


class Gateway(ThreadingHTTPServer):
    """A gateway: keeps what it is handed, answers as `status` and `answer` say."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.status, self.answer = 202, b'{"reference": "R-77"}'


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        gateway: Any = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        gateway.taken.append((dict(self.headers), body))
        self.send_response(gateway.status)
        self.send_header("Content-Length", str(len(gateway.answer)))
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(gateway.answer)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def gateway(redress: Redress) -> Iterator[Gateway]:
    """A gateway, which this installation is set to."""
    with Gateway() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/send"
        redress.runtime.config = replace(redress.config, sms_url=url, sms_secret=SECRET)
        yield server
        server.shutdown()


def handed(redress: Redress, server: Gateway | None) -> list[dict[str, Any]]:
    """Return the messages that were handed over: to the gateway, or as files without one."""
    if server is not None:
        return [json.loads(body) for _, body in server.taken]
    kept = sorted(kept_messages(redress.config.data_dir), key=lambda each: each.name)
    return [json.loads(read_kept(redress.runtime, each.name)) for each in kept]


@pytest.mark.parametrize("with_gateway", [True, False], ids=["gateway", "file"])
def test_what_is_handed_over_has_an_id_a_number_and_a_text_and_leaves_a_proof(
    redress: Redress, request: pytest.FixtureRequest, with_gateway: bool
) -> None:
    server = request.getfixturevalue("gateway") if with_gateway else None
    no = register(redress, preferred_contact="sms").complaint_no
    by_text = {"used_contact": "sms", "notice_sending": "system", "told_result": "已退回CANARY"}
    drive(redress, no, until="ask-satisfaction", answers={"notify-customer": by_text})
    run_until_quiet(redress.runtime)
    got, message = handed(redress, server)
    assert no in got["text"]  # the acknowledgement
    assert (message["to"], set(message)) == ("13912345678", {"id", "to", "text"})
    assert "已退回CANARY" in message["text"]
    assert len(message["text"]) <= MOST_TEXT
    with redress.sessions.read() as session:
        proof = session.scalars(select(Dispatch).where(Dispatch.template == "letter-result")).one()
    assert (proof.id, proof.channel, proof.outcome) == (message["id"], "sms", "sent")
    assert proof.reply == ("R-77" if server else "file")
    if server is None:
        for file in (redress.config.data_dir / "sms").iterdir():
            assert b"CANARY" not in file.read_bytes()
            assert file.stat().st_mode & 0o077 == 0


def test_the_gateway_is_given_a_signature_and_the_same_key_at_every_attempt(
    redress: Redress, gateway: Gateway
) -> None:
    message = Outgoing("k" * 32, "13912345678", "x" * 3000)
    for _ in range(2):
        assert hand_over(redress.runtime.config, message, UNUSED) == "R-77"
    for headers, body in gateway.taken:
        at = int(headers[TIMESTAMP])
        assert headers[SIGNATURE] == signature(SECRET, at, "POST", "/send", body)
        assert headers["Idempotency-Key"] == "k" * 32
        assert len(json.loads(body)["text"]) == MOST_TEXT


@pytest.mark.parametrize(
    ("status", "answer", "outcome"),
    [
        (200, b"", "HTTP 200"),
        (200, b"no json", "HTTP 200"),
        (201, b'{"reference": 5}', "5"),
        (422, b"", Refused),
        (404, b"", Refused),
        (302, b"", NotSent),
        (429, b"", NotSent),
        (500, b"", NotSent),
    ],
)
def test_each_answer_of_a_gateway_has_its_meaning(
    redress: Redress, gateway: Gateway, status: int, answer: bytes, outcome: Any
) -> None:
    gateway.status, gateway.answer = status, answer
    message = Outgoing("k" * 32, "13912345678", "x")
    if isinstance(outcome, str):
        assert hand_over(redress.runtime.config, message, UNUSED) == outcome
        return
    with pytest.raises(NotSent) as caught:
        hand_over(redress.runtime.config, message, UNUSED)
    assert type(caught.value) is outcome
    assert "13912345678" not in str(caught.value)


def test_a_number_that_the_gateway_refuses_is_told_another_way(redress: Redress, gateway: Gateway) -> None:
    gateway.status = 422
    no = register(redress, preferred_contact="sms").complaint_no
    by_text = {"used_contact": "sms", "notice_sending": "system"}
    drive(redress, no, until="ask-satisfaction", answers={"notify-customer": by_text})
    run_until_quiet(redress.runtime)
    assert "notify-another-way" in elements(redress, no)
