"""What was typed outlasts a session that ran out, somebody else's login, and a server out of reach."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import AtBrowser
from tests.browser.people import Person
from tests.browser.server import Server

LONG_ENOUGH = "01:00"
"""For so long a page has stood open that it asks who is logged in before it sends anything."""

KEPT = """async () => ({
    texts: JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie]),
    databases: (await indexedDB.databases()).map((each) => each.name),
    caches: await caches.keys(),
})"""
"""What the browser itself keeps of a page, and would keep for whoever sits down at it next."""


def log_in_anew(person: Person, username: str) -> None:
    """Follow the way that the page offers into a window of its own, and log in there."""
    with person.context.expect_page() as opened:
        person.page.locator("[data-not-sent] a, [data-form-summary] a").click()
    window = opened.value
    window.locator("#username").fill(username)
    window.locator("#password").fill(f"{username}-demo")
    window.locator("#main form button").click()
    window.wait_for_url("**/tasks*")
    window.close()


def is_told(page: Page, words: str) -> None:
    """The form says why nothing was sent, and has the focus there."""
    told = page.locator("[data-not-sent]")
    expect(told).to_contain_text(words)
    expect(told).to_be_focused()


def test_a_plain_form_is_sent_only_once_the_server_is_there_and_knows_who_asks(
    server: Server, at_browser: AtBrowser, page_errors: list[str]
) -> None:
    agent = at_browser(server, "agent")
    page, send = agent.page, agent.page.locator("#main form .btn-primary")
    page.clock.install()
    agent.go("/complaints/new")
    page.locator("#content").fill("還款當日重複扣款")
    page.locator("#name").fill("王𠮷")
    page.clock.fast_forward(LONG_ENOUGH)
    agent.context.set_offline(True)
    send.click()
    is_told(page, "無法連線到伺服器")
    agent.context.set_offline(False)
    agent.context.clear_cookies()
    send.click()
    is_told(page, "登入已逾時")
    log_in_anew(agent, "handler")
    send.click()
    is_told(page, "另一個人")
    expect(page.locator("#name")).to_have_value("王𠮷")
    agent.context.clear_cookies()
    log_in_anew(agent, "agent")
    send.click()
    page.wait_for_url("**/complaints/*-*")
    expect(page.locator("h1")).to_be_visible()
    kept = page.evaluate(KEPT)
    assert [word for word in ("王𠮷", "還款當日") if word in kept["texts"]] == []
    assert (kept["databases"], kept["caches"]) == ([], [])
    assert [text for text in page_errors if "ERR_INTERNET_DISCONNECTED" not in text] == []
    page_errors.clear()


def test_a_form_whose_draft_could_not_be_kept_asks_at_once_who_is_logged_in(
    server: Server, at_browser: AtBrowser, page_errors: list[str]
) -> None:
    agent = at_browser(server, "agent")
    page, send = agent.go("/complaints/new"), agent.page.locator("#main form .btn-primary")
    agent.context.clear_cookies()
    page.locator("#content").fill("還款當日重複扣款")
    page.locator("#name").fill("歐陽測試")
    expect(page.locator("[data-form-kept]")).to_contain_text("登入已逾時")
    send.click()
    is_told(page, "登入已逾時")
    log_in_anew(agent, "agent")
    send.click()
    page.wait_for_url("**/complaints/*-*")
    assert [text for text in page_errors if not re.search("status of 40[01]", text)] == []
    page_errors.clear()


def test_a_registration_that_another_call_interrupts_waits_until_it_is_registered(
    server: Server, at_browser: AtBrowser
) -> None:
    page = at_browser(server, "agent2").go("/complaints/new")
    page.locator("#name").fill("歐陽測試")
    page.locator("#amount").fill("1,234.50")
    expect(page.locator("[data-form-kept]")).to_contain_text("草稿已於")
    later = at_browser(server, "agent2").go("/complaints/new")  # the next day, another window
    expect(later.locator("#name")).to_have_value("")
    later.locator(".begun a").click()
    later.wait_for_url("**/complaints/new?draft=*")
    expect(later.locator("#name")).to_have_value("歐陽測試")
    later.locator("#content").fill("還款當日重複扣款")
    later.locator("#main form .btn-primary").click()
    later.wait_for_url("**/complaints/*-*")
    expect(later.locator("main")).to_contain_text("1234.50")
    later.goto(server.address + "/complaints/new")
    expect(later.locator(".begun")).to_have_count(0)


def test_of_two_windows_on_one_begun_registration_the_later_one_is_asked(
    server: Server, at_browser: AtBrowser, page_errors: list[str]
) -> None:
    agent = at_browser(server, "agent2")
    page = agent.go("/complaints/new")
    page.locator("#content").fill("先寫的一段")
    expect(page.locator("[data-form-kept]")).to_contain_text("草稿已於")
    newest = page.locator("form[data-newest]").get_attribute("data-newest")
    other = agent.context.new_page()
    other.goto(server.address + str(newest))
    with other.expect_response(lambda answer: "/drafts/" in answer.url and answer.ok):
        other.locator("#content").fill("另一頁寫的")
    page.locator("#name").fill("王小明")
    clash = page.locator(".draft-clash[role=alert]")
    expect(clash).to_contain_text("另一個視窗")
    expect(clash.get_by_role("link")).to_have_attribute("href", re.compile("draft="))
    page.locator("#main form .btn-primary").click()  # registers over no draft that was not looked at, either
    asked = page.locator(".alert-warning[role=alert]:not(.draft-clash)")
    expect(asked).to_contain_text("取代較新的草稿")
    expect(page.locator("#name")).to_have_value("王小明")
    page.goto(server.address + str(newest))
    expect(page.locator("#content")).to_have_value("另一頁寫的")
    other.locator("#name").fill("陳小明")
    other.locator("#main form .btn-primary").click()
    other.wait_for_url("**/complaints/*-*")
    page.locator("#name").fill("李小明")
    expect(clash).to_contain_text("已經登記")
    expect(clash.get_by_role("button")).to_have_count(0)
    assert [text for text in page_errors if "status of 409" not in text] == []
    page_errors.clear()


def test_a_task_s_form_is_sent_after_the_same_person_logged_in_again_in_another_window(
    server: Server, at_browser: AtBrowser, page_errors: list[str]
) -> None:
    complaint_no = at_browser(server, "agent").register(3)
    handler = at_browser(server, "handler")
    task = handler.open_case(complaint_no).task("調查核實")
    task.form.wait().fill()
    expect(handler.page.locator("[data-form-kept]")).to_contain_text("草稿已於")
    handler.context.clear_cookies()
    task.form.submit()
    expect(task.form.summary).to_contain_text("登入已逾時")
    log_in_anew(handler, "handler")
    address = handler.page.url
    task.form.submit()
    handler.page.wait_for_url(lambda url: url != address)
    expect(handler.page.locator(".alert-success")).to_contain_text("調查核實")
    assert [text for text in page_errors if not re.search("status of 40[01]", text)] == []
    page_errors.clear()
