"""The operations pages: what is wrong now, and what can be done about it, all by plain forms."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.jobs.outside import activate_jobs, report_failure
from engine.people.actor import SYSTEM
from engine.runtime.commands import run_migrations, suspend_instance
from engine.store.tables.runtime import Instance, Timer
from tests.runtime.test_migrating import fork
from tests.runtime.test_operating import poison, put
from tests.web.conftest import Browser, Visit, page, text

VIEWS = ("now", "instances", "incidents", "jobs", "timers", "migrations")


@pytest.fixture
def instance(engine: Redress) -> str:
    return put(engine)


def fail_jobs(engine: Redress) -> None:
    for _ in range(3):
        for job in activate_jobs(engine.runtime, "printing", most=99, timeout_s=60, worker="w"):
            report_failure(engine.runtime, SYSTEM, job["id"], "jam in tray 2", delay_s=0)


def state(engine: Redress, instance_id: str) -> str:
    with engine.sessions.read() as session:
        return session.get_one(Instance, instance_id).state


def test_without_trouble_the_page_says_so(visit: Visit, instance: str) -> None:
    shown = text(visit("admin").get("/operations"))
    assert "Nothing is wrong" in shown
    assert "1 instances run" in shown


def test_trouble_is_told_with_its_kind_its_age_and_what_to_do(
    visit: Visit, engine: Redress, instance: str
) -> None:
    fail_jobs(engine)
    clock.advance(timedelta(hours=2))
    shown = text(visit("admin").get("/operations"))
    assert "1 timer is late" in shown
    assert "see whether redress work runs" in shown
    assert "1 job was given up, since" in shown
    assert "jam in tray 2" in shown
    assert "Then retry: each gets three new attempts" in shown


def test_incidents_are_retried_one_and_all(visit: Visit, engine: Redress, instance: str) -> None:
    fail_jobs(engine)
    browser = visit("admin")
    (form,) = page(browser.get("/operations")).xpath("//form[contains(@action, '/incidents/retry')]")
    fields = {each.get("name"): each.get("value") for each in form.xpath(".//input[@type='hidden']")}
    told = browser.post(form.get("action"), {**fields, "reason": ""}, follow_redirects=True)
    assert "this needs a reason" in text(told)
    told = browser.post(form.get("action"), {**fields, "reason": "paper"}, follow_redirects=True)
    assert "1 incident is tried again." in text(told)
    assert "Nothing is wrong" in text(told)
    fail_jobs(engine)
    listed = page(browser.get("/operations?view=incidents&kind=job"))
    (action,) = listed.xpath("//form[contains(@action, '/retry')]/@action")
    assert "It is tried again now." in text(browser.post(action, {"reason": "x"}, follow_redirects=True))
    assert "No incident is open" in text(browser.get("/operations?view=incidents"))
    assert "jam in tray 2" in text(browser.get("/operations?view=incidents&state=resolved"))


def test_an_incident_is_resolved_with_a_reason_without_trying_again(
    visit: Visit, engine: Redress, instance: str
) -> None:
    fail_jobs(engine)
    browser = visit("admin")
    (action,) = page(browser.get("/operations?view=incidents")).xpath(
        "//form[contains(@action, '/resolve')]/@action"
    )
    body = {"reason": "sent by fax", "instance_id": instance}
    assert "this needs a reason" in text(browser.post(action, {"reason": ""}, follow_redirects=True))
    told = text(browser.post(action, body, follow_redirects=True))
    assert "The incident is resolved; nothing is tried again." in told
    assert "jam in tray 2" not in told
    assert "No incident is open" in text(browser.get("/operations?view=incidents"))
    assert "sent by fax" in text(browser.get(f"/trail/{instance}"))


def test_timers_are_listed_by_the_names_that_are_drawn_in_the_readers_language(
    visit: Visit, complaint_no: str
) -> None:
    shown = {each: text(visit("admin", each).get("/operations?view=timers")) for each in ("en", "zh-Hant")}
    assert f"Limit: day 3 {complaint_no}" in shown["en"]
    assert f"第 3 日屆滿 {complaint_no}" in shown["zh-Hant"]


def test_a_timer_of_the_list_is_changed_only_where_its_instance_stands_as_it_was_listed(
    visit: Visit, engine: Redress, instance: str
) -> None:
    browser = visit("owner")
    with engine.sessions.read() as session:
        timer = session.scalars(select(Timer.id).where(Timer.element_id == "first")).one()
    own_form = f"//form[contains(@action, '/operations/timers/{timer}')]//input[@name='revision']/@value"
    (seen,) = page(browser.get("/operations?view=timers")).xpath(own_form)
    others = {"name": "amount", "value": "7", "reason": "x"}
    assert browser.post(f"/operations/instances/{instance}/variables", others).status_code == 303
    body = {"due_at": "2026-03-09T09:00", "reason": "x"}
    stale = browser.post(f"/operations/timers/{timer}", body | {"revision": seen}, follow_redirects=True)
    assert "look at how it stands now" in text(stale)
    (now,) = page(stale).xpath(own_form)
    told = browser.post(f"/operations/timers/{timer}", body | {"revision": now}, follow_redirects=True)
    assert "The timer has its new time." in text(told)


def test_the_page_of_an_instance_whose_state_is_damaged_tells_so_and_cancels_it(
    visit: Visit, engine: Redress, instance: str
) -> None:
    fail_jobs(engine)
    poison(engine, instance)
    browser, path = visit("owner"), f"/operations/instances/{instance}"
    shown = browser.get(path)
    assert shown.status_code == 200
    assert "no step of it can run" in text(shown)
    assert "jam in tray 2" in text(shown)
    assert "It has ended" not in text(shown)
    offered = {form.get("action", "").rpartition("/")[2] for form in page(shown).xpath("//main//form")}
    assert offered == {"cancel", "retry", "resolve"}
    assert browser.post(f"{path}/cancel", {"reason": "no backup has it"}).status_code == 303
    assert "It has ended and waits for nothing." in text(browser.get(path))


def test_an_instance_is_suspended_resumed_and_cancelled_from_its_page(
    visit: Visit, engine: Redress, instance: str
) -> None:
    browser, path = visit("owner"), f"/operations/instances/{instance}"
    assert browser.post(f"{path}/suspend", {"reason": "x"}).status_code == 303
    assert state(engine, instance) == "suspended"
    refused = browser.post(f"{path}/suspend", {"reason": "x"})
    assert (refused.status_code, "the instance is suspended" in text(refused)) == (409, True)
    assert "1 instance is suspended" in text(browser.get("/operations"))
    assert browser.post(f"{path}/resume", {"reason": " "}).status_code == 422
    assert browser.post(f"{path}/resume", {"reason": "x"}).status_code == 303
    assert browser.post(f"{path}/cancel", {"reason": "x"}).status_code == 303
    shown = browser.get(path)
    assert "It has ended and waits for nothing." in text(shown)
    assert page(shown).xpath("//main//form") == []


def test_a_variable_is_set_a_token_moved_and_a_timer_changed(
    visit: Visit, engine: Redress, instance: str
) -> None:
    browser, path = visit("owner"), f"/operations/instances/{instance}"
    (seen,) = set(page(browser.get(path)).xpath("//input[@name='revision']/@value"))
    done = browser.post(
        f"{path}/variables", {"name": "amount", "value": "7", "reason": "x", "revision": seen}
    )
    assert done.status_code == 303
    for verb, body in (
        ("variables", {"name": "amount", "value": "8"}),
        ("move", {"from": "work", "to": "work"}),
    ):
        stale = browser.post(f"{path}/{verb}", body | {"reason": "x", "revision": seen})
        assert (stale.status_code, "look at how it stands now" in text(stale)) == (409, True)
    refused = browser.post(f"{path}/variables", {"name": "name", "value": "7", "reason": "x"})
    assert (refused.status_code, "is personal" in text(refused)) == (422, True)
    (source,) = page(browser.get(path)).xpath("//select[@id='move-from']/option[contains(., 'work')]/@value")
    refused = browser.post(f"{path}/move", {"from": source, "to": "s", "reason": "x"})
    assert (refused.status_code, "no flow leads to" in text(refused)) == (409, True)
    assert browser.post(f"{path}/move", {"from": source, "to": "work", "reason": "x"}).status_code == 303
    with engine.sessions.read() as session:
        timer = session.scalars(select(Timer.id).where(Timer.element_id == "first")).one()
    body = {"due_at": "2026-03-09T09:00", "reason": "x", "instance_id": instance}
    stale = browser.post(f"/operations/timers/{timer}", body | {"revision": seen}, follow_redirects=True)
    assert "look at how it stands now" in text(stale)
    told = browser.post(f"/operations/timers/{timer}", body, follow_redirects=True)
    assert "The timer has its new time." in text(told)
    assert "2026-03-09 09:00" in text(told)
    trail = text(browser.get(f"/trail/{instance}"))
    assert "← work · x" in trail
    assert "→ 2026-03-09 09:00 · x" in trail


def test_an_instance_is_migrated_after_its_preview(visit: Visit, engine: Redress) -> None:
    fitting, lost = fork(engine, 1)
    browser = visit("owner")
    shown = text(browser.get(f"/operations/instances/{lost[0]}?version=2"))
    assert "is not in this scope of the new version" in shown
    assert "It cannot be migrated as it stands." in shown
    path = f"/operations/instances/{fitting[0]}"
    (form,) = page(browser.get(f"{path}?version=2")).xpath("//form[contains(@action, '/migrate')]")
    fields = {each.get("name"): each.get("value") for each in form.xpath(".//input[@type='hidden']")}
    suspend_instance(engine.runtime, SYSTEM, fitting[0], "meanwhile")
    stale = browser.post(form.get("action"), {**fields, "reason": "x"})
    assert (stale.status_code, "revision" in text(stale)) == (409, True)
    (form,) = page(browser.get(f"{path}?version=2")).xpath("//form[contains(@action, '/migrate')]")
    fields = {each.get("name"): each.get("value") for each in form.xpath(".//input[@type='hidden']")}
    done = browser.post(form.get("action"), {**fields, "reason": "x"}, follow_redirects=True)
    assert "The instance runs on version 2 now." in text(done)
    mapped = browser.get(f"/operations/instances/{lost[0]}?version=2&mapping=b+%3D+c")
    assert page(mapped).xpath("//form[contains(@action, '/migrate')]")


def test_all_instances_of_a_process_are_migrated_and_failures_listed(visit: Visit, engine: Redress) -> None:
    _, lost = fork(engine, 3)
    browser = visit("owner")
    seen = browser.post("/operations/migrations", {"process": "p"})
    assert "Of 5 that were looked into, 3 fit." in text(seen)
    (form,) = page(seen).xpath("//main//form")
    fields = {each.get("name"): each.get("value") for each in form.xpath(".//input[@type='hidden']")}
    begun = browser.post(form.get("action"), {**fields, "reason": "x"})
    assert begun.status_code == 303
    assert "is being migrated to version 2" in text(browser.get("/operations"))
    run_migrations(engine.runtime)
    shown = browser.get(begun.location)
    assert "5 of 5, 2 did not fit" in text(shown)
    linked = page(shown).xpath("//section//a/@href")
    assert sorted(linked) == sorted(f"/operations/instances/{each}" for each in lost)
    assert "5 of 5" in text(browser.get("/operations?view=migrations"))


def problems_of(browser: Browser, path: str) -> list[str]:
    answer = browser.get(path)
    tree = page(answer)
    found = [] if answer.status_code == 200 else [f"status {answer.status_code}"]
    identifiers = tree.xpath("//@id")
    found += [f"id {each}" for each in set(identifiers) if identifiers.count(each) > 1]
    for field in tree.xpath("//main//*[self::input or self::select or self::textarea][not(@type='hidden')]"):
        named = tree.xpath(f"//label[@for='{field.get('id')}']") if field.get("id") else []
        if not named and not field.xpath("ancestor::label"):
            found.append(f"no label for {field.get('name')}")
    return found


def test_every_view_has_one_of_each_id_and_a_label_for_each_field(
    visit: Visit, engine: Redress, instance: str
) -> None:
    fail_jobs(engine)
    clock.advance(timedelta(hours=2))
    paths = [*(f"/operations?view={view}" for view in VIEWS), f"/operations/instances/{instance}"]
    for language in ("en", "zh-CN", "zh-TW"):
        browser = visit("admin", language)
        for path in paths:
            assert problems_of(browser, path) == [], path
    assert page(visit("auditor").get(paths[-1])).xpath("//main//form") == []
