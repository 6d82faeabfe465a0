"""Lists of 100,000 open tasks among 1,000,000 instances, beside 1,000 among 10,000: each filter and sort."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from engine import clock, read
from engine.assembly import Redress, assemble
from engine.people.actor import Actor
from engine.read.tasks import SORTS, steps_of_open_tasks
from tests.bench.crowd import crowd
from tests.bench.figures import Figure
from tests.bench.first_page import first_page_figures
from tests.world import MONDAY, actor, furnish, settings
from web import create_app

SMALL, LARGE = (10_000, 1_000), (1_000_000, 100_000)
"""Instances, and open tasks among them."""
ROUNDS, RUNS = 5, 4
AT_MOST = 2
GUIDE_MS = 20
PEOPLE = ("handler", "supervisor")
TABS: dict[str, dict[str, Any]] = {
    "mine": {"assignee": "me"},
    "groups": {"group": "mine", "unassigned": True},
    "all": {},
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
            filters = {"": {}, ", one grade": {"grade": 2}, ", one step": {"element_id": _common(steps)}}
            for tab, scope in TABS.items():
                for words, given in filters.items():
                    for sort in SORTS:
                        wanted = {**scope, **given, "sort": sort, "limit": 30}
                        yield (
                            f"tasks {tab}{words} by {sort}, {name}",
                            self._read(read.task_list, who, **wanted),
                        )
            yield f"trail, {name}", self._read(read.instance_list, who)
            for sort in ("received", "due"):
                yield f"register by {sort}, {name}", self._read(read.complaint_list, who, sort=sort)
            yield (
                f"register, open by due, {name}",
                self._read(read.complaint_list, who, sort="due", open_only=True),
            )

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
        app = create_app(redress)
        yield Filled(redress, app, {name: actor(redress, name) for name in PEOPLE})


def list_figures(name: str, small: Filled, large: Filled) -> list[Figure]:
    """Return every list and page on the large database beside the small one: medians, interleaved."""
    figures = []
    for (title, beside), (_, call) in zip(
        [*small.calls(), *small.pages()], [*large.calls(), *large.pages()], strict=True
    ):
        call(), beside()
        rounds = [(_milliseconds(call), _milliseconds(beside)) for _ in range(ROUNDS)]
        value, baseline = (statistics.median(each) for each in zip(*rounds, strict=True))
        ratio = statistics.median(a / b for a, b in rounds)
        figures.append(
            Figure(
                f"{title}, {name}",
                round(value, 2),
                "ms",
                round(baseline, 2),
                round(ratio, 2),
                f"at most {AT_MOST} times",
                ratio <= AT_MOST,
            )
        )
    for who in PEOPLE:
        figures += first_page_figures(name, large.log_in(who), who)
    return figures


def _milliseconds(call: Call) -> float:
    began = time.perf_counter()
    for _ in range(RUNS):
        call()
    return (time.perf_counter() - began) * 1000 / RUNS
