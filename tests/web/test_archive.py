"""The pages of the archive, and that a sealed archive leaves by them alone."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from engine import clock
from engine.assembly import Redress
from engine.cases.public.secrets import survey_token
from engine.cases.public.survey import answer_survey
from engine.jobs.passes import run_until_quiet
from engine.people.accounts import create_token
from engine.store.tables.archive import Archive
from tests.driving import drive
from tests.web.conftest import Visit, page, text
from tests.world import register


@pytest.fixture
def number(engine: Redress) -> str:
    """An archived complaint."""
    made = register(engine).complaint_no
    drive(engine, made)
    run_until_quiet(engine.runtime)
    return made


def test_compliance_downloads_it_with_a_purpose_that_the_trail_keeps(visit: Visit, number: str) -> None:
    browser = visit("compliance")
    assert number in text(browser.get("/archive"))
    assert number in text(browser.get("/archive?state=kept"))
    assert "No archive here" in text(browser.get("/archive?state=due"))
    assert browser.post(f"/archive/{number}/export", {"purpose": "curiosity"}).status_code == 422
    answer = browser.post(f"/archive/{number}/export", {"purpose": "supervision"})
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
        assert opened.testzip() is None
        assert "index.html" in opened.namelist()
    assert visit("analyst").post(f"/archive/{number}/export", {"purpose": "supervision"}).status_code == 403


def test_what_came_later_is_shown_and_handed_out_beside_it(
    engine: Redress, visit: Visit, number: str
) -> None:
    rt, browser = engine.runtime, visit("compliance")
    assert not page(browser.get(f"/archive/{number}")).xpath("//select[@name='part']")
    answer_survey(rt, survey_token(rt.keyring, number), {"score": 2})
    run_until_quiet(rt)
    assert "Supplement 1" in text(browser.get(f"/archive/{number}"))
    answer = browser.post(f"/archive/{number}/export", {"purpose": "supervision", "part": "1"})
    assert f"{number}-1.zip" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
        assert "messages/survey.json" in opened.namelist()
    answer = browser.post(f"/archive/{number}/export", {"purpose": "supervision", "part": "0"})
    assert f"{number}.zip" in answer.headers["Content-Disposition"]


def test_a_sealed_archive_is_no_document_of_the_case(engine: Redress, visit: Visit, number: str) -> None:
    with engine.sessions.read() as session:
        document_id = session.get_one(Archive, number).document_id
    browser = visit("compliance")
    assert document_id not in browser.get(f"/complaints/{number}").get_data(as_text=True)
    with engine.sessions.step() as session:
        headers = {"Authorization": f"Bearer {create_token(session, 'compliance')}"}
    for path in (f"/api/v1/documents/{document_id}", f"/api/v1/documents/{document_id}/content"):
        assert browser.client.get(path, headers=headers).status_code == 404


def test_it_is_held_lifted_proposed_and_destroyed_on_its_page(
    engine: Redress, visit: Visit, number: str
) -> None:
    compliance, auditor, analyst = visit("compliance"), visit("auditor"), visit("analyst")
    at = f"/archive/{number}"
    assert compliance.post(f"{at}/hold", {"ground": "audit", "reference": ""}).status_code == 422
    assert compliance.post(f"{at}/hold", {"ground": "audit", "reference": "2026-7"}).location == at
    assert "Held" in text(compliance.get(at))
    assert not page(compliance.get(at)).xpath("//form[contains(@action, '/lift')]")
    (lift,) = page(auditor.get(at)).xpath("//form[contains(@action, '/lift')]/@action")
    assert compliance.post(lift).status_code == 422
    assert auditor.post(lift).location == at
    with engine.sessions.read() as session:
        ends = session.get_one(Archive, number).retain_until
    last_day = (ends.astimezone(ZoneInfo("Asia/Shanghai")) - timedelta(days=1)).date().isoformat()
    assert last_day in text(compliance.get("/archive"))
    clock.set_to(ends)
    assert analyst.post(f"{at}/propose").location == at
    assert analyst.post(f"{at}/dispose").status_code == 422
    assert compliance.post(f"{at}/dispose").location == at
    certificate = page(compliance.get(at)).xpath("//section[h2[@id='end-title']]//dl")[0]
    words = [" ".join(each.text_content().split()) for each in certificate.iter("dt", "dd")]
    assert words[0] == "Destroyed"
    assert words[words.index("Customer’s data destroyed") + 1] == "Yes"
    assert words[words.index("Kept until") + 1].startswith(last_day)
    assert not [word for word in words if "_" in word], "a raw key is shown"
    assert compliance.post(f"{at}/export", {"purpose": "supervision"}).status_code == 404


def test_a_case_that_is_not_archived_has_no_archive(engine: Redress, visit: Visit) -> None:
    number = register(engine).complaint_no
    assert visit("compliance").get(f"/archive/{number}").status_code == 404
