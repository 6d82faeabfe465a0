"""Every page, checked by axe-core against WCAG 2.2 AA: in both themes, wide and on a phone, dialogs open."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize, expect

from engine import clock
from engine.assembly import assemble
from tests.browser.keyboard import left_out
from tests.browser.place import OPEN, Ids
from tests.browser.places import Visitors, places, populate
from tests.browser.server import ROOT, Server
from tests.browser.test_for_everybody import too_wide
from tests.world import MONDAY, settings
from web import create_app

AXE = ROOT / "web" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
PAPER: ViewportSize = {"width": 673, "height": 950}  # A4 between its margins
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
# Addresses that answer with no page: a file, a redirect, a drawing, what a machine reads.
NO_PAGES = {
    "static",
    "home.health",
    "home.index",
    "intake.original",
    "login.sso",
    "login.sso_callback",
    "login.standing",
    "me.push_worker",
    "metrics.index",
    "models.diagram",
    "models.file",
    "quality.attempt_csv",
    "quality.attempt_xlsx",
    "reports.analysis_pdf",
    "tasks.texts",
    "reports.analysis_xlsx",
    "reports.sheet",
    "trail.diagram",
    "trail.picture",
}
BY_KEYBOARD = (
    "tasks-groups",
    "task",
    "case",
    "team",
    "trail",
    "operations-now",
    "instance",
    "people",
    "person",
    "settings",
    "complain",
    "track",
)
CHECK = """async ([theme, tags, rules]) => {
  document.documentElement.dataset.bsTheme = theme;
  await new Promise(requestAnimationFrame);
  document.getAnimations().forEach(each => each.finish());
  const runOnly = rules ? {type: 'rule', values: rules} : {type: 'tag', values: tags};
  const found = await axe.run({exclude: [['[data-diagram-canvas]']]}, {runOnly, resultTypes: ['violations']});
  const why = node => [...node.any, ...node.all, ...node.none].map(each => each.message).join('; ');
  return found.violations.flatMap(
    each => each.nodes.map(node => `${theme}: ${each.id} ${node.target.join(' ')}: ${why(node)}`));
}"""


@contextmanager
def worked_on(seed: Path, folder: Path) -> Iterator[tuple[Server, Ids, set[str]]]:
    """Serve an installation in which much has happened; gives the ids and the endpoints of its pages."""
    shutil.copytree(seed, folder)
    with closing(assemble(settings(folder))) as made:
        clock.set_to(MONDAY)
        ids, asked = populate(made), pages_of(create_app(made))
    server = Server(folder)
    try:
        server.start("serve")
        yield server, ids, asked
    finally:
        server.stop()


def pages_of(app: Flask) -> set[str]:
    """Return the endpoints that answer GET with a page."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())]
    return {rule.endpoint for rule in rules if not rule.rule.startswith("/api/")} - NO_PAGES


@pytest.fixture(scope="module")
def served(
    sqlite_seed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Ids, set[str]]]:
    with worked_on(sqlite_seed, tmp_path_factory.mktemp("pages") / "var") as made:
        yield made


@pytest.fixture(scope="module")
def visitors(chromium: Browser, served: tuple[Server, Ids, set[str]]) -> Iterator[Visitors]:
    made = Visitors(chromium, served[0], viewport=WIDE)
    yield made
    made.close()


def violations(page: Page, theme: str, rules: list[str] | None = None) -> list[str]:
    """Return what axe finds in a theme, by all rules or some."""
    found: list[str] = page.evaluate(CHECK, [theme, RULES, rules])
    return found


@pytest.mark.parametrize("name", [place.name for place in places(defaultdict(str))])
def test_a_page_has_no_barrier(visitors: Visitors, served: Any, name: str) -> None:
    (place,) = [each for each in places(served[1]) if each.name == name]
    page = visitors.go(place)
    page.set_viewport_size(WIDE)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = [*violations(page, "light"), *violations(page, "dark", COLOURS)]
    page.keyboard.press("Escape")  # a refused form opens its dialog again, which covers the buttons
    for opener in page.locator("[data-opens]:visible").all():
        opener.click()
        found += [*violations(page, "light"), *violations(page, "dark", COLOURS)]
        page.keyboard.press("Escape")
    page.set_viewport_size(PHONE)
    page.evaluate(OPEN)
    found += [f"phone, {each}" for each in violations(page, "dark")]
    found += [f"phone, scrolls sideways: {each}" for each in too_wide(page)]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(
    ("name", "button"), [("archive-one", ".btn-primary"), ("frozen month", "[value=json]")]
)
def test_a_form_that_hands_out_a_file_does_so_again(
    visitors: Visitors, served: Any, name: str, button: str
) -> None:
    (place,) = [each for each in places(served[1]) if each.name == name]
    page = visitors.go(place)
    form = page.locator("main form[data-file]").first
    for _ in range(2):
        with page.expect_download() as saved:
            form.locator(button).click()
        assert saved.value.failure() is None


def test_no_page_of_the_application_is_left_out(served: tuple[Server, Ids, set[str]]) -> None:
    _server, ids, pages = served
    assert pages - {place.endpoint for place in places(ids)} == set()


@pytest.mark.parametrize("name", BY_KEYBOARD)
def test_tab_alone_reaches_everything_that_can_be_used_and_shows_where_it_is(
    visitors: Visitors, served: Any, name: str
) -> None:
    (place,) = [each for each in places(served[1]) if each.name == name]
    page = visitors.go(place)
    page.set_viewport_size(WIDE)
    assert left_out(page) == []
    if place.who is not None:
        page.locator("h1").first.click()  # out of any field, in which a question mark is one
        page.keyboard.press("?")
        expect(page.locator("dialog#keys")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("dialog#keys")).to_be_hidden()


@pytest.mark.parametrize("name", ["letter", "case", "figure", "archive-one", "trail", "instance"])
def test_on_paper_a_page_says_what_it_says_without_what_it_is_worked_with(
    visitors: Visitors, served: Any, name: str
) -> None:
    (place,) = [each for each in places(served[1]) if each.name == name]
    page = visitors.go(place)
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    try:
        assert too_wide(page) == []
        for gone in page.locator(".frame-header, main button, main .btn").all():
            expect(gone).to_be_hidden()
        if name == "letter":
            expect(page.locator("#letter-text")).to_be_visible()
        if name == "instance":
            expect(page.locator("#move, #variables")).to_have_count(2)
            for folded in page.locator("#move, #variables").all():
                expect(folded).to_be_hidden()
    finally:
        page.emulate_media(media="screen")
