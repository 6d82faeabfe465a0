"""A real browser for the tests: Debian's Chromium, driven by Playwright.

`page` is a fresh page in a context of its own; the test fails when the page reports an error or breaks the
Content-Security-Policy, unless it takes them out of `page_errors` itself.
"""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

PATIENCE_MS = 60_000
"""How long a page may take to show what is expected, on a machine that has much else to do."""

MOST_TOLD, MOST_LETTERS, LOOK_MS = 6, 300, 2_000
"""How much is told of the pages of a test that failed, and how long each is looked at."""


class ChromiumMissing(RuntimeError):
    """No Chromium on this machine; the message says what to do."""


def find_chromium() -> str:
    """Return the path of the installed Chromium. Raises ChromiumMissing."""
    for name in ("chromium", "chromium-browser"):
        path = shutil.which(name)
        if path:
            return path
    raise ChromiumMissing("Chromium is missing: `make test` installs it, or apt-get install chromium")


_watched: deque[tuple[Page, list[str]]] = deque(maxlen=MOST_TOLD)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell with a test that failed where its pages stood: what only the machine that ran it has seen."""
    report = yield
    if call.when == "call" and report.failed and "chromium" in getattr(item, "fixturenames", ()):
        told = "\n".join(_standing(page, errors) for page, errors in _watched if not page.is_closed())
        report.sections += [("pages, by when they were opened", told)] if told else []
    return report


def _standing(page: Page, errors: list[str]) -> str:
    from playwright.sync_api import Error

    said = page.locator("h1, [role=alert]:visible, [data-form-summary]:visible, .alert:visible")
    try:
        texts = [each.inner_text(timeout=LOOK_MS) for each in said.all()[:MOST_TOLD]]
    except Error as error:
        texts = [f"cannot be read: {error.message}"]
    words = " | ".join(" ".join(text.split())[:MOST_LETTERS] for text in texts)
    return f"{urlsplit(page.url).path}: {words}; errors: {[each[:MOST_LETTERS] for each in errors]}"


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
    _watched.append((page, errors))

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))


def taken_out(page: Page, errors: list[str], number: int) -> list[str]:
    """Wait until the page has reported so many errors, which it does in its own time; take them out."""
    for _ in range(PATIENCE_MS // 50):
        if len(errors) >= number:
            break
        page.wait_for_timeout(50)
    taken = list(errors)
    errors.clear()
    return taken


@pytest.fixture
def page(browser_context: BrowserContext, page_errors: list[str]) -> Iterator[Page]:
    """A fresh page; errors on its console and breaches of its policy fail the test."""
    page = browser_context.new_page()
    watch(page, page_errors)
    yield page
    assert page_errors == []
