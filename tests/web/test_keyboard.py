"""A day's work with the keyboard alone: where the focus is after each step, and what each key does."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from engine.assembly import Redress
from engine.runtime.commands import claim
from tests.driving import open_tasks
from tests.web.test_browser import address, log_in
from tests.world import actor, register

__all__ = ["address"]

MOST_TABS = 40


def tab_to(page: Page, target: Locator, most: int = MOST_TABS) -> int:
    """Press Tab until the target has the focus; returns how often."""
    for pressed in range(most):
        if target.evaluate("element => element === document.activeElement"):
            return pressed
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached with {most} times Tab")


def test_news_keep_the_place_in_the_list_and_what_is_to_be_done_with_the_chosen(
    page: Page, engine: Redress, address: str
) -> None:
    tasks = [open_tasks(engine, register(engine).complaint_no)[0] for _ in range(3)]
    page.clock.install()
    log_in(page, address, "handler")
    page.goto(f"{address}/tasks?tab=groups")
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(3)
    tab_to(page, page.locator("#bulk-action"))
    page.keyboard.press("End")
    expect(page.locator("#bulk-action")).to_have_value("follow-up")
    for _ in range(2):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    taken, kept = rows.nth(1).locator("[data-row-claim]"), rows.nth(2).locator("[data-row-link]")
    tab_to(page, taken, 3)
    gone = next(each.id for each in tasks if each.id in (taken.locator("..").get_attribute("action") or ""))
    stays = kept.get_attribute("href")
    claim(engine.runtime, actor(engine, "handler2"), gone)
    page.clock.run_for(21_000)
    expect(rows).to_have_count(2)
    expect(page.locator(f"[data-row-link][href='{stays}']")).to_be_focused()
    expect(page.locator("#bulk-action")).to_have_value("follow-up")
    expect(page.locator("#bulk-at")).to_be_visible()


def test_a_key_claims_the_row_that_one_is_at_and_leads_to_what_can_be_done(
    page: Page, engine: Redress, address: str, complaint_no: str
) -> None:
    (task,) = open_tasks(engine, complaint_no)
    log_in(page, address, "handler")
    page.goto(f"{address}/tasks?tab=groups")
    page.keyboard.press("a")
    expect(page.locator("#bulk-action")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("c")  # no row is chosen: nobody claims what they did not look at
    expect(page.locator("[data-bulk-all]")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.wait_for_url(f"**/tasks/{task.id}")
    expect(page.locator("[data-flash]")).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator(".task-actions button").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks")
    expect(page.locator("[data-flash]")).to_be_focused()
    page.keyboard.press("u")
    page.wait_for_url(f"**/tasks/{task.id}")
    page.keyboard.press("n")
    page.wait_for_url("**/complaints/new")


def test_a_view_keeps_the_filter_that_is_seen(page: Page, address: str, complaint_no: str) -> None:
    log_in(page, address, "handler")
    page.goto(f"{address}/tasks?tab=groups")
    tab_to(page, page.locator("select[name=grade]"))
    page.keyboard.press("End")
    expect(page.locator("#filter-clear a")).to_be_visible()
    chosen = page.locator("select[name=grade]").input_value()
    tab_to(page, page.locator(".view-edit > summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.locator(".view-edit [name=name]"), 3)
    page.keyboard.type("Third grade")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tasks?*grade={chosen}*")
    expect(page.locator(".view", has_text="Third grade")).to_be_visible()


def test_mentions_are_one_stop_and_arrows_go_through_them(
    page: Page, engine: Redress, address: str, complaint_no: str
) -> None:
    (task,) = open_tasks(engine, complaint_no)
    claim(engine.runtime, actor(engine, "handler"), task.id)
    log_in(page, address, "handler")
    page.goto(f"{address}/tasks/{task.id}")
    page.keyboard.press("m")
    text = page.locator("#comment-text")
    expect(text).to_be_focused()
    page.keyboard.type("Look, @h")
    tab_to(page, page.locator(".mentions button").first, 2)
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(text).to_be_focused()
    expect(text).to_have_value("Look, @handler2 ")
    page.keyboard.type("please look")
    tab_to(page, page.locator("#comment-files"), 3)
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".comment", has_text="please look")).to_be_visible()


def test_a_task_is_given_on_the_board_by_key_and_the_focus_goes_with_it(
    page: Page, engine: Redress, address: str, complaint_no: str
) -> None:
    (task,) = open_tasks(engine, complaint_no)
    log_in(page, address, "supervisor")
    page.goto(f"{address}/team")
    page.keyboard.press("j")
    card = page.locator(f"#card-{task.id}")
    expect(card).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator(f"[data-card='{task.id}'] select")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-column]:not([data-column='']) #card-{task.id}")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("u")
    expect(page.locator(f"[data-column=''] #card-{task.id}")).to_be_focused()


def test_every_entry_of_the_navigation_has_a_key_that_is_listed_and_works(page: Page, address: str) -> None:
    log_in(page, address, "analyst")
    links = page.locator(".frame-nav a")
    assert links.count() > 10
    eleventh = links.nth(10).get_attribute("href") or ""
    page.keyboard.press("?")
    expect(page.locator("dialog#keys dt:has(kbd:text-is('g'))")).to_have_count(links.count())
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url(f"**{eleventh}")


def test_a_refused_dialog_opens_at_what_is_wrong(
    page: Page, address: str, complaint_no: str, page_errors: list[str]
) -> None:
    log_in(page, address, "supervisor")
    page.goto(f"{address}/complaints/{complaint_no}")
    opener = page.locator("[data-opens=regrade]")
    tab_to(page, opener, 60)
    page.keyboard.press("Enter")
    expect(page.locator("#regrade-grade")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.keyboard.type(" ")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("dialog#regrade[open]")).to_be_visible()
    expect(page.locator("#regrade-reason")).to_be_focused()
    assert [text for text in page_errors if "422" not in text] == []
    page_errors.clear()
