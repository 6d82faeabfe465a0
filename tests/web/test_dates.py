"""The page that tells how the dates of a case came about, and what may be noted there."""

from __future__ import annotations

from datetime import timedelta

from engine import clock
from engine.assembly import Redress
from engine.domain.deadlines import last_day_of
from tests.driving import complaint
from tests.web.conftest import Visit, page, text
from tests.world import register

ADDRESS = "/complaints/{}/dates"


def last_day(engine: Redress, no: str) -> str:
    return str(last_day_of(complaint(engine, no).statutory_due_at, engine.config.timezone))


def test_every_day_of_both_clocks_is_told_with_its_number_and_reason(visit: Visit, engine: Redress) -> None:
    no = register(engine, received_at="2026-02-14T10:00:00+08:00").complaint_no
    tree = page(visit("handler").get(ADDRESS.format(no)))
    policy, statute = tree.xpath("//table")
    days = [
        [cell.text_content().strip() for cell in row.xpath("./td")] for row in policy.xpath(".//tbody/tr")
    ]
    assert [day[1] for day in days] == ["—"] * 10 + ["1", "2", "3"]
    assert days[-1][0].startswith("2026-02-26")
    assert "Holiday" in days[1][2]
    assert len(statute.xpath(".//tbody/tr")) == 16


def test_excluded_time_told_in_time_moves_the_statutory_date_and_not_the_policys(
    visit: Visit, engine: Redress
) -> None:
    no = register(engine, grade=1, legal_risk=True).complaint_no
    due_at = complaint(engine, no).due_at
    clock.advance(timedelta(days=2))
    browser = visit("handler")
    sent = {
        "exclusion": "appraisal",
        "from": "2026-03-05",
        "until": "2026-03-09",
        "told_at": "2026-03-04T09:00",
        "explanation": "鑒定 CANARY",
    }
    answer = browser.post(f"/complaints/{no}/exclusions", sent)
    assert answer.status_code == 303, text(answer)
    assert last_day(engine, no) == "2026-03-22"
    assert complaint(engine, no).due_at == due_at
    shown = text(browser.get(ADDRESS.format(no)))
    assert "Appraisal by somebody outside" in shown
    assert "CANARY" not in shown


def test_what_is_wrong_is_told_and_nothing_is_noted(visit: Visit, engine: Redress) -> None:
    no = register(engine).complaint_no
    before = last_day(engine, no)
    browser = visit("handler")
    wrong = {
        "exclusion": "holiday",
        "from": "2026-03-05",
        "until": "2026-03-09",
        "told_at": "2026-03-02T09:00",
    }
    assert browser.post(f"/complaints/{no}/exclusions", wrong).status_code == 422
    backwards = {**wrong, "exclusion": "mediation", "until": "2026-03-04", "explanation": "x"}
    assert browser.post(f"/complaints/{no}/exclusions", backwards).status_code == 422
    early = {"received_on": "2026-03-02", "explanation": "x"}
    assert browser.post(f"/complaints/{no}/new-facts", early).status_code == 422
    assert last_day(engine, no) == before


def test_time_told_after_the_date_had_passed_is_kept_as_late(visit: Visit, engine: Redress) -> None:
    no = register(engine, grade=1, legal_risk=True).complaint_no
    clock.advance(timedelta(days=20))
    sent = {
        "exclusion": "mediation",
        "from": "2026-03-10",
        "until": "2026-03-12",
        "told_at": "2026-03-22T09:00",
        "explanation": "x",
    }
    browser = visit("supervisor")
    assert browser.post(f"/complaints/{no}/exclusions", sent).status_code == 303
    assert last_day(engine, no) == "2026-03-17"
    assert "too late, the old date stands" in text(browser.get(ADDRESS.format(no)))
