"""Messages on a device, in a real browser: asking for them, showing one, and what a browser cannot do."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import AtBrowser
from tests.browser.server import Server

MESSAGE = {"title": "A task was assigned to you", "body": "RC-1", "path": "/notices", "tag": "1"}


SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(
    each => [each.title, each.body, each.data])"""


def shown_of(page: Page, origin: str) -> Any:
    """Hand the worker a message as the browser does once it has opened one; return what is shown.

    The developer tools do not tell whether a worker took it: it is handed over again until one is shown,
    and one that is shown replaces that of the same tag.
    """
    devtools = page.context.new_cdp_session(page)
    found: list[dict[str, Any]] = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    devtools.send("ServiceWorker.enable")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    for _ in range(600):  # the browser tells of it in its own time
        if any(each["scopeURL"] == f"{origin}/" for each in found):
            break
        page.wait_for_timeout(50)
    registration = next(each["registrationId"] for each in found if each["scopeURL"] == f"{origin}/")
    given = {"origin": origin, "registrationId": registration, "data": json.dumps(MESSAGE)}
    for _ in range(12):
        devtools.send("ServiceWorker.deliverPushMessage", given)
        for _ in range(50):
            if shown := page.evaluate(SHOWN):
                return shown
            page.wait_for_timeout(100)
    return []


def test_a_device_is_asked_for_messages_shows_them_and_says_what_it_cannot(
    server: Server, at_browser: AtBrowser, page_errors: list[str]
) -> None:
    person = at_browser(server, "handler", locale="en-GB")
    page = person.go("/me")
    button = page.get_by_role("button", name="Tell me on this device")
    error = page.locator("[data-push-error]")
    page.context.grant_permissions(["notifications"], origin=server.address)
    button.click()
    expect(error).to_contain_text("no push service")  # this machine reaches none
    expect(button).to_be_enabled()
    shown = shown_of(page, server.address)
    assert shown == [[MESSAGE["title"], MESSAGE["body"], MESSAGE["path"]]]
    assert [each for each in page_errors if "incognito" not in each] == []  # a test's window has no service
    page_errors.clear()


def test_who_may_not_show_messages_is_told_where_to_allow_them(server: Server, at_browser: AtBrowser) -> None:
    page = at_browser(server, "handler", locale="en-GB").go("/me")
    page.get_by_role("button", name="Tell me on this device").click()
    expect(page.locator("[data-push-error]")).to_contain_text("Allow notifications")
