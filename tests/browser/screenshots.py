"""Take pictures of every page: `python -m tests.browser.screenshots` (or `make screenshots`).

A demo of its own is made, worked on and thrown away. The pictures of the README come into docs/screenshots,
every page in both themes, three languages and on a phone into var/screenshots.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from engine import clock, config
from engine.cli.demo import furnish
from engine.cli.serving import initialise
from tests.browser.place import Ids, Place
from tests.browser.places import Visitors, places, populate
from tests.browser.server import ROOT, Server
from tests.chromium import find_chromium

PICTURES = ROOT / "docs" / "screenshots"
EVERYTHING = ROOT / "var" / "screenshots"
BEGIN = "2026-03-02T10:00:00+08:00"
WINDOW = {"width": 1280, "height": 800}
TALL = {"width": 1280, "height": 1020}
LOW = {"width": 1280, "height": 560}
PHONE = {"width": 390, "height": 844}
MOST_BYTES = 300_000
DRAWN_MS = 200
LANGUAGES = {"zh-Hant": "zh-TW", "zh-Hans": "zh-CN", "en": "en-GB"}
WAYS: dict[str, dict[str, Any]] = {
    f"{language}-{theme}": {"viewport": WINDOW, "locale": locale, "color_scheme": theme}
    for language, locale in LANGUAGES.items()
    for theme in ("light", "dark")
} | {
    "phone": {"viewport": PHONE, "locale": "zh-TW"},
    "phone-dark": {"viewport": PHONE, "locale": "zh-TW", "color_scheme": "dark"},
    "phone-en": {"viewport": PHONE, "locale": "en-GB"},
}
# What the README shows: file -> the place, and how its window is.
TOUR: dict[str, tuple[str, dict[str, Any]]] = {
    "tasks": ("tasks-groups", {"locale": "zh-TW"}),
    "task": ("task", {"locale": "en-GB"}),
    "team": ("team", {"locale": "en-GB"}),
    "trail": ("trail-handling", {"locale": "en-GB", "viewport": TALL}),
    "archive": ("archive-one", {"locale": "en-GB", "viewport": LOW}),
    "model": ("model", {"locale": "zh-TW", "color_scheme": "dark"}),
    "operations": ("instance", {"locale": "en-GB"}),
}
# What processes/README.md shows: file -> the drawn model, twice as fine as on the page, to be read.
DRAWINGS = {"lifecycle": "lifecycle", "handling": "model"}
FINE = 2


@contextmanager
def demo() -> Iterator[tuple[Server, Ids]]:
    """Serve a demo as `make run` makes it, in which some days of work have happened."""
    with tempfile.TemporaryDirectory(prefix="redress-pictures-") as folder:
        server = Server(Path(folder) / "var", environment="demo")
        with closing(initialise(config.load(server.environ | {"REDRESS_CLOCK": BEGIN}))) as redress:
            clock.set_to(datetime.fromisoformat(BEGIN))
            furnish(redress, ROOT)
            ids = populate(redress)
        try:
            server.start("serve")
            yield server, ids
        finally:
            server.stop()


def take_tour(chromium: Browser, server: Server, ids: Ids) -> list[str]:
    """Write the pictures that the README shows; returns what is too large."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    found = {place.name: place for place in places(ids)}
    too_large = []
    for name, (place, options) in TOUR.items():
        file = PICTURES / f"{name}.png"
        with closing(Visitors(chromium, server, **{"viewport": WINDOW, **options})) as visitors:
            take(visitors, found[place], file)
        size = file.stat().st_size
        print(f"{file.relative_to(ROOT)} {size // 1000} kB")
        if size > MOST_BYTES:
            too_large.append(f"{file} has {size} bytes, more than {MOST_BYTES}")
    return too_large


def take_drawings(chromium: Browser, server: Server, ids: Ids) -> None:
    """Write the pictures of the main diagrams, as the page of models draws them."""
    model = next(place for place in places(ids) if place.name == "model")
    with closing(
        Visitors(chromium, server, viewport=WINDOW, device_scale_factor=FINE, locale="zh-TW")
    ) as visitors:
        for name, key in DRAWINGS.items():
            page = visitors.go(replace(model, path=f"/models/{ids[key]}"))
            page.locator("[data-diagram-canvas] .djs-container").screenshot(path=PICTURES / f"{name}.png")


def take_everything(chromium: Browser, server: Server, ids: Ids, ways: list[str], names: list[str]) -> None:
    """Write every page in every way, whole, into a folder each."""
    for way in ways:
        folder = EVERYTHING / way
        folder.mkdir(parents=True, exist_ok=True)
        with closing(Visitors(chromium, server, **WAYS[way])) as visitors:
            for place in places(ids):
                if not names or place.name in names:
                    take(visitors, place, folder / f"{place.name}.png", whole=True)
        print(folder.relative_to(ROOT))


def take(visitors: Visitors, place: Place, file: Path, *, whole: bool = False) -> None:
    """Take one picture."""
    page = visitors.go(place)
    page.wait_for_timeout(DRAWN_MS)
    page.screenshot(path=file, full_page=whole)


def main() -> int:
    """Take the pictures; returns 1 where one for the README is too large."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tour", action="store_true", help="only the pictures of the README")
    parser.add_argument("--way", action="append", choices=sorted(WAYS), help="only every page in this way")
    parser.add_argument("names", nargs="*", metavar="PAGE", help="only these pages, by name")
    given = parser.parse_args()
    wrong: list[str] = []
    arguments = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright, demo() as (server, ids):
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        if not given.tour:
            take_everything(chromium, server, ids, given.way or list(WAYS), given.names)
        if not given.way and not given.names:
            wrong = take_tour(chromium, server, ids)
            take_drawings(chromium, server, ids)
        chromium.close()
    for each in wrong:
        print(f"wrong: {each}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
