"""Figures for programs: what they count, running and frozen, the cases behind them, and one's own."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from engine import clock
from engine.assembly import Redress
from engine.quality.facts import gather
from engine.quality.figures import AMOUNTS, FIGURES
from engine.quality.freezing import freeze_due
from engine.quality.sheets import check_signed, public_key
from tests.driving import drive
from tests.web.api.conftest import API, Calling
from tests.world import pass_time, register

MARCH = {"period": "2026-03"}


@pytest.fixture
def numbers(engine: Redress) -> list[str]:
    """Two cases of March: one answered in time, one overdue and open."""
    answered = register(engine, channel="email", grade=3).complaint_no
    drive(engine, answered)
    late = register(engine, customer={"name": "趙五", "phone": "13700000002"}, grade=3).complaint_no
    pass_time(engine, days=20)
    gather(engine.runtime)
    return [answered, late]


def cases(caller: Any, path: str, **query: Any) -> list[str]:
    """List the numbers behind a figure, a page of one after the other."""
    found: list[str] = []
    following: str | None = ""
    while following is not None:
        page = caller.read(f"/figures/{path}/cases", **MARCH, **query, limit=1, cursor=following)
        found += [each["complaint_no"] for each in page["items"]]
        following = page["next"]
    return found


def test_every_figure_is_described_in_the_language_of_the_caller(calling: Calling) -> None:
    described = {each["name"]: each for each in calling("handler").read("/figures")["items"]}
    assert set(described) == {*FIGURES, *AMOUNTS}
    assert described["satisfaction"] | {"title": "", "meaning": ""} == {
        "name": "satisfaction",
        "kind": "share",
        "unit": "share",
        "title": "",
        "meaning": "",
        "clause": "R46",
        "definition": 2,
        "topic": "satisfaction",
        "good_is_high": True,
        "target": "target.satisfaction_percent",
        "waits": None,
        "least": 30,
        "beside": ["survey-response", "satisfaction-floor", "survey-invited", "call-back-disagreement"],
    }
    assert described["days-to-answer"]["unit"] == "working-days"
    (chinese,) = (
        each
        for each in calling("handler", "zh-Hans").read("/figures")["items"]
        if each["name"] == "timeliness"
    )
    assert re.search(r"[\u4e00-\u9fff]", chinese["title"] + chinese["meaning"])


def test_a_running_figure_has_its_interval_its_groups_and_its_cases(
    calling: Calling, numbers: list[str]
) -> None:
    analyst, (answered, late) = calling("analyst"), numbers
    found = analyst.read("/figures/timeliness", **MARCH, by="channel")
    assert {name: found[name] for name in ("state", "version", "newest_version", "definition", "by")} == {
        "state": "running",
        "version": None,
        "newest_version": None,
        "definition": 1,
        "by": "channel",
    }
    assert found["computed_at"][:10] == "2026-03-22"
    assert (found["target"], found["meets"]) == (0.98, False)
    assert found["total"] == {
        "of": 2,
        "hits": 1,
        "share": 0.5,
        "interval": [pytest.approx(0.0945, abs=1e-4), pytest.approx(0.9055, abs=1e-4)],
    }
    assert {each["value"]: each["hits"] for each in found["groups"]} == {"email": 1, "hotline": 0}
    assert cases(analyst, "timeliness") == sorted(numbers)
    assert cases(analyst, "timeliness", part="hits", by="channel", value="email") == [answered]
    assert cases(analyst, "timeliness", part="misses", by="grade", value="3") == [late]
    assert cases(analyst, "timeliness", by="grade", value="gravest") == []
    assert cases(analyst, "timeliness", by="partner") == sorted(numbers)
    spread = analyst.read("/figures/days-to-answer", **MARCH, by="handler")
    assert spread["total"] == {"of": 1, "median": 0, "p90": 0, "mean": 0, "sum": 0}
    assert spread["groups"] == [
        {"value": "handler", "of": 1, "median": None, "p90": None, "mean": None, "sum": None}
    ]
    assert cases(analyst, "days-to-answer") == [answered]
    waiting = analyst.read("/figures/repeats-after-answer", **MARCH)
    assert waiting["not_before"] > found["computed_at"]
    assert waiting["total"] == {"of": 1, "hits": None, "share": None, "interval": None}


def test_few_cases_of_a_person_are_counted_and_not_judged(calling: Calling, numbers: list[str]) -> None:
    for by in ("handler", "department"):
        groups = calling("analyst").read("/figures/timeliness-closed", **MARCH, by=by)["groups"]
        assert [(each["of"], each["hits"], each["share"], each["interval"]) for each in groups] == [
            (1, None, None, None)
        ]


def test_a_frozen_month_answers_as_it_was_counted_whatever_has_changed_since(
    engine: Redress, calling: Calling, numbers: list[str]
) -> None:
    clock.set_to(datetime(2026, 4, 16, tzinfo=UTC))
    freeze_due(engine.runtime)
    drive(engine, numbers[1])
    analyst = calling("analyst")
    (listed,) = (each for each in analyst.read("/frozen-figures")["items"] if each["period"] == "2026-03")
    assert (listed["version"], listed["reason"]) == (1, "closed")
    month = analyst.read("/frozen-figures/2026-03")
    assert (month["digest"], month["cases"]) == (listed["digest"], 2)
    totals = {each["name"]: each for each in month["figures"]}
    assert set(totals) == {*FIGURES, *AMOUNTS}
    assert totals["timeliness"]["total"]["hits"] == 1
    for query in ({"state": "frozen"}, {"version": 1}):
        found = analyst.read("/figures/timeliness", **MARCH, **query, by="channel")
        assert (found["state"], found["version"], found["newest_version"]) == ("frozen", 1, 1)
        assert found["total"] == totals["timeliness"]["total"]
        assert {each["value"]: each["hits"] for each in found["groups"]} == {"email": 1, "hotline": 0}
    running = analyst.read("/figures/timeliness-closed", **MARCH)
    assert (running["newest_version"], running["computed_at"][:10]) == (1, "2026-04-16")
    spread = analyst.read("/figures/days-to-answer", **MARCH, version=1, by="channel")
    assert [(each["value"], each["of"]) for each in spread["groups"]] == [("email", 1)]
    (few,) = analyst.read("/figures/timeliness-closed", **MARCH, version=1, by="handler")["groups"]
    assert (few["of"], few["hits"]) == (1, None)
    for by, value in (("channel", "email"), ("grade", "3"), ("handler", "handler")):
        hits = cases(analyst, "timeliness", version=1, part="hits", by=by, value=value)
        assert hits == [numbers[0]], by
    assert cases(analyst, "timeliness", version=1) == sorted(numbers)
    assert cases(analyst, "days-to-answer", version=1, by="partner") == [numbers[0]]
    again = {"period": "2026-03", "reason": "answered since"}
    assert analyst.do("/frozen-figures", again) == {"period": "2026-03", "version": 2}
    assert analyst.post("/frozen-figures", again).status_code == 409


def test_staff_read_contest_and_take_away_their_own_figures_alone(
    engine: Redress, calling: Calling, numbers: list[str]
) -> None:
    clock.set_to(datetime(2026, 4, 16, tzinfo=UTC))
    freeze_due(engine.runtime)
    handler, month = calling("handler"), "/frozen-figures/2026-03"
    mine = handler.read(f"{month}/mine")
    figures = {each["name"]: each for each in mine["figures"]}
    assert (figures["timeliness"]["hits"], figures["timeliness"]["comparable"]) == (1, False)
    (case,) = mine["cases"]
    assert (case["complaint_no"], "timeliness" in case["hits"]) == (numbers[0], True)
    assert calling("handler2").read(f"{month}/mine")["cases"] == []
    given = {
        "version": 1,
        "figure": "timeliness",
        "complaint_no": numbers[0],
        "reason": "Answered on the day.",
    }
    opened = handler.do(f"{month}/contests", given)
    assert handler.do(f"{month}/contests", given) == opened
    refused = handler.post(f"{month}/contests", given | {"complaint_no": numbers[1]})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["complaint_no"])
    sheet = handler.get(f"{month}/sheet")
    assert check_signed(sheet.get_data(), public_key(engine.keyring))["about"] == {"person": "handler"}
    assert handler.get(f"{month}/sheet", subject="handler2").status_code == 403
    for path in ("/figures/timeliness", "/figures/timeliness/cases", "/frozen-figures", month):
        assert handler.get(path, **MARCH).status_code == 403, path


@pytest.mark.parametrize(
    ("path", "query", "status", "field"),
    [
        ("/figures/happiness", MARCH, 404, None),
        ("/figures/happiness/cases", MARCH, 404, None),
        ("/figures/timeliness", {}, 422, "period"),
        ("/figures/timeliness", {"period": "soon"}, 422, "period"),
        ("/figures/timeliness", {**MARCH, "by": "mood"}, 422, "by"),
        ("/figures/timeliness", {**MARCH, "state": "cold"}, 422, "state"),
        ("/figures/timeliness", {**MARCH, "state": "frozen"}, 404, None),
        ("/figures/timeliness", {**MARCH, "version": "0"}, 422, "version"),
        ("/figures/timeliness/cases", {**MARCH, "part": "some"}, 422, "part"),
        ("/figures/timeliness/cases", {**MARCH, "cursor": "x"}, 422, "cursor"),
        ("/frozen-figures/2026-03", {}, 404, None),
        ("/frozen-figures/2026-03/mine", {}, 404, None),
    ],
)
def test_what_is_not_there_is_refused_by_field(
    calling: Calling, path: str, query: dict[str, str], status: int, field: str | None
) -> None:
    caller = calling("analyst")
    answer = caller.client.get(API + path, query_string=query, headers=caller.headers)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert list(answer.json.get("errors", {})) == ([field] if field else [])
