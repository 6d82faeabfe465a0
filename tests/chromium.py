"""A real browser for the tests: Debian's Chromium, driven by Playwright.

`page` is a fresh page in a context of its own; the test fails when the page reports an error or breaks the
Content-Security-Policy, unless it takes them out of `page_errors` itself.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

PATIENCE_MS = 30_000
"""How long a page may take to show what is expected, on a machine that has much else to do."""


class ChromiumMissing(RuntimeError):
    """No Chromium on this machine; the message says what to do."""


def find_chromium() -> str:
    """Return the path of the installed Chromium. Raises ChromiumMissing."""
    for name in ("chromium", "chromium-browser"):
        path = shutil.which(name)
        if path:
            return path
    raise ChromiumMissing("Chromium is missing: `make test` installs it, or apt-get install chromium")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a worker."""
    from playwright.sync_api import expect, sync_playwright  # 0.3 s, which most runs need not spend

    arguments = ["--no-sandbox"] if os.getuid() == 0 else []
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def browser_context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser without cookies or storage, in Traditional Chinese and Shanghai's time."""
    context = chromium.new_context(locale="zh-TW", timezone_id="Asia/Shanghai")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page_errors() -> list[str]:
    """What the page reported as an error; a test that expects some takes them out."""
    return []


def watch(page: Page, errors: list[str]) -> None:
    """Note in `errors` what the page reports on its console: its own errors and breaches of its policy."""

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))


@pytest.fixture
def page(browser_context: BrowserContext, page_errors: list[str]) -> Iterator[Page]:
    """A fresh page; errors on its console and breaches of its policy fail the test."""
    page = browser_context.new_page()
    watch(page, page_errors)
    yield page
    assert page_errors == []
