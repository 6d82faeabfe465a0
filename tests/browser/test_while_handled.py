"""What happens to a complaint while it is handled: another grade, two who want a task, a refused form."""

from __future__ import annotations

import json

from playwright.sync_api import Route, expect

from tests.browser.conftest import AtBrowser
from tests.browser.server import Server


def test_an_upgrade_keeps_what_was_done_and_brings_the_managements_review(
    server: Server, at_browser: AtBrowser
) -> None:
    handler, supervisor = at_browser(server, "handler"), at_browser(server, "supervisor")
    complaint_no = at_browser(server, "agent").register(3)
    handler.open_case(complaint_no).task("調查核實").complete()
    handler.open_case(complaint_no).task("擬定處理方案").complete()
    case = supervisor.open_case(complaint_no)
    assert "2026-03-05" in case.fact("制度（工作日）")
    case.upgrade(1, "媒體已關注")
    assert case.fact("分級").startswith("一級")
    assert "2026-03-23" in case.fact("制度（工作日）")
    assert case.task_names() == ["主管審批"]
    case.task("主管審批").complete()
    assert supervisor.open_case(complaint_no).task_names() == ["審議處理方案"]
    at_browser(server, "management").open_case(complaint_no).task("審議處理方案").complete()
    trail = at_browser(server, "auditor").open_case(complaint_no).open_trail().wait()
    assert trail.marked("cancelled") == {"handle-grade-3"}
    assert "handle-grade-1" in trail.marked("active")
    assert sum(entry == "任務完成：調查核實" for entry in trail.entries()) == 1


def test_of_two_who_claim_the_same_task_one_gets_it_and_the_other_is_told(
    server: Server, at_browser: AtBrowser, page_errors: list[str]
) -> None:
    complaint_no = at_browser(server, "agent").register(3)
    first, second = at_browser(server, "handler"), at_browser(server, "handler2")
    for person in (first, second):
        person.go(f"/tasks?tab=groups&complaint={complaint_no}")
    first.page.locator("#task-list [data-row-claim]").click()
    expect(first.page.locator(".alert-success")).to_be_visible()
    second.page.locator("#task-list [data-row-claim]").click()
    expect(second.page.locator("[role=alert]")).to_contain_text("409")
    expect(second.page.locator("[role=alert]")).to_contain_text("handler")
    assert [text for text in page_errors if "409" not in text] == []
    page_errors.clear()
    assert second.open_case(complaint_no).next_task() is None


def test_what_the_server_refuses_is_shown_at_the_field_and_in_a_summary_that_leads_to_it(
    server: Server, at_browser: AtBrowser, page_errors: list[str]
) -> None:
    complaint_no = at_browser(server, "agent").register(3)
    handler = at_browser(server, "handler")
    task = handler.open_case(complaint_no).task("調查核實")
    task.form.wait().fill()

    def invent_an_option(route: Route) -> None:
        body = json.loads(route.request.post_data or "")
        body["variables"]["root_cause"] = "no-such-cause"
        route.continue_(post_data=json.dumps(body))

    handler.page.route("**/complete", invent_an_option)
    task.form.submit()
    expect(task.form.summary).to_be_focused()
    expect(task.form.summary).to_contain_text("根本原因")
    assert task.form.error_at("根本原因")
    task.form.summary.get_by_role("link").click()
    expect(task.form.canvas.locator("[id$=Field_root_cause]")).to_be_focused()
    assert [text for text in page_errors if "422" not in text] == []
    page_errors.clear()
    handler.page.unroute("**/complete")
    task.form.choose("根本原因", "系統故障")
    task.complete()


def test_an_incomplete_registration_names_each_field_and_keeps_what_was_typed(
    server: Server, at_browser: AtBrowser, page_errors: list[str]
) -> None:
    page = at_browser(server, "agent").go("/complaints/new")
    page.locator("#name").fill("測試客戶")
    page.locator("#amount").fill("很多")
    page.locator("#main form .btn-primary").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    summary.locator("a[href='#content']").click()
    expect(page.locator("#content")).to_be_focused()
    expect(page.locator("#content-note")).not_to_be_empty()
    expect(page.locator("#amount-note")).not_to_be_empty()
    expect(page.locator("#name")).to_have_value("測試客戶")
    assert [text for text in page_errors if "422" not in text] == []
    page_errors.clear()
