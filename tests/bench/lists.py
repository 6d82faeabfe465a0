"""Lists of 100,000 open tasks among 1,000,000 instances, beside 1,000 among 10,000: each filter and sort."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from engine import clock, read
from engine.assembly import Redress, assemble
from engine.people.actor import Actor
from engine.read.tasks import SORTS, steps_of_open_tasks
from tests.bench.crowd import crowd
from tests.bench.figures import Figure, seconds, size
from tests.bench.first_page import first_page_figures
from tests.world import MONDAY, actor, furnish, settings
from web import create_app

SMALL, LARGE = (10_000, 1_000), (size("LARGE", 1_000_000), size("LARGE", 1_000_000) // 10)
"""Instances, and open tasks among them."""
ROUNDS, RUNS = 5, 2
SLOW_MS = 100
"""What takes longer is run once a round."""
AT_MOST = 2
GUIDE_MS = 20
PEOPLE = ("handler", "supervisor")
TABS: dict[str, dict[str, Any]] = {
    "mine": {"assignee": "me"},
    "groups": {"group": "mine", "unassigned": True},
    "all": {},
}
FILTERS: dict[str, dict[str, Any]] = {
    "": {},
    ", one grade": {"grade": 2},
    ", absent grade": {"grade": 9},
    ", absent process": {"process_id": "none"},
    ", one category": {"category": "service"},
    ", one channel": {"channel": "hotline"},
    ", put off": {"put_off": True},
    ", a word": {"text": "調查"},
    ", absent word": {"text": "ZZZZ"},
}
REGISTER: dict[str, dict[str, Any]] = {
    "": {},
    ", open": {"open_only": True},
    ", overdue": {"overdue": True},
    ", one grade": {"grade": 2},
    ", one category": {"category": "service"},
    ", one channel": {"channel": "hotline"},
    ", mine": {"handler": "me"},
    ", absent handler": {"handler": "nobody"},
    ", by number": {"number": "RC-20191227-000123"},
    ", part of a number": {"number": "1227-00012"},
    ", absent number": {"number": "ZZZZ"},
}
Call = Callable[[], object]
_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled installation, its pages, and the people who look at lists."""

    redress: Redress
    app: Flask
    people: dict[str, Actor]

    def calls(self) -> Iterator[tuple[str, Call]]:
        """Give each list under its name."""
        for name in PEOPLE:
            who = self.people[name]
            yield f"task counts, {name}", self._read(read.task_counts, who)
            yield f"steps to filter by, {name}", self._read(steps_of_open_tasks, who)
            steps = self._read(steps_of_open_tasks, who)()
            filters = FILTERS | {", one step": {"element_id": _common(steps)}}
            for tab, scope in TABS.items():
                for words, given in filters.items():
                    for sort in SORTS:
                        wanted = {**scope, **given, "sort": sort, "limit": 30}
                        yield (
                            f"tasks {tab}{words} by {sort}, {name}",
                            self._read(read.task_list, who, **wanted),
                        )
            yield f"trail, {name}", self._read(read.instance_list, who)
            yield f"trail, running, {name}", self._read(read.instance_list, who, state="active")
            for words, given in REGISTER.items():
                for sort in ("received", "due"):
                    wanted = {**given, "sort": sort}
                    yield (
                        f"register{words} by {sort}, {name}",
                        self._read(read.complaint_list, who, **wanted),
                    )
            rows = self._read(read.complaint_list, who, open_only=True, limit=1)().items
            yield f"case, {name}", self._read(read.complaint, who, no=rows[0]["no"])

    def pages(self) -> Iterator[tuple[str, Call]]:
        """Give each page under its name, as a person who is logged in gets it."""
        for name in PEOPLE:
            client = self.log_in(name)
            for tab in TABS:
                yield f"page /tasks, {tab}, {name}", _page(client, f"/tasks?tab={tab}")
            yield f"page /complaints, {name}", _page(client, "/complaints")
            yield f"page /trail, {name}", _page(client, "/trail")

    def log_in(self, name: str) -> FlaskClient:
        """Return the browser of somebody who is logged in."""
        client = self.app.test_client()
        token = _TOKEN.search(client.get("/login").get_data(as_text=True))
        given = {"csrf_token": token.group(1) if token else "", "username": name}
        client.post("/login", data={**given, "password": f"{name}-demo"})
        return client

    def _read(self, verb: Callable[..., Any], who: Actor, **given: Any) -> Callable[[], Any]:
        def call() -> Any:
            with self.redress.sessions.read() as session:
                return verb(session, who, **given)

        return call


def _common(steps: Any) -> str:
    return str(steps[0]["element_id"]) if steps else ""


def _page(client: Any, address: str) -> Call:
    def call() -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")

    return call


@contextmanager
def filled(folder: Path, url: str | None, size: tuple[int, int]) -> Iterator[Filled]:
    """Give an installation with so many instances and open tasks."""
    furnish(folder, url)
    with closing(assemble(settings(folder, url))) as redress:
        clock.set_to(MONDAY)
        crowd(redress, *size)
    # With new connections: psycopg drops what they have prepared once indexes were dropped.
    with closing(assemble(settings(folder, url))) as redress:
        app = create_app(redress)
        yield Filled(redress, app, {name: actor(redress, name) for name in PEOPLE})


def list_figures(name: str, small: Filled, large: Filled) -> Iterator[list[Figure]]:
    """Give every list and page on the large database beside the small one: medians, interleaved."""
    for (title, beside), (_, call) in zip(
        chain(small.calls(), small.pages()), chain(large.calls(), large.pages()), strict=True
    ):
        beside(), call()
        runs = RUNS if _milliseconds(call, 1) < SLOW_MS else 1
        rounds = [(_milliseconds(call, runs), _milliseconds(beside, runs)) for _ in range(ROUNDS)]
        value, baseline = (statistics.median(each) for each in zip(*rounds, strict=True))
        ratio = statistics.median(a / b for a, b in rounds)
        yield [
            Figure(
                f"{title}, {name}",
                round(value, 2),
                "ms",
                round(baseline, 2),
                round(ratio, 2),
                f"at most {AT_MOST} times",
                ratio <= AT_MOST,
            )
        ]
    for who in PEOPLE:
        yield first_page_figures(name, large.log_in(who), who)


def _milliseconds(call: Call, runs: int) -> float:
    """Return the best of so many runs: what is worse, something else on the machine has done."""
    return min(seconds(call) for _ in range(runs)) * 1000
