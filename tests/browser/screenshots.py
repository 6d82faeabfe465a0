"""Take the pictures of the documentation: `python -m tests.browser.screenshots` (or `make screenshots`).

A demo of its own is made, worked on through the pages and thrown away. With `--all FOLDER` it writes
every page instead, light, dark, narrow and in English, to look at.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from engine import clock, config
from engine.cli.demo import furnish
from engine.cli.serving import initialise
from tests.browser.people import Person
from tests.browser.server import ROOT, Server
from tests.chromium import find_chromium

PICTURES = ROOT / "docs" / "screenshots"
BEGIN = "2026-03-04T10:00:00+08:00"
WINDOW = {"width": 1280, "height": 800}
TALL = {"width": 1280, "height": 1020}
NARROW = {"width": 360, "height": 780}
MOST_BYTES = 300_000
DRAWN_MS = 400


@contextmanager
def demo() -> Iterator[Server]:
    """Serve a demo as `make run` does, its clock on a Wednesday morning."""
    with tempfile.TemporaryDirectory(prefix="redress-pictures-") as folder:
        server = Server(Path(folder) / "var", environment="demo")
        with closing(initialise(config.load(server.environ | {"REDRESS_CLOCK": BEGIN}))) as redress:
            clock.set_to(datetime.fromisoformat(BEGIN))
            furnish(redress, ROOT)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def work(chromium: Browser, server: Server, errors: list[str]) -> str:
    """Let the demo's people carry the gravest complaint to its measures; returns its number."""
    way = [
        ("handler", "調查核實"),
        ("handler", "擬定處理方案"),
        ("supervisor", "主管審批"),
        ("management", "審議處理方案"),
    ]
    with Person(chromium, server, "agent", errors) as agent:
        rows = agent.go("/complaints?grade=1").locator("#complaint-list .row-title")
        complaint_no = rows.first.inner_text()
    for name, task in way:
        with Person(chromium, server, name, errors) as person:
            person.open_case(complaint_no).task(task).complete()
        server.redress("clock", "advance", "3h")
    with Person(chromium, server, "handler", errors) as handler:
        handler.go("/tasks?tab=groups").locator("#task-list [data-row-claim]").first.click()
        handler.page.wait_for_url("**/tasks/*")
    return complaint_no


def settle(page: Page) -> None:
    """Wait until forms and diagrams are drawn."""
    if page.locator("[data-form], [data-diagram]").count():
        page.locator("[data-form][data-ready], [data-diagram][data-ready]").first.wait_for()
    page.wait_for_timeout(DRAWN_MS)


def addresses(chromium: Browser, server: Server, complaint_no: str, errors: list[str]) -> dict[str, Any]:
    """Return name -> (who, address) of every page, the ones with an id in their address included."""
    with Person(chromium, server, "handler", errors) as handler:
        task = handler.go("/tasks").locator("#task-list .row-title").first.get_attribute("href")
    with Person(chromium, server, "owner", errors) as owner:
        models = owner.go("/models").locator(".rows-models .row-title")
        hrefs = {each.inner_text(): each.get_attribute("href") for each in models.all()}
    with Person(chromium, server, "auditor", errors) as auditor:
        auditor.open_case(complaint_no).open_trail()
        trail = auditor.page.url.removeprefix(server.address)
    return {
        "login": (None, "/login"),
        "tasks": ("handler", "/tasks?tab=all"),
        "tasks-empty": ("monitor2", "/tasks"),
        "task": ("handler", task),
        "complaints": ("supervisor", "/complaints"),
        "complaint-new": ("agent", "/complaints/new"),
        "case": ("supervisor", f"/complaints/{complaint_no}"),
        "trails": ("auditor", "/trail"),
        "trail": ("auditor", trail),
        "trail-handling": ("auditor", f"{trail}?process=complaint-handling"),
        "models": ("owner", "/models"),
        "model": ("owner", hrefs["調查與處理"]),
        "reports": ("analyst", "/reports"),
        "timers": ("admin", "/operations?view=timers"),
        "people": ("admin", "/admin"),
        "forbidden": ("agent", "/admin"),
    }


def take(person: Person, address: str, file: Path, *, whole: bool = False) -> None:
    """Take one picture."""
    settle(person.go(address))
    person.page.screenshot(path=file, full_page=whole)


def take_documentation(chromium: Browser, server: Server, pages: dict[str, Any], errors: list[str]) -> None:
    """Write the pictures that the documentation shows."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    wanted: dict[str, dict[str, Any]] = {
        "tasks": {"locale": "zh-TW"},
        "task": {"locale": "en-GB"},
        "trail": {"locale": "en-GB", "viewport": TALL},
        "model": {"locale": "zh-TW", "color_scheme": "dark"},
    }
    for name, options in wanted.items():
        who, address = pages[name]
        file = PICTURES / f"{name}.png"
        with Person(chromium, server, who, errors, **{"viewport": WINDOW, **options}) as person:
            take(person, address, file)
        size = file.stat().st_size
        print(f"{file.relative_to(ROOT)} {size // 1000} kB")
        if size > MOST_BYTES:
            errors.append(f"{file} has {size} bytes, more than {MOST_BYTES}")


def take_all(
    chromium: Browser, server: Server, pages: dict[str, Any], folder: Path, errors: list[str]
) -> None:
    """Write every page in both themes and narrow."""
    folder.mkdir(parents=True, exist_ok=True)
    ways: dict[str, dict[str, Any]] = {
        "light": {"viewport": WINDOW},
        "dark": {"viewport": WINDOW, "color_scheme": "dark"},
        "narrow": {"viewport": NARROW},
        "english": {"viewport": WINDOW, "locale": "en-GB"},
    }
    for way, options in ways.items():
        for name, (who, address) in pages.items():
            with Person(chromium, server, who, errors, **options) as person:
                take(person, address, folder / f"{name}-{way}.png", whole=True)


def main() -> int:
    """Take the pictures; returns 1 where a page reported an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="write every page there, in each theme")
    given = parser.parse_args()
    errors: list[str] = []
    arguments = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright, demo() as server:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        complaint_no = work(chromium, server, errors)
        pages = addresses(chromium, server, complaint_no, errors)
        if given.all:
            take_all(chromium, server, pages, given.all, errors)
        else:
            take_documentation(chromium, server, pages, errors)
        chromium.close()
    errors = [error for error in errors if "403" not in error]
    for error in errors:
        print(f"wrong: {error}", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
