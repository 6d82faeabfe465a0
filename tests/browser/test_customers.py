"""Customers at the public pages: on a phone, without any script, from the form to the state of the case."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import AtBrowser
from tests.browser.server import Server

PHONE = {"width": 360, "height": 780}


def test_a_customer_without_script_complains_on_a_phone_and_follows_the_case(
    server: Server, at_browser: AtBrowser
) -> None:
    page = at_browser(server, viewport=PHONE, java_script_enabled=False, locale="en-GB").go("/complain")
    page.locator("#content").fill("重複扣款，要求退回。（測試資料）")
    page.locator("#name").fill("測試客戶")
    page.locator("#phone").fill("13900000000")
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.locator("output")).to_have_count(2)
    number, secret = page.locator("output").all_inner_texts()
    page.reload()
    expect(page.locator("output").first).to_have_text(number)
    page.get_by_role("link", name="How does my case stand?").click()
    page.locator("#number").fill(number)
    page.locator("#proof").fill(secret)
    page.get_by_role("button", name="Show my case").click()
    expect(page.locator("h1")).to_have_text("We have your complaint")
    assert number not in page.url
    page.wait_for_load_state()  # with its style sheet
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Close this case on this device").click()
    expect(page.locator("#number")).to_be_visible()
