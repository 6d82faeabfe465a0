"""The same load on one web and one worker with SQLite, and on two of each with PostgreSQL: every complaint,
timer and message arrives, and nothing happens twice.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import func, select

from engine import clock
from engine.assembly import Redress
from engine.audit.verify import verify
from engine.people.accounts import create_token
from engine.store.tables.audit import History
from engine.store.tables.cases import Complaint
from engine.store.tables.jobs import Job
from engine.store.tables.people import Notification
from engine.store.tables.runtime import Timer
from tests.browser.server import Server
from tests.jobs.dispatched import (
    KINDS,
    begin,
    count,
    incidents,
    installed,
    job_states,
    put,
    put_waiting,
    states,
    until,
)
from tests.runtime.spiff.drawing import END, MESSAGE, ON_MESSAGE, START, element, ext, mapping, process
from tests.web.api.conftest import API, PEOPLE, Caller, drive
from tests.world import intake

COMPLAINTS, TIMERS, MESSAGES = 3, 40, 10


@dataclass
class Answer:
    """What came back, as the callers of the API's tests read it."""

    status_code: int
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    def get_data(self, as_text: bool) -> str:
        return self.text


class Program(Caller):
    """A program outside that asks one server after the other."""

    def __init__(self, addresses: Iterator[str], token: str) -> None:
        self.addresses = addresses
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> Any:
        return self._send("GET", f"{path}?{urlencode(query)}", None, {})

    def post(self, path: str, body: Any = None, key: str | None = None, **options: Any) -> Any:
        return self._send("POST", path, body or {}, {"Idempotency-Key": key} if key else {})

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        request = Request(next(self.addresses) + API + path, data, self.headers | headers, method=method)
        try:
            with urlopen(request, timeout=60) as answer:
                return Answer(answer.status, answer.read().decode())
        except HTTPError as refused:
            with refused:
                return Answer(refused.code, refused.read().decode())


@pytest.fixture(params=KINDS)
def redress(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Redress]:
    with installed(request.param, request, tmp_path / "var") as made:
        yield made


@pytest.fixture
def servers(redress: Redress) -> Iterator[list[Server]]:
    """One web and one worker on SQLite, two of each on PostgreSQL."""
    given = redress.config
    settings = {"REDRESS_DISPATCHER": given.dispatcher}
    started = [
        Server(given.data_dir, given.database_url, settings=settings)
        for _ in range(1 if given.is_sqlite else 2)
    ]
    with ThreadPoolExecutor() as pool:
        try:
            list(pool.map(Server.start, started))
            yield started
        finally:
            list(pool.map(Server.stop, started))


def test_the_same_load_on_one_machine_and_on_many_loses_nothing_and_does_nothing_twice(
    redress: Redress, servers: list[Server]
) -> None:
    addresses = itertools.cycle([server.address for server in servers])
    with redress.sessions.step() as session:
        tokens = {name: create_token(session, name) for name in {*PEOPLE, "owner"}}
    programs = {name: Program(addresses, token) for name, token in tokens.items()}
    put_messages(redress)
    put_waiting(redress)
    for _ in range(TIMERS):
        begin(redress, "waiting")

    with ThreadPoolExecutor(6) as pool:
        cases = [pool.submit(handle, programs, n) for n in range(COMPLAINTS)]
        caught = [pool.submit(exchange, programs["owner"], n) for n in range(MESSAGES)]
        for each in caught:
            each.result()
        clock.advance(timedelta(hours=1))
        numbers = [each.result() for each in cases]

    until(lambda: states(redress, "waiting") == {"completed": TIMERS}, "every timer has fired")
    until(lambda: states(redress, "catcher") == {"completed": 2 * MESSAGES}, "every message is caught")
    until(lambda: count(redress, Job, Job.state == "ready") == 0, "every job is done")
    assert len(set(numbers)) == COMPLAINTS
    check(redress, numbers)


def handle(programs: dict[str, Program], n: int) -> str:
    """Register a complaint twice under one key, and do whatever is to be done until it is archived."""
    body = intake(grade=3 - n % 2)
    first, second = (programs["agent"].do("/complaints", body, key=f"load-{n}") for _ in range(2))
    assert first == second
    assert drive(lambda name, _language="en": programs[name], first["complaint_no"])
    return str(first["complaint_no"])


def exchange(program: Program, n: int) -> None:
    """Let one instance catch what comes from outside, sent twice, and one what another instance throws."""
    for key in (f"in-{n}", f"K-{n}"):
        program.do("/instances", {"process_id": "catcher", "variables": {"key": key}})
    message = {"name": "M", "correlation_key": f"in-{n}", "message_id": f"id-{n}"}
    assert program.do("/messages", message) == program.do("/messages", message)
    program.do("/instances", {"process_id": "thrower", "variables": {"no": str(n)}})


def put_messages(redress: Redress) -> None:
    caught = START + END + element("intermediateCatchEvent", "c", ON_MESSAGE) + "s->c;c->e;"
    payload = ext(mapping({"key": "=&quot;K-&quot; + no"}, {}))
    thrown = START + element("intermediateThrowEvent", "t", payload + ON_MESSAGE) + END + "s->t;t->e;"
    put(redress, "catch", MESSAGE, process(caught, "catcher"))
    put(redress, "throw", MESSAGE, process(thrown, "thrower"))


def check(redress: Redress, numbers: list[str]) -> None:
    """Hold what is in the database against what was asked for."""
    with redress.sessions.read() as session:
        kept = session.scalars(select(Complaint.no).where(Complaint.status == "archived")).all()
        assert sorted(kept) == sorted(numbers)
        query = select(History.kind, History.stream, History.element_id, History.data)
        once = Counter(
            (row.kind, row.stream, json.loads(row.data).get("token"))
            for row in session.execute(query.where(History.kind.in_(("timer.fired", "task.completed"))))
        )
        assert set(once.values()) == {1}
        caught = select(func.count()).where(History.kind == "message.caught", History.element_id == "c")
        assert session.scalar(caught) == 2 * MESSAGES
        keys = session.scalars(select(Notification.source_key)).all()
        assert len(keys) == len(set(keys))
        report = verify(session)
        assert report.problems == []
        assert session.scalar(select(func.count()).select_from(Timer)) == 0
    assert incidents(redress) == []
    assert set(job_states(redress)) <= {"done", "withdrawn"}
