"""The page of the policy: clauses with what carries them out, open terms, versions."""

from __future__ import annotations

from engine.assembly import Redress
from engine.people.accounts import set_active
from tests.web.conftest import Visit, page, text


def test_every_clause_is_shown_and_a_kind_narrows_the_list(visit: Visit) -> None:
    browser = visit("auditor")
    tree = page(browser.get("/policy"))
    assert len(tree.xpath("//details[starts-with(@id, 'R')]")) == 70
    assert "decide-complexity" in text(browser.get("/policy?kind=element"))
    assert "decide-complexity" not in text(browser.get("/policy?kind=open"))


def test_an_owner_decides_a_term_and_what_is_wrong_is_told_at_its_field(
    visit: Visit, engine: Redress
) -> None:
    owner = visit("owner")
    sent = {"value": "4", "effective_from": "2026-03-02", "reason": "管理層決定"}
    wrong = owner.post("/policy/settings/contact.silent_days", {**sent, "value": "900"})
    assert wrong.status_code == 422
    assert "takes a whole number from 1 to 30" in text(wrong)
    assert owner.post("/policy/settings/contact.silent_days", sent).status_code == 303
    shown = text(visit("agent").get("/policy/settings"))
    assert "管理層決定" in shown
    assert visit("agent").post("/policy/settings/contact.silent_days", sent).status_code == 403
    with engine.sessions.read() as session:
        assert engine.runtime.functions(session)["setting"]("contact.silent_days") == 4


def test_a_version_is_entered_once(visit: Visit) -> None:
    compliance = visit("compliance")
    sent = {"label": "2026-2", "effective_from": "2026-03-03", "reason": "修訂"}
    assert compliance.post("/policy/versions", sent).status_code == 303
    assert compliance.post("/policy/versions", sent).status_code == 422
    assert "2026-2" in text(compliance.get("/policy/settings"))


def test_every_group_of_open_terms_has_a_name(visit: Visit) -> None:
    titles = page(visit("agent").get("/policy/settings")).xpath("//h2[starts-with(@id, 'group-')]")
    assert [title.text for title in titles if title.text == title.get("id").removeprefix("group-")] == []


def test_every_group_of_a_task_is_listed_with_its_people_and_one_without_stands_out(
    visit: Visit, engine: Redress
) -> None:
    browser = visit("auditor")
    covered = page(browser.get("/policy/coverage"))
    assert not covered.xpath("//*[contains(@class, 'late')]")
    assert "Management" in covered.text_content()
    with engine.sessions.step() as session:
        set_active(session, "compliance", active=False)
    (nobody,) = page(browser.get("/policy/coverage")).xpath("//summary[.//*[contains(@class, 'late')]]")
    assert "Nobody" in nobody.text_content()
    assert "Accept the request · Review" in nobody.getparent().text_content()
