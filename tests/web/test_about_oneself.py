"""A complaint about somebody stands in no list that they are shown, whatever their role (Art. 17)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from markupsafe import escape

from engine.assembly import Redress
from engine.jobs.passes import run_until_quiet
from engine.people.accounts import create_token
from engine.runtime.commands import claim
from engine.runtime.notices import Notice, leave_notice
from tests.driving import drive, open_tasks
from tests.world import actor, register

PEOPLE = ("agent2", "handler2", "supervisor", "analyst", "admin")
VIEWS = (
    *("/tasks?tab=all", "/tasks?tab=group", "/tasks?tab=all&state=completed", "/complaints?sort=due"),
    *(f"/operations?view={view}" for view in ("now", "instances", "incidents", "timers", "jobs")),
    *("/quality/findings", "/quality/supervision/findings", "/archive?state=kept", "/notices", "/team"),
    *("/reports/figures/K1?part=all", "/reports/figures/K2?part=all", "/intake/chats"),
)
"""Views of lists beside the addresses without arguments."""
BY_NUMBER = (
    "/tasks?tab=all&text={no}",
    "/complaints?number={no}",
    "/trail?key={no}",
    "/api/v1/tasks?text={no}",
)


@pytest.fixture
def about(engine: Redress) -> dict[str, str]:
    """A complaint about each of the people, by their name; those about the office's lead is archived."""
    made = {name: register(engine, grade=3, accused=name).complaint_no for name in PEOPLE}
    for no in made.values():
        claim(engine.runtime, actor(engine, "handler"), open_tasks(engine, no)[0].id)
    drive(engine, made["analyst"])
    run_until_quiet(engine.runtime)
    with engine.sessions.step() as session:
        for name, no in made.items():
            told = leave_notice(
                engine.runtime, session, [actor(engine, name).id], Notice("unassigned", no, no)
            )
            assert told == 0
    return made


def listed(app: Flask) -> list[str]:
    """Every address that shows rows without being told which: pages and API."""
    found = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.arguments
        and not rule.rule.startswith(("/login", "/static"))
    ]
    return sorted({*found, *VIEWS})


def test_no_list_shows_somebody_a_complaint_about_them_and_others_it_does(
    engine: Redress, app: Flask, about: dict[str, str]
) -> None:
    client, shown = app.test_client(), set[tuple[str, str]]()
    wrong: list[Any] = []
    for name in (*PEOPLE, "compliance"):
        with engine.sessions.step() as session:
            headers = {"Authorization": f"Bearer {create_token(session, name)}"}
        own = about.get(name, "no such case")
        for path in (*listed(app), *(each.format(no=own) for each in BY_NUMBER)):
            with client.get(path, headers=headers) as answer:
                body = answer.get_data(as_text=True).replace(f'value="{own}"', "").replace(escape(path), "")
            if own in body:
                wrong.append((name, path))
            shown |= {(path, no) for no in about.values() if no in body}
    assert wrong == []
    for path in ("/tasks?tab=all", "/complaints", "/trail", "/operations?view=timers", "/archive", "/team"):
        assert any(each == path for each, _ in shown), path
