"""The API on a real, furnished database, asked as a program would: with a bearer token and JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from engine.assembly import Redress
from engine.people.accounts import create_token
from tests.filling import fill

API = "/api/v1"
PEOPLE = (
    "agent",
    "agent2",
    "handler",
    "supervisor",
    "supervisor2",
    "management",
    "management2",
    "compliance",
    "monitor",
    "analyst",
)
MOST_STEPS = 40


class Caller:
    """A program that acts for one user."""

    def __init__(self, app: Flask, token: str, language: str = "en") -> None:
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> TestResponse:
        return self.client.get(API + path, query_string=query, headers=self.headers | (headers or {}))

    def open(self, method: str, path: str) -> TestResponse:
        """Make a call with an empty body, where the method has one."""
        given: dict[str, Any] = {} if method in ("GET", "DELETE") else {"json": {}}
        return self.client.open(API + path, method=method, headers=self.headers, **given)

    def post(self, path: str, body: Any = None, key: str | None = None, **options: Any) -> TestResponse:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        given = options if "data" in options else {"json": {} if body is None else body, **options}
        return self.client.post(API + path, headers=headers, **given)

    def patch(self, path: str, body: Any = None) -> TestResponse:
        return self.client.patch(API + path, headers=self.headers, json={} if body is None else body)

    def read(self, path: str, **query: Any) -> Any:
        """Get what is there."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.json

    def do(self, path: str, body: Any = None, key: str | None = None) -> Any:
        """Post what is to succeed."""
        answer = self.post(path, body, key)
        assert answer.status_code in (200, 201), (path, answer.get_data(as_text=True))
        return answer.json

    def tasks(self, **query: Any) -> list[dict[str, Any]]:
        """List open tasks."""
        return list(self.read("/tasks", state="open", **query)["items"])

    def complete(self, task_id: str, **wanted: Any) -> str:
        """Fill the form of a task by the first option everywhere, and complete it."""
        form = self.read(f"/tasks/{task_id}/form")
        variables = fill(form["schema"], form["values"], **wanted)
        return str(self.do(f"/tasks/{task_id}/complete", {"variables": variables})["instance_state"])


Calling = Callable[..., Caller]


@pytest.fixture
def calling(app: Flask, engine: Redress) -> Calling:
    """Give a program that acts for a demo user."""
    tokens: dict[str, str] = {}

    def caller(username: str, language: str = "en") -> Caller:
        if username not in tokens:
            with engine.sessions.step() as session:
                tokens[username] = create_token(session, username)
        return Caller(app, tokens[username], language)

    return caller


def do_next(calling: Calling, complaint_no: str, **answers: dict[str, Any]) -> str | None:
    """Have whoever may claim it do the oldest open task of a complaint; return its element."""
    tasks = sorted(calling("analyst").tasks(complaint_no=complaint_no), key=lambda task: task["id"])
    if not tasks:
        return None
    for name in PEOPLE:
        seen = [
            task for task in calling(name).tasks(complaint_no=complaint_no) if task["id"] == tasks[0]["id"]
        ]
        if seen and (seen[0]["can_claim"] or seen[0]["assignee"] == name):
            calling(name).do(f"/tasks/{tasks[0]['id']}/claim")
            calling(name).complete(tasks[0]["id"], **answers.get(tasks[0]["element_id"], {}))
            return str(tasks[0]["element_id"])
    raise AssertionError(f"nobody may claim {tasks[0]}")


def drive(calling: Calling, complaint_no: str, **answers: dict[str, Any]) -> list[str]:
    """Do task after task until none is open; return the elements in their order."""
    done: list[str] = []
    while (element := do_next(calling, complaint_no, **answers)) is not None:
        done.append(element)
        assert len(done) < MOST_STEPS, done
    return done
