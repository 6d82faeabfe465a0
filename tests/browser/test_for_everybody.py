"""Languages, themes, the keyboard alone, a narrow screen, and addresses that are not for everybody."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import AtBrowser
from tests.browser.keyboard import choose_another, press_and_arrive
from tests.browser.server import Server

MOST_TABS = 60
TASK_WORDS = {"zh-Hant": "調查核實", "zh-Hans": "调查核实", "en": "Investigate"}
HEADINGS = {"zh-Hant": "任務", "zh-Hans": "任务", "en": "Tasks"}
NARROW = {"width": 360, "height": 780}
PAGES = {
    "agent": ["/tasks", "/tasks?tab=all", "/complaints", "/complaints/new"],
    "supervisor": ["/tasks?tab=groups", "/trail", "/reports"],
    "owner": ["/models", "/operations?view=timers"],
    "admin": ["/operations", "/operations?view=jobs", "/admin"],
}
CLOSED = {
    "agent": ["/models", "/operations", "/admin", "/reports"],
    "handler": ["/reports", "/operations"],
    "auditor": ["/complaints/new"],
    "owner": ["/reports", "/admin", "/complaints/new"],
}


def open_menu(page: Page) -> Locator:
    menu = page.locator(".frame-account")
    menu.locator("summary").click()
    return menu


def test_a_person_chooses_the_language_of_pages_steps_and_forms(
    server: Server, at_browser: AtBrowser
) -> None:
    at_browser(server, "agent").register(3)
    page = at_browser(server, "supervisor2").go("/tasks?tab=all")
    for language in ("en", "zh-Hans", "zh-Hant"):
        open_menu(page).locator(f"button[value={language}]").click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("h1")).to_have_text(HEADINGS[language])
        assert page.url.endswith("/tasks?tab=all")
        expect(page.locator("#task-list").get_by_text(TASK_WORDS[language]).first).to_be_visible()


def test_without_a_choice_the_browser_s_wish_counts(server: Server, at_browser: AtBrowser) -> None:
    for wish, language in (("en-GB", "en"), ("zh-CN", "zh-Hans"), ("zh-HK", "zh-Hant"), ("fr-FR", "zh-Hant")):
        page = at_browser(server, locale=wish).go("/login")
        expect(page.locator("html")).to_have_attribute("lang", language)


def background(page: Page) -> int:
    """Return how bright the page's ground is, 0 to 255."""
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return max(int(part) for part in re.findall(r"\d+", colour)[:3])


def test_the_dark_theme_is_kept_and_a_device_s_own_is_followed(server: Server, at_browser: AtBrowser) -> None:
    page = at_browser(server, "agent").go("/tasks")
    assert background(page) > 200
    open_menu(page).locator("[data-theme-choice]").select_option("dark")
    assert background(page) < 60
    page.reload()
    assert background(page) < 60
    device = at_browser(server, "agent", color_scheme="dark").go("/complaints")
    assert background(device) < 60


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(MOST_TABS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {target}")


def test_a_task_is_found_claimed_and_completed_with_the_keyboard_alone(
    server: Server, at_browser: AtBrowser
) -> None:
    complaint_no = at_browser(server, "agent").register(3)
    page = at_browser(server, "handler2").go("/tasks?tab=groups")
    keys = page.keyboard
    tab_to(page, page.locator("#main [name=q]"))
    keys.type(complaint_no)
    press_and_arrive(page)
    expect(page.locator("#task-list .row-title")).to_have_count(1)
    tab_to(page, page.locator("#task-list [data-row-claim]"))
    press_and_arrive(page)
    page.locator('[data-form][data-ready="true"] .fjs-form').wait_for()
    for field in ("finding", "root_cause"):
        tab_to(page, page.locator(f"[id$=Field_{field}]"))
        choose_another(page)
    tab_to(page, page.locator("[id$=Field_facts_found]"))
    keys.type("Checked by keyboard.")
    tab_to(page, page.locator("[data-form-submit]"))
    keys.press("Enter")
    expect(page.locator(".alert-success")).to_contain_text("調查核實")


def too_wide(page: Page) -> list[str]:
    """Return what makes the page scroll sideways."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
            [...document.querySelectorAll('body *')]
                .filter(each => each.getBoundingClientRect().right > window.innerWidth + 1)
                .map(each => each.tagName + '.' + each.className).slice(0, 5)
                .concat('page ' + document.documentElement.scrollWidth)"""
    )
    return found


@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways_on_a_narrow_screen(
    server: Server, at_browser: AtBrowser, name: str
) -> None:
    person = at_browser(server, name, viewport=NARROW)
    for path in PAGES[name]:
        assert too_wide(person.go(path)) == [], path


def test_a_case_with_its_task_and_trail_fits_a_narrow_screen(server: Server, at_browser: AtBrowser) -> None:
    complaint_no = at_browser(server, "agent").register(1)
    handler = at_browser(server, "handler", viewport=NARROW)
    case = handler.open_case(complaint_no)
    assert too_wide(handler.page) == []
    case.task("調查核實").form.wait()
    assert too_wide(handler.page) == []
    handler.open_case(complaint_no).open_trail().wait()
    assert too_wide(handler.page) == []


@pytest.mark.parametrize("name", CLOSED)
def test_who_lacks_the_role_gets_a_page_that_says_so(
    server: Server, at_browser: AtBrowser, page_errors: list[str], name: str
) -> None:
    person = at_browser(server, name)
    for path in CLOSED[name]:
        answer = person.page.goto(server.address + path)
        assert answer is not None
        assert answer.status == 403, path
        expect(person.page.locator("[role=alert]")).to_contain_text("403")
        expect(person.page.locator(".frame-nav")).to_be_visible()
        assert person.page.locator(f".frame-nav a[href='{path}']").count() == 0
    assert [text for text in page_errors if "403" not in text] == []
    page_errors.clear()
