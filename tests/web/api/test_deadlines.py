"""Both clocks of a case over the API: each day, what moved them, and what came too late."""

from __future__ import annotations

from datetime import timedelta

from engine import clock
from engine.assembly import Redress
from tests.web.api.conftest import Calling
from tests.world import register


def test_the_days_of_both_clocks_and_their_changes_are_told(calling: Calling, engine: Redress) -> None:
    no = register(engine, grade=1, legal_risk=True, received_at="2026-02-28T12:00:00+08:00").complaint_no
    handler = calling("handler")
    told = handler.read(f"/complaints/{no}/deadlines")
    assert [day["ordinal"] for day in told["policy"]["days"] if day["ordinal"]] == list(range(1, 16))
    assert told["policy"]["last_day"] == "2026-03-20"
    assert told["policy"]["days"][0] == {
        "date": "2026-02-28",
        "ordinal": None,
        "why": "start",
        "name": "春节",
        "published": True,
    }
    assert [day["date"] for day in told["statute"]["days"]][-1] == told["statute"]["last_day"] == "2026-03-15"
    assert told["changes"] == []


def test_new_facts_begin_the_statutory_clock_anew_once_for_a_repeated_request(
    calling: Calling, engine: Redress
) -> None:
    no = register(engine, grade=1, legal_risk=True).complaint_no
    clock.advance(timedelta(days=3))
    handler = calling("handler")
    body = {"received_on": "2026-03-05", "explanation": "新合同"}
    first = handler.do(f"/complaints/{no}/new-facts", body, key="once")
    assert first == {"statutory_due_at": "2026-03-20T16:00:00Z", "in_time": True}
    assert handler.do(f"/complaints/{no}/new-facts", body, key="once") == first
    told = handler.read(f"/complaints/{no}/deadlines")
    assert [change["kind"] for change in told["changes"]] == ["restart"]
    assert told["statute"]["began_on"] == "2026-03-05"
    assert told["statute"]["original_due_at"] == "2026-03-17T16:00:00Z"


def test_a_reason_that_the_law_does_not_know_is_refused_at_its_field(
    calling: Calling, engine: Redress
) -> None:
    no = register(engine).complaint_no
    body = {
        "reason": "waiting",
        "from": "2026-03-03",
        "until": "2026-03-04",
        "told_at": "2026-03-02T00:00:00Z",
        "explanation": "x",
    }
    answer = calling("handler").post(f"/complaints/{no}/exclusions", body)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["reason"]
