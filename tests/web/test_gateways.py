"""The contract of the gateways: signed requests that act once, and what they become."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine import clock
from engine.assembly import Redress
from engine.channels.signing import SIGNATURE, TIMESTAMP, signature
from engine.jobs.passes import run_until_quiet
from engine.store.tables.cases import Complaint, Contact
from engine.store.tables.channels import Call, CallFigures, Chat, Dispatch
from engine.store.tables.runtime import Task
from tests.driving import elements
from tests.web.conftest import Visit, text
from tests.world import register
from web import create_app

SECRET = "s" * 32
NINE = "2026-03-02T09:00:00+08:00"


@pytest.fixture
def app(engine: Redress) -> Flask:
    """The pages of an installation whose gateways share a secret with it."""
    secrets = dict.fromkeys(("sms_secret", "chat_secret", "hotline_secret"), SECRET)
    engine.config = engine.runtime.config = replace(engine.config, **secrets)
    return create_app(engine)


def wall() -> int:
    return int((clock.now() - clock.offset()).timestamp())


def send(
    app: Flask,
    path: str,
    body: Any,
    *,
    secret: str = SECRET,
    at: int | None = None,
    signed: str | None = None,
) -> TestResponse:
    content, stamp = orjson.dumps(body), wall() if at is None else at
    headers = {
        TIMESTAMP: str(stamp),
        SIGNATURE: signed or signature(secret, stamp, "POST", f"/gateways/{path}", content),
    }
    return app.test_client().post(
        f"/gateways/{path}", data=content, headers=headers, content_type="application/json"
    )


def call(**changes: Any) -> dict[str, Any]:
    return {"id": "K-1", "at": NINE, "answered": True, "wait_s": 12, "complaint": True} | changes


def chat(*turns: tuple[str, str], **changes: Any) -> dict[str, Any]:
    said = [
        {"at": f"2026-03-02T09:{minute}:00+08:00", "from": side, "text": f"重複扣款CANARY {minute}"}
        for minute, side in turns
    ]
    customer = {"name": "王小明CANARY", "phone": "13912345678"}
    return {"id": "C-1", "began_at": NINE, "ended_at": NINE, "customer": customer, "turns": said} | changes


def test_only_a_fresh_signature_of_the_whole_request_is_believed_and_it_acts_once(
    app: Flask, engine: Redress
) -> None:
    now = wall()
    good = signature(SECRET, now, "POST", "/gateways/hotline/calls", orjson.dumps(call()))
    assert send(app, "hotline/calls", call(), secret="x" * 32).status_code == 403
    assert send(app, "hotline/calls", call(), at=now - 301).status_code == 403
    assert send(app, "hotline/calls", call(), at=now + 400).status_code == 403
    assert send(app, "hotline/calls", call(wait_s=13), at=now, signed=good).status_code == 403
    assert send(app, "sms/messages", call(), at=now, signed=good).status_code == 403
    assert app.test_client().post("/gateways/hotline/calls", json=call()).status_code == 403
    assert send(app, "hotline/calls", call(), at=now).json == {"taken": True, "complaint_no": None}
    refused = send(app, "hotline/calls", call(), at=now)
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert send(app, "hotline/calls", call(), at=now + 1).status_code == 200  # signed anew
    with engine.sessions.read() as session:
        assert len(session.scalars(select(Call)).all()) == 1


def test_without_a_secret_nothing_is_taken_and_odd_bodies_are_refused_by_field(
    app: Flask, engine: Redress
) -> None:
    for body in (
        [],
        "x",
        {"id": "a b"},
        call(more=1),
        call(complaint_no="RC-1"),
        call(id="\0"),
        call(at="x"),
    ):
        answer = send(app, "hotline/calls", body)
        assert answer.status_code == 422, body
        assert answer.json is not None
        assert answer.json["errors"], body
    large = send(app, "chat/transcripts", {"text": "x" * 2_200_000})
    assert large.status_code == 413
    engine.config = engine.runtime.config = replace(engine.config, hotline_secret=None)
    assert send(create_app(engine), "hotline/calls", call()).status_code == 403


def test_a_complaint_call_without_a_case_is_listed_until_an_agent_names_it(
    app: Flask, engine: Redress, visit: Visit
) -> None:
    send(app, "hotline/calls", call())
    span = {"begins_at": NINE, "ends_at": "2026-03-02T10:00:00+08:00", "answered": 8, "abandoned": 2}
    assert send(app, "hotline/figures", {"spans": [span | {"offered": 9, "wait_s": 80}]}).status_code == 422
    assert send(app, "hotline/figures", {"spans": [span | {"offered": 10, "wait_s": 8}]}).status_code == 200
    assert send(app, "hotline/figures", {"spans": [span | {"offered": 10, "wait_s": 80}]}).status_code == 200
    with engine.sessions.read() as session:
        assert [row.wait_s for row in session.scalars(select(CallFigures))] == [80]
    no = register(engine).complaint_no
    browser = visit("agent")
    page = text(browser.get("/channels/hotline"))
    assert "K-1" in page
    assert "80 %" in page
    browser.post("/channels/hotline/calls/K-1", {"complaint_no": "RC-1"})
    assert "K-1" in text(browser.get("/channels/hotline"))
    browser.post("/channels/hotline/calls/K-1", {"complaint_no": no})
    page = text(browser.get("/channels/hotline"))
    assert "Every call that was tagged as a complaint has its case." in page
    assert "K-1" not in page


def test_the_roster_names_the_hours_in_which_nobody_answers(engine: Redress, visit: Visit) -> None:
    supervisor = visit("supervisor")
    assert "covered: 0 of 168 hours" in text(supervisor.get("/channels/hotline"))
    shift = {"person": "agent", "begins_at": "2026-03-02T09:00", "ends_at": "2026-03-03T09:00", "weeks": "2"}
    assert supervisor.post("/channels/hotline/shifts", shift).status_code == 303
    assert supervisor.post("/channels/hotline/shifts", shift | {"person": "handler"}).status_code == 422
    assert supervisor.post("/channels/hotline/shifts", shift | {"ends_at": "x"}).status_code == 422
    page = text(supervisor.get("/channels/hotline"))
    assert "covered: 24 of 168 hours" in page
    assert "2026-03-03 09:00" in page
    assert visit("agent").post("/channels/hotline/shifts", shift).status_code == 403


def test_a_chat_is_measured_kept_and_made_a_case_by_an_agent(
    app: Flask, engine: Redress, visit: Visit
) -> None:
    said = chat(("00", "customer"), ("01", "customer"), ("02", "agent"), ("03", "customer"), ("09", "agent"))
    assert send(app, "chat/transcripts", said).json == {"taken": True, "complaint_no": None}
    with engine.sessions.read() as session:
        row = session.get_one(Chat, "C-1")
        assert (row.first_response_s, row.longest_gap_s, row.call_back_instance) == (120, 360, None)
    browser = visit("agent")
    listed = text(browser.get("/channels/chats"))
    assert "120 s" in listed
    assert "CANARY" not in listed
    assert "重複扣款CANARY 03" in text(browser.get("/channels/chats/C-1"))
    at = browser.post("/channels/chats/C-1").location
    assert at.startswith("/complaints/RC-")
    assert browser.post("/channels/chats/C-1").status_code == 409
    with engine.sessions.read() as session:
        case = session.scalars(select(Complaint)).one()
        assert (case.channel, case.received_at) == ("chat", datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    assert visit("auditor").get("/channels/chats/C-1").status_code == 403


def test_a_chat_tagged_as_a_complaint_is_a_case_at_once_and_one_left_alone_is_called_back(
    app: Flask, engine: Redress
) -> None:
    first = send(app, "chat/transcripts", chat(("00", "customer"), complaint=True)).json
    again = send(app, "chat/transcripts", chat(("00", "customer"), complaint=True), at=wall() + 1).json
    assert first == again
    assert first is not None
    assert elements(engine, first["complaint_no"]) == ["register"]
    send(app, "chat/transcripts", chat(("00", "customer"), id="C-2"))
    run_until_quiet(engine.runtime)
    with engine.sessions.read() as session:
        (task,) = session.scalars(select(Task).where(Task.process_id == "call-back"))
        assert task.element_id == "call-back-customer"
        assert session.get_one(Chat, "C-2").call_back_instance == task.instance_id


def test_a_text_joins_the_case_of_its_number_and_else_becomes_one(app: Flask, engine: Redress) -> None:
    no = register(engine).complaint_no
    sent = {"id": "S-1", "at": NINE, "from": "+86 139-1234-5678", "text": "還沒退CANARY"}
    assert send(app, "sms/messages", sent).json == {"taken": True, "complaint_no": no}
    other = send(app, "sms/messages", sent | {"id": "S-2", "from": "13800000009"}).json
    again = send(app, "sms/messages", sent | {"id": "S-2", "from": "13800000009"}, at=wall() + 1).json
    assert other == again
    assert other is not None
    assert other["complaint_no"] != no
    with engine.sessions.read() as session:
        said = session.scalars(select(Contact).where(Contact.complaint_no == no)).all()
        assert [(row.channel, row.direction) for row in said] == [("sms", "in")]
        case = session.get_one(Complaint, other["complaint_no"])
        assert (case.channel, case.preferred_contact) == ("sms", "sms")


def test_a_receipt_of_failure_has_the_customer_told_another_way_once(app: Flask, engine: Redress) -> None:
    no, key = register(engine).complaint_no, "b" * 32
    proof = {"channel": "sms", "template": "letter-result", "outcome": "sent"}
    with engine.sessions.step() as session:
        session.add(Dispatch(id=key, complaint_no=no, at=clock.now(), **proof))
    assert send(app, "sms/receipts", {"id": "unknown", "status": "failed"}).status_code == 404
    failed = {"id": key, "status": "failed", "code": "UNDELIV"}
    assert send(app, "sms/receipts", failed).status_code == 200
    assert send(app, "sms/receipts", failed | {"status": "delivered"}).status_code == 200
    with engine.sessions.read() as session:
        kept = session.get_one(Dispatch, key)
        assert (kept.outcome, kept.status) == ("returned", "UNDELIV")
    assert elements(engine, no).count("notify-another-way") == 1
