"""A passkey, made and used in a real browser with a device that checks who holds it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import AtBrowser
from tests.browser.server import Server
from tests.chromium import taken_out


def give_device(page: Page) -> None:
    """Plug a device in that unlocks by itself, as a finger on it would."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_passkey_is_added_logs_in_and_is_removed(
    own_server: Server, at_browser: AtBrowser, page_errors: list[str]
) -> None:
    at = f"http://localhost:{own_server.port}"
    person = at_browser(own_server, None, locale="en-GB")
    page = person.page
    give_device(page)
    page.goto(f"{at}/login?next=/account")
    page.locator("#username").fill("agent")
    page.locator("#password").fill("agent-demo")
    page.locator("#password").press("Enter")
    page.wait_for_url("**/account")
    page.locator("#passkey-name").fill("Desk")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey was added.")).to_be_visible()
    expect(page.get_by_text("Desk").first).to_be_visible()

    page.locator(".frame-account summary").click()
    page.get_by_role("button", name="Log out", exact=True).click()
    page.wait_for_url("**/login")
    page.goto(f"{at}/login?next=/account")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url("**/account")
    expect(page.get_by_text("last used")).to_be_visible()

    page.get_by_role("button", name="Remove Desk").click()
    expect(page.get_by_text("The passkey was removed.")).to_be_visible()
    page.locator(".frame-account summary").click()
    page.get_by_role("button", name="Log out", exact=True).click()
    page.wait_for_url("**/login")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("not known here")
    (expected,) = taken_out(page, page_errors, 1)
    assert "422" in expected
