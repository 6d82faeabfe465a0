"""The log: one JSON object a line, with the request and the instance, and nothing of what was sent."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from engine import logs
from engine.assembly import Redress
from engine.jobs.passes import run_until_quiet
from engine.logs import JsonFormatter, TextFormatter, formatter_for
from engine.privacy.log_masking import MaskingFilter
from engine.store.tables.runtime import Task
from tests.web.conftest import Visit
from tests.world import pass_time, register
from web.access import public

Lines = list[dict[str, Any]]


class Log:
    """What the root logger's handler wrote, line by line."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def lines(self) -> Lines:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    found, root = Log(), logging.getLogger()
    handler = logging.StreamHandler(found.stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(MaskingFilter())
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield found
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_request_has_a_line_with_its_id_route_person_and_instance(
    visit: Visit, engine: Redress, complaint_no: str, task_id: str, log: Log
) -> None:
    answer = visit("handler").post(f"/tasks/{task_id}/claim")
    (line,) = [each for each in log.lines() if each.get("route", "").endswith("/claim")]
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["method"], line["status"], line["user"]) == ("POST", answer.status_code, "handler")
    assert line["task_id"] == task_id
    with engine.sessions.read() as session:
        assert line["instance_id"] == session.get_one(Task, task_id).instance_id
    assert {"at", "level", "logger", "message", "ms"} <= set(line)


def test_a_caller_may_give_the_id_but_no_other_text(app: Flask) -> None:
    def request_id(given: str) -> str:
        return app.test_client().get("/login", headers={"X-Request-ID": given}).headers["X-Request-ID"]

    assert request_id("from-the-proxy-1") == "from-the-proxy-1"
    for given in ("a b", "x" * 65, "13912345678 王小明", "short"):
        assert request_id(given) != given


def test_two_requests_never_share_an_id_or_an_instance(visit: Visit, complaint_no: str, log: Log) -> None:
    browser = visit("agent")
    browser.get(f"/complaints/{complaint_no}")
    browser.get("/complaints")
    first, second = [each for each in log.lines() if each.get("route", "").startswith("/complaints")]
    assert first["request_id"] != second["request_id"]
    assert first["complaint_no"] == complaint_no
    assert "complaint_no" not in second


def test_addresses_and_what_was_sent_are_not_logged(visit: Visit, log: Log) -> None:
    browser = visit("agent")
    browser.get("/complaints?number=CANARY")
    browser.get("/nothing/CANARY")
    browser.post("/complaints/new", {"content": "CANARY", "name": "CANARY"})
    written = log.stream.getvalue()
    assert '"status": 422' in written
    assert "CANARY" not in written


def test_timers_and_jobs_have_lines_with_their_instance(engine: Redress, log: Log) -> None:
    registered = register(engine, urgent=True)
    run_until_quiet(engine.runtime)
    pass_time(engine, days=10)
    timers = [line for line in log.lines() if line["message"] == "timer fired"]
    jobs = [line for line in log.lines() if line["message"] == "job done"]
    assert timers
    assert jobs
    assert {line["instance_id"] for line in [*timers, *jobs]} == {registered.instance_id}
    assert all("timer_id" in line for line in timers)
    assert all({"job_id", "job_type"} <= set(line) for line in jobs)


def test_a_mistake_of_ours_is_logged_with_its_request_and_without_personal_data(
    app: Flask, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = False, False

    def fail() -> None:
        raise RuntimeError("no call to 13912345678")

    monkeypatch.setitem(app.view_functions, "login.form", public(fail))
    answer = app.test_client().get("/login")
    assert answer.status_code == 500
    told = [line for line in log.lines() if line["level"] == "error"]
    assert {line["request_id"] for line in told} == {answer.headers["X-Request-ID"]}
    assert any("RuntimeError" in line.get("exception", "") for line in told)
    assert "13912345678" not in log.stream.getvalue()


def test_at_a_terminal_lines_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert isinstance(formatter_for("auto", Terminal()), TextFormatter)
    assert isinstance(formatter_for("auto", io.StringIO()), JsonFormatter)
    assert isinstance(formatter_for("json", Terminal()), JsonFormatter)
    record = logging.LogRecord("x", logging.INFO, "", 0, "done", None, None)
    record.redress_fields = logs.fields(ms=3)["redress_fields"]
    assert TextFormatter().format(record).endswith("INFO    done  ms=3")
