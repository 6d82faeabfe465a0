"""A page in one state, and what is done there first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playwright.sync_api import Page

OPEN = "document.querySelectorAll('main details').forEach(each => { each.open = true; })"
Ids = Mapping[str, str]
Act = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Place:
    """A page in one state. `endpoint` is what the address leads to, `act` what is done there first."""

    name: str
    endpoint: str
    who: str | None
    path: str
    act: Act | None = None


def submit(**fields: str) -> Act:
    """Fill in fields by their ids and send the form that the first of them is in."""

    def act(page: Page) -> None:
        page.evaluate(OPEN)
        for field, value in fields.items():
            page.locator(f"#{field}").fill(value)
        form = page.locator(f"form:has(#{next(iter(fields))})")
        with page.expect_navigation():
            form.locator("button:not([type=button])").last.click()

    return act


def send(action: str) -> Act:
    """Send the form whose address ends so, without what it asks for."""

    def act(page: Page) -> None:
        form = page.locator(
            f"main form[method=post]{f'[action$={chr(39)}{action}{chr(39)}]' if action else ''}"
        ).first
        with page.expect_navigation():
            form.evaluate("form => { form.noValidate = true; form.submit(); }")

    return act
