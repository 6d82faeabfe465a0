"""Whatever is sent, on either database: an answer that says what is wrong, never a mistake of ours."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from engine.assembly import Redress
from engine.people.accounts import create_token
from tests.chance import SEED
from tests.web.api.conftest import API, Caller
from tests.world import intake, register
from web import create_app
from web.extensions import db

REQUESTS = 250
TEXTS = (
    "",
    "x" * 30_000,
    "王小明",
    "🙂\u202e",
    "2026-03-20",
    "2026-03-20T10:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31",
    "personal:" + "0" * 32,
    "' OR 1=1 --",
    "=1+1",
    "%_",
    "handler",
    "hotline",
)
NUMBERS = (0, -1, 1, 2**31, 2**63 - 1, -(2**63), 0.5, 1e308, 3)
FIELDS = {
    "/instances": ("process_id", "variables", "business_key", "version"),
    "/messages": ("name", "correlation_key", "message_id", "ttl_s", "variables"),
    "/signals": ("name", "variables"),
    "/jobs/activate": ("type", "max", "timeout_s", "worker"),
    "/complaints/{no}/regrade": ("grade", "reason"),
    "/complaints/{no}/extend": ("new_date", "reason"),
    "/complaints/{no}/contacts": ("channel", "direction", "summary", "reached", "at"),
    "/tasks/{task}/assign": ("username",),
    "/tasks/{task}/complete": ("variables",),
}
FILTERS = (
    "limit",
    "cursor",
    "state",
    "assignee",
    "group",
    "complaint_no",
    "grade",
    "number",
    "sort",
    "handler",
)
USERS = ("agent", "handler", "supervisor", "owner", "analyst")


def some_value(dice: random.Random, depth: int = 0) -> Any:
    kind = dice.randrange(6)
    if kind == 0 and depth < 3:
        return [some_value(dice, depth + 1) for _ in range(dice.randrange(3))]
    if kind == 1 and depth < 3:
        names = dice.sample(("a", "$t", "", ".", "grade"), dice.randrange(3))
        return {name: some_value(dice, depth + 1) for name in names}
    return dice.choice((*TEXTS, *NUMBERS, None, True))


def requests(dice: random.Random, places: dict[str, str]) -> Iterator[tuple[str, str, Any]]:
    """Give random requests as (method, address, body)."""
    for _ in range(REQUESTS):
        kind = dice.randrange(4)
        if kind == 0:
            yield "GET", dice.choice(("/tasks", "/complaints", "/instances", "/definitions")), None
        elif kind == 1:
            spoilt = {name: some_value(dice) for name in dice.sample(sorted(intake()), 2)}
            yield "POST", "/complaints", intake() | spoilt
        else:
            path, fields = dice.choice(sorted(FIELDS.items()))
            body = {name: some_value(dice) for name in fields if dice.random() < 0.9}
            if path == "/instances":
                body["process_id"] = dice.choice(("complaint", "management-review", "complaint-extension"))
                body["variables"] = {"grade": some_value(dice), "complaint_no": some_value(dice)}
            yield "POST", path.format(**places), body


@pytest.fixture
def app(redress: Redress) -> Iterator[Flask]:
    made = create_app(redress)
    yield made
    with made.app_context():
        db.engine.dispose()


def test_no_request_brings_out_a_mistake_of_ours(redress: Redress, app: Flask) -> None:
    dice = random.Random(SEED)
    callers = {}
    with redress.sessions.step() as session:
        for name in USERS:
            callers[name] = Caller(app, create_token(session, name))
    number = register(redress).complaint_no
    task = callers["handler"].tasks(complaint_no=number)[0]["id"]
    for method, path, body in requests(dice, {"no": number, "task": task}):
        caller = callers[dice.choice(USERS)]
        query = {name: str(some_value(dice)) for name in dice.sample(FILTERS, 2)} if method == "GET" else {}
        headers = caller.headers | ({"Idempotency-Key": f"k-{dice.randrange(60)}"} if body else {})
        given = {"json": body} if method == "POST" else {}
        answer = caller.client.open(API + path, method=method, query_string=query, headers=headers, **given)
        assert answer.status_code < 500, (method, path, body, query, answer.json)
        if answer.status_code >= 400:
            assert answer.mimetype == "application/problem+json"
            assert answer.json["status"] == answer.status_code
