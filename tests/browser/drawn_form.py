"""Filling in a form as it is drawn in the browser: with the mouse and the keyboard, as people do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from playwright.sync_api import Locator, Page, expect

TEXT = "已核對業務記錄並告知客戶。"
MOST_ROUNDS = 6  # an answer may bring further fields
# What is required and still empty, in the order of the page.
MISSING = """root => [...root.querySelectorAll('.fjs-form-field:not(.fjs-disabled)')]
    .filter(field => field.querySelector('.fjs-asterix') && !field.querySelector('.fjs-form-field'))
    .flatMap(field => {
        const kind = [...field.classList]
            .map(name => name.match(/^fjs-form-field-(\\w+)$/)?.[1]).find(Boolean);
        const inputs = [...field.querySelectorAll('input, textarea')].filter(input => input.id);
        const empty = {
            select: () => field.querySelector('.fjs-select-placeholder') !== null
                || field.querySelector('input.fjs-input')?.value === '',
            checkbox: () => !inputs[0].checked,
            radio: () => !inputs.some(input => input.checked),
            checklist: () => !inputs.some(input => input.checked),
        }[kind] ?? (() => inputs.some(input => input.value === ''));
        return empty() ? [{ kind, ids: inputs.map(input => input.id) }] : [];
    })"""


class DrawnForm:
    """The form on a task's page. `now` is the time of the installation, which dates are counted from."""

    def __init__(self, page: Page, now: datetime) -> None:
        self.page, self.now = page, now
        self.root = page.locator("[data-form]")
        self.canvas = self.root.locator("[data-form-canvas]")

    def wait(self) -> DrawnForm:
        """Wait until the form is drawn."""
        self.page.locator('[data-form][data-ready="true"] .fjs-form').wait_for()
        return self

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a select by its text."""
        if not self.page.locator(".fjs-dropdownlist").is_visible():  # it opens where its field has the focus
            self._field(label).locator(".fjs-input-group").click()
        self.page.locator(".fjs-dropdownlist-item", has_text=option).first.click()

    def write(self, label: str, text: str) -> None:
        """Write into a field."""
        self._field(label).locator("input.fjs-input, textarea").first.fill(text)

    def error_at(self, label: str) -> str:
        """Return the error that is shown at a field."""
        return self._field(label).locator(".fjs-form-field-error").inner_text().strip()

    def fill(self, answers: Mapping[str, str] | None = None) -> None:
        """Give `answers` (options by label), then fill what is required: first options, ticks, a text."""
        for label, option in (answers or {}).items():
            self.choose(label, option)
        for _ in range(MOST_ROUNDS):
            missing: list[dict[str, Any]] = self.canvas.evaluate(MISSING)
            if not missing:
                return
            for field in missing:
                self._fill(field["kind"], field["ids"])
        raise AssertionError(f"required fields stay empty: {missing}")

    def submit(self) -> None:
        """Press the button below the form."""
        self.root.locator("[data-form-submit]").click()

    @property
    def summary(self) -> Locator:
        """The box above the form that tells what is wrong."""
        return self.root.locator("[data-form-summary]")

    def _field(self, label: str) -> Locator:
        return self.canvas.locator(".fjs-form-field", has_text=label).first

    def _fill(self, kind: str, ids: list[str]) -> None:
        first = self.page.locator(f"[id='{ids[0]}']")
        if kind == "select":
            first.locator("xpath=ancestor::*[contains(@class, 'fjs-input-group')]").click()
            self.page.locator(".fjs-dropdownlist-item").first.click()
        elif kind in ("checkbox", "radio", "checklist"):
            first.check()
        elif kind == "datetime":
            self._fill_instant(ids)
        else:
            first.fill("1" if kind == "number" else TEXT)

    def _fill_instant(self, ids: list[str]) -> None:
        for identifier in ids:
            part = self.page.locator(f"[id='{identifier}']")
            if part.input_value():
                continue
            is_time = identifier.endswith("-time")
            part.fill(self.now.strftime("%H:%M" if is_time else "%Y/%m/%d"))
            part.press("Enter")
            if is_time:
                part.blur()
            expect(part).not_to_have_value("")
