"""Measure everything: `make bench` prints the table and writes var/bench/latest.json.

Ratios are of interleaved runs, so that a machine that slows down in the meantime slows both sides. Names
given as arguments (`python -m tests.bench lists http-sqlite`) choose parts. What a part found is written when
it is found, and a part that fails is told as such and keeps no other from being measured.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from tests.bench.engine import engine_figures, two_process_figures
from tests.bench.figures import Figure, show, write
from tests.bench.lists import LARGE, SMALL, filled, list_figures
from tests.bench.long_runs import long_figures, memory_figures, stored_figures, wide_figures
from tests.bench.ours import Ours
from tests.bench.over_http import http_figures
from tests.bench.overview import overview_figures
from tests.bench.timers import burst_figures, idle_figures, job_figures
from tests.postgres import Cluster

OUTPUT = Path("var/bench/latest.json")
AT_LEAST = {"SQLite": 3.0, "PostgreSQL": 1.5}


class Place:
    """A folder and, once it is asked for, a PostgreSQL; fresh installations on either."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        """`stack` removes the PostgreSQL at the end."""
        self._folder = folder
        self._stack = stack
        self._cluster: Cluster | None = None
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
                with self._postgres().database() as url:
                    yield folder, url
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _postgres(self) -> Cluster:
        if self._cluster is None:
            place = Path(tempfile.gettempdir()) / f"redress-bench-{os.getpid()}"
            self._cluster = Cluster.create(place, durable=True)
            self._stack.callback(self._cluster.remove)
        return self._cluster


def feel(_place: Place, _name: str) -> Iterator[list[Figure]]:
    """FEEL and decision tables, beside packages that only `make bench` installs."""
    from tests.bench.decisions import decision_figures
    from tests.bench.feel import feel_figures

    yield feel_figures()
    yield decision_figures()


def engine(place: Place, name: str) -> Iterator[list[Figure]]:
    """Completions and starts by the engine's verbs, with their statements."""
    with place.database(name) as (folder, url), closing(Ours(folder, url)) as ours:
        yield engine_figures(name, ours, AT_LEAST[name])
        yield stored_figures(ours, name)
        if url:
            yield two_process_figures(ours, folder, url)
        else:
            yield long_figures(ours)
            yield wide_figures(ours)


def http(place: Place, name: str) -> Iterator[list[Figure]]:
    """Completions over HTTP, beside a bare Flask route."""
    with place.database(name) as (folder, url), closing(Ours(folder, url)) as ours:
        yield http_figures(name, ours, folder, url)


def timers(place: Place, name: str) -> Iterator[list[Figure]]:
    """Timers due at once, and one by one; jobs at once; people's steps meanwhile."""
    with place.database(name) as (folder, url), closing(Ours(folder, url)) as ours:
        yield burst_figures(ours, folder, url, name)
        yield idle_figures(ours, folder, url, name)
        yield job_figures(ours, folder, url, name)


def memory(place: Place, name: str) -> Iterator[list[Figure]]:
    """Memory of a process that has touched many instances."""
    with place.database(name) as (folder, _):
        yield memory_figures(folder)


def lists(place: Place, name: str) -> Iterator[list[Figure]]:
    """Lists and their pages with a million instances."""
    with (
        place.database(name) as (folder, url),
        place.database(name) as (other, beside),
        filled(other, beside, SMALL) as small,
        filled(folder, url, LARGE) as large,
    ):
        yield from list_figures(name, small, large)


def overview(place: Place, name: str) -> Iterator[list[Figure]]:
    """The overview of the figures with many cases."""
    with place.database(name) as small, place.database(name) as large:
        yield from overview_figures(name, small, large)


Part = Callable[[Place, str], Iterator[list[Figure]]]
ON_BOTH: tuple[Part, ...] = (engine, http, timers, lists, overview)
PARTS: dict[str, tuple[Part, str]] = {
    "feel": (feel, ""),
    "memory": (memory, "SQLite"),
    **{f"{part.__name__}-{name.lower()}": (part, name) for part in ON_BOTH for name in AT_LEAST},
}


def main() -> int:
    """Run the parts that are named, or all; print the table and write the JSON. 1 where a part failed."""
    wanted = [
        part for part in PARTS if not sys.argv[1:] or {part, part.partition("-")[0]} & set(sys.argv[1:])
    ]
    if unknown := [word for word in sys.argv[1:] if not any(part.startswith(word) for part in PARTS)]:
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="redress-bench-")))
        place = Place(folder, stack)
        failed = [part for part in wanted if not _measured(part, place, figures)]
    print(show(figures))
    print(f"\nWritten to {OUTPUT}.")
    return 1 if failed else 0


def _measured(part: str, place: Place, figures: list[Figure]) -> bool:
    """Measure a part, writing what it finds as it goes; false where it failed."""
    began = time.monotonic()
    measure, name = PARTS[part]
    try:
        for found in measure(place, name):
            figures += found
            write(figures, OUTPUT)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other parts are still to be measured
        traceback.print_exc()
        figures.append(Figure(f"{part} FAILED: {type(error).__name__}", 0, "", met=False))
        write(figures, OUTPUT)
        return False
    print(f"{part}: took {time.monotonic() - began:.0f} s", file=sys.stderr)
    return True


if __name__ == "__main__":
    sys.exit(main())
