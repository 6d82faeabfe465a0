"""Where a page finds its scripts and style sheets: the manifest that the front end's build writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from engine.errors import ConfigurationError

BUILD = Path(__file__).resolve().parent / "static" / "build"
URL = "/static/build/"


@dataclass(frozen=True, slots=True)
class Entry:
    """One page's bundle, as addresses.

    `preload` are the modules that `script` imports: naming them in the page saves a round trip.
    """

    styles: tuple[str, ...]
    script: str
    preload: tuple[str, ...]


def asset(name: str) -> list[str]:
    """Return the addresses that a page includes for the entry `name`: style sheets first, the script last.

    Raises ConfigurationError when the bundle was not built or has no such entry.
    """
    found = entry(name)
    return [*found.styles, found.script]


def entry(name: str) -> Entry:
    """Return everything that the manifest says of the entry `name`. Raises as `asset` does."""
    path = BUILD / "manifest.json"
    try:
        stamp = path.stat().st_mtime_ns
    except FileNotFoundError as error:
        raise ConfigurationError(
            "the browser bundle was not built: run `make setup`, or install the wheel, which holds it"
        ) from error
    entries = _read(path, stamp)
    if name not in entries:
        raise ConfigurationError(
            f"the browser bundle has no entry {name!r}; it has {', '.join(sorted(entries))}"
        )
    return entries[name]


@lru_cache(maxsize=2)
def _read(path: Path, _stamp: int) -> dict[str, Entry]:
    manifest = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: Entry(
            styles=tuple(URL + file for file in each["css"]),
            script=URL + each["js"],
            preload=tuple(URL + file for file in each["preload"]),
        )
        for name, each in manifest.items()
    }
