"""Measure everything: `make bench` prints the table and writes var/bench/latest.json.

Ratios are of interleaved runs, so that a machine that slows down in the meantime slows both sides. Names
given as arguments (`python -m tests.bench lists http`) choose parts.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.bench.decisions import decision_figures
from tests.bench.engine import engine_figures, two_process_figures
from tests.bench.feel import feel_figures
from tests.bench.figures import Figure, show, write
from tests.bench.lists import LARGE, SMALL, filled, list_figures
from tests.bench.long_runs import long_figures, memory_figures, stored_figures, wide_figures
from tests.bench.ours import Ours
from tests.bench.over_http import http_figures
from tests.bench.timers import burst_figures, idle_figures, job_figures
from tests.postgres import Cluster

OUTPUT = Path("var/bench/latest.json")
AT_LEAST = {"SQLite": 3.0, "PostgreSQL": 1.5}


class Place:
    """A folder and a PostgreSQL for the measurement, and fresh installations on either."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self._folder = folder
        self._cluster = cluster
        self._count = 0

    @contextmanager
    def database(self, name: str) -> Iterator[tuple[Path, str | None]]:
        """Give the folder and the address (None: SQLite) of a new installation; both go afterwards."""
        self._count += 1
        folder = self._folder / f"{name}-{self._count}"
        folder.mkdir()
        try:
            if name == "SQLite":
                yield folder, None
            else:
                with self._cluster.database() as url:
                    yield folder, url
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def feel(_place: Place) -> Iterator[list[Figure]]:
    """FEEL and decision tables."""
    yield feel_figures()
    yield decision_figures()


def engine(place: Place) -> Iterator[list[Figure]]:
    """Completions and starts by the engine's verbs, with their statements."""
    for name, at_least in AT_LEAST.items():
        with place.database(name) as (folder, url), closing(Ours(folder, url)) as ours:
            yield engine_figures(name, ours, at_least)
            yield stored_figures(ours, name)
            if url:
                yield two_process_figures(ours, folder, url)
            else:
                yield long_figures(ours)
                yield wide_figures(ours)


def memory(place: Place) -> Iterator[list[Figure]]:
    """Memory of a process that has touched many instances."""
    with place.database("SQLite") as (folder, _):
        yield memory_figures(folder)


def http(place: Place) -> Iterator[list[Figure]]:
    """Completions over HTTP, beside a bare Flask route."""
    for name in AT_LEAST:
        with place.database(name) as (folder, url), closing(Ours(folder, url)) as ours:
            yield http_figures(name, ours, folder, url)


def timers(place: Place) -> Iterator[list[Figure]]:
    """Timers due at once, and one by one; jobs at once; people's steps meanwhile."""
    for name in AT_LEAST:
        with place.database(name) as (folder, url), closing(Ours(folder, url)) as ours:
            yield burst_figures(ours, folder, url, name)
            yield idle_figures(ours, folder, url, name)
            yield job_figures(ours, folder, url, name)


def lists(place: Place) -> Iterator[list[Figure]]:
    """Lists and their pages with a million instances."""
    for name in AT_LEAST:
        with (
            place.database(name) as (folder, url),
            place.database(name) as (other, beside),
            filled(other, beside, SMALL) as small,
            filled(folder, url, LARGE) as large,
        ):
            yield list_figures(name, small, large)


PARTS: dict[str, Callable[[Place], Iterator[list[Figure]]]] = {
    part.__name__: part for part in (feel, engine, http, timers, memory, lists)
}


def main() -> None:
    """Run the parts that are named, or all; print the table and write the JSON."""
    wanted = sys.argv[1:] or list(PARTS)
    folder = Path(tempfile.mkdtemp(prefix="redress-bench-"))
    cluster = Cluster.create(Path(tempfile.gettempdir()) / f"redress-bench-{os.getpid()}", durable=True)
    figures: list[Figure] = []
    began = time.monotonic()
    try:
        for name in wanted:
            for found in PARTS[name](Place(folder, cluster)):
                figures += found
            print(f"{name}: done after {time.monotonic() - began:.0f} s", file=sys.stderr)
    finally:
        cluster.remove()
        shutil.rmtree(folder, ignore_errors=True)
    write(figures, OUTPUT)
    print(show(figures))
    print(f"\nWritten to {OUTPUT}.")


if __name__ == "__main__":
    main()
