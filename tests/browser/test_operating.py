"""The operations pages as somebody uses them who has no script, no mouse, or a screen reader."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import AtBrowser
from tests.browser.keyboard import press_and_arrive
from tests.browser.server import Server
from tests.browser.test_for_everybody import tab_to, too_wide

VIEWS = ("now", "instances", "incidents", "jobs", "timers", "migrations")
REASON = "a court order"


def complaints(page: Page) -> Locator:
    return page.locator('#main .row-title[href*="/operations/instances/"]')


def open_instance(page: Page, complaint_no: str) -> None:
    page.goto(f"{page.url.partition('/operations')[0]}/operations?view=instances&key={complaint_no}")
    complaints(page).first.click()
    page.wait_for_url("**/operations/instances/*")


def faults(page: Page) -> list[str]:
    """Return what a screen reader or a keyboard stumbles over, as the checks of axe name it."""
    found: list[str] = page.evaluate(
        """() => {
            const told = [], label = each => [...each.labels || []].map(label => label.textContent).join('');
            const named = each =>
                (each.getAttribute('aria-label') || each.textContent || each.title || label(each)).trim();
            const used = 'a[href], button, summary, input, select, textarea';
            for (const each of document.querySelectorAll(used)) {
                if (each.type !== 'hidden' && !named(each)) told.push('no name: ' + each.outerHTML);
                if (each.tabIndex > 0) told.push('tab order: ' + each.outerHTML.slice(0, 120));
            }
            const ids = [...document.querySelectorAll('[id]')].map(each => each.id);
            ids.filter((id, at) => ids.indexOf(id) !== at).forEach(id => told.push('id twice: ' + id));
            for (const name of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for', 'list'])
                for (const each of document.querySelectorAll(`[${name}]`))
                    for (const id of each.getAttribute(name).split(/\\s+/))
                        if (!document.getElementById(id)) told.push(`${name} leads nowhere: ${id}`);
            let level = 0;
            for (const each of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
                const next = Number(each.tagName[1]);
                if (next > level + 1) told.push(`h${next} follows h${level}: ` + each.textContent.trim());
                level = next;
            }
            for (const [what, selector] of [['h1', 'h1'], ['main', 'main']])
                if (document.querySelectorAll(selector).length !== 1) told.push(`not one ${what}`);
            if (!document.documentElement.lang || !document.title) told.push('no language or title');
            document.querySelectorAll('th:not([scope])').forEach(
                each => each.closest('thead') || told.push('th without scope: ' + each.textContent));
            return told;
        }"""
    )
    return found


def test_an_instance_is_suspended_and_resumed_without_script(server: Server, at_browser: AtBrowser) -> None:
    complaint_no = at_browser(server, "agent").register(3)
    at_browser(server, "admin")  # logs in
    page = at_browser(server, "admin", java_script_enabled=False).go("/operations")
    open_instance(page, complaint_no)
    for verb in ("suspend", "resume"):
        form = page.locator(f'form[action$="/{verb}"]')
        page.locator("details", has=form).locator("summary").click()
        form.locator("[name=reason]").fill(REASON)
        with page.expect_navigation():
            form.locator("button").click()
        expect(page.locator(".alert-success")).to_be_visible()
    page.get_by_role("link", name="流程圖與軌跡").click()
    expect(page.locator("#main")).to_contain_text(REASON)


def test_an_instance_is_found_suspended_and_resumed_with_the_keyboard_alone(
    server: Server, at_browser: AtBrowser
) -> None:
    complaint_no = at_browser(server, "agent").register(3)
    page = at_browser(server, "admin").go("/operations?view=instances")
    keys = page.keyboard
    tab_to(page, page.locator("[name=key]"))
    keys.type(complaint_no)
    press_and_arrive(page)
    expect(complaints(page)).to_have_count(1)
    tab_to(page, complaints(page))
    press_and_arrive(page)
    for verb in ("suspend", "resume"):
        form = page.locator(f'form[action$="/{verb}"]')
        tab_to(page, page.locator("details", has=form).locator("summary"))
        keys.press("Enter")
        tab_to(page, form.locator("[name=reason]"))
        keys.type(REASON)
        tab_to(page, form.locator("button"))
        press_and_arrive(page)
        expect(page.locator(".alert-success")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_every_view_can_be_read_aloud_and_fits_the_screen(
    server: Server, at_browser: AtBrowser, width: int
) -> None:
    complaint_no = at_browser(server, "agent").register(3)
    person = at_browser(server, "admin", viewport={"width": width, "height": 844})
    for view in VIEWS:
        page = person.go(f"/operations?view={view}")
        assert (faults(page), too_wide(page)) == ([], []), view
    open_instance(page, complaint_no)
    page.evaluate("document.querySelectorAll('#main details').forEach(each => { each.open = true; })")
    assert (faults(page), too_wide(page)) == ([], [])
