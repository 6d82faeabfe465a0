"""The `app` and `theme` entries of the browser bundle: behaviours on attributes."""

from __future__ import annotations

from threading import Event
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.chromium import PATIENCE_MS
from tests.frame.site import Site


def open_page(site: Site, page: Page, body: str) -> None:
    site.add_page("/page", body, entries=["app"])
    page.goto(site.address + "/page")


def wait_for_posts(site: Site, page: Page, number: int) -> None:
    for _ in range(PATIENCE_MS // 20):
        if len(site.posts) >= number:
            break
        page.wait_for_timeout(20)
    page.wait_for_timeout(100)  # one more would have come by now


@pytest.mark.parametrize(("answer", "sent"), [("dismiss", 0), ("accept", 1)])
def test_a_form_that_asks_first_is_sent_only_after_a_yes(
    site: Site, page: Page, answer: str, sent: int
) -> None:
    asked: list[str] = []

    def reply(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept() if answer == "accept" else dialog.dismiss()

    site.answers["/withdraw"] = lambda _body: (200, {})
    page.on("dialog", reply)
    open_page(
        site, page, '<form method="post" action="/withdraw" data-confirm="撤回？"><button>go</button></form>'
    )
    page.get_by_role("button").click()
    wait_for_posts(site, page, sent)
    assert (asked, len(site.posts)) == (["撤回？"], sent)


def test_a_slow_form_is_sent_once(site: Site, page: Page) -> None:
    def slowly(_body: bytes) -> tuple[int, dict[str, Any]]:
        Event().wait(0.5)
        return 200, {}

    site.answers["/claim"] = slowly
    open_page(site, page, '<form method="post" action="/claim"><button>go</button></form>')
    page.evaluate("for (let n = 0; n < 3; n++) document.querySelector('button').click()")
    expect(page.locator("body")).to_contain_text("{}")
    assert len(site.posts) == 1


def test_a_dialog_opens_closes_and_gives_the_focus_back(site: Site, page: Page) -> None:
    open_page(
        site,
        page,
        '<button data-opens="ask">open</button>'
        '<dialog id="ask"><p>Sure?</p><button data-closes>close</button></dialog>',
    )
    page.get_by_role("button", name="open").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="close").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="open")).to_be_focused()


def test_the_error_summary_of_a_page_takes_the_focus(site: Site, page: Page) -> None:
    open_page(site, page, '<div data-error-summary tabindex="-1">wrong</div>')
    expect(page.locator("[data-error-summary]")).to_be_focused()


def test_htmx_sends_the_token_and_swaps_under_the_strict_policy(site: Site, page: Page) -> None:
    site.answers["/claim"] = lambda _body: (200, {"claimed": True})
    open_page(
        site,
        page,
        '<form hx-post="/claim" hx-target="#out"><input name="n" value="1"><button>go</button></form>'
        '<p id="out"></p>',
    )
    page.get_by_role("button").click()
    expect(page.locator("#out")).to_have_text('{"claimed": true}')
    ((_, headers, body),) = site.posts
    assert headers["X-CSRFToken"] == "token-of-the-page"
    assert parse_qs(body.decode()) == {"n": ["1"]}


@pytest.mark.parametrize(("system", "shown"), [("light", "light"), ("dark", "dark")])
def test_the_theme_follows_the_system_before_anything_is_drawn(
    site: Site, page: Page, system: Any, shown: str
) -> None:
    page.emulate_media(color_scheme=system)
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => "
        "(window.first = document.documentElement.dataset.bsTheme))"
    )
    open_page(site, page, "<p>text</p>")
    assert page.evaluate("window.first") == shown


def test_a_chosen_theme_stays_and_may_be_given_up_again(site: Site, page: Page) -> None:
    choice = (
        "<select data-theme-choice><option>auto</option><option>light</option><option>dark</option></select>"
    )
    open_page(site, page, choice)
    html = page.locator("html")
    page.get_by_role("combobox").select_option("dark")
    expect(html).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(html).to_have_attribute("data-bs-theme", "dark")
    expect(page.get_by_role("combobox")).to_have_value("dark")
    page.get_by_role("combobox").select_option("auto")
    expect(html).to_have_attribute("data-bs-theme", "light")
