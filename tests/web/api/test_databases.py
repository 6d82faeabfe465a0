"""The API on both databases."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from engine.assembly import Redress
from engine.people.accounts import create_token
from tests.web.api.conftest import Caller, drive
from tests.world import intake, register
from web import create_app
from web.extensions import db


@pytest.fixture
def app(redress: Redress) -> Iterator[Flask]:
    made = create_app(redress)
    yield made
    with made.app_context():
        db.engine.dispose()


def test_a_complaint_is_registered_once_by_many_and_driven_to_the_archive(
    redress: Redress, app: Flask
) -> None:
    tokens: dict[str, str] = {}

    def calling(name: str, language: str = "en") -> Caller:
        if name not in tokens:
            with redress.sessions.step() as session:
                tokens[name] = create_token(session, name)
        return Caller(app, tokens[name], language)

    callers, body = [calling("agent") for _ in range(4)], intake(grade=2)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda caller: caller.do("/complaints", body, key="r-1"), callers))
    number = answers[0]["complaint_no"]
    assert {answer["complaint_no"] for answer in answers} == {number}
    assert drive(calling, number)
    case = calling("agent").read(f"/complaints/{number}")
    assert (case["status"], case["customer"]["name"]) == ("archived", body["customer"]["name"])
    page = calling("agent").read(f"/instances/{case['instance_id']}/history", limit=5)
    assert [row["seq"] for row in page["items"]] == [1, 2, 3, 4, 5]
    assert page["items"][0]["at"].endswith("Z")


@pytest.mark.parametrize(
    ("path", "position"),
    [
        ("/instances/{id}/history", ["seq", 2**40]),
        ("/instances/{id}/history", ["seq", "x"]),
        ("/tasks", ["due", "yesterday", "x"]),
        ("/tasks", ["due", "0001-01-01T00:00:00+14:00", "x"]),
        ("/complaints", ["received", "2026-03-02T00:00:00Z", 7]),
        ("/instances", ["newest", "a\0"]),
    ],
)
def test_a_forged_cursor_is_refused(redress: Redress, app: Flask, path: str, position: list[object]) -> None:
    with redress.sessions.step() as session:
        caller = Caller(app, create_token(session, "analyst"))
    cursor = base64.urlsafe_b64encode(json.dumps(position).encode()).rstrip(b"=").decode()
    answer = caller.get(path.format(id=register(redress).instance_id), cursor=cursor)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["cursor"])
