"""What must not grow: a step of a long instance, of a wide one, and a worker that has seen many instances."""

from __future__ import annotations

import gc
import resource
import statistics
import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select, text

from engine.people.actor import SYSTEM
from engine.runtime.commands import start_instance
from engine.runtime.deploy import deploy
from engine.store.tables.runtime import Instance
from tests.bench.figures import Figure, size
from tests.bench.models import TASKS, VARIABLES, looping_process, wide_process
from tests.bench.ours import Ours

VISITS = 500
NEAR = 25
"""So many completions around a place make its median."""
WIDTH = 400
TOUCHED = size("TOUCHED", 10_000)
SAMPLE = 60


def long_figures(ours: Ours) -> list[Figure]:
    """Return the cost of a completion at the beginning and after 500 tasks of the same instance."""
    deploy(ours.redress.runtime, SYSTEM, {"loop.bpmn": looping_process()}, family="bench-loop")
    rounds = []
    for _ in range(5):
        key = start_instance(ours.redress.runtime, ours.actor, "loop", VARIABLES)
        times = ours.complete_some(key, VISITS + NEAR)
        # The first instance after a pause is colder than the rest: both ends are taken from one run.
        rounds.append((statistics.median(times[:NEAR]), statistics.median(times[-NEAR:])))
    ratio = statistics.median(last / first for first, last in rounds)
    return [
        Figure(
            "completion at the 500th task of an instance, beside the 1st",
            round(statistics.median(last for _, last in rounds) * 1000, 3),
            "ms",
            round(statistics.median(first for first, _ in rounds) * 1000, 3),
            round(ratio, 3),
            "at most 1.1 times",
            ratio <= 1.1,
        )
    ]


def wide_figures(ours: Ours) -> list[Figure]:
    """Return state and cost of a parallel multi-instance of 400, at its beginning and near its end."""
    deploy(ours.redress.runtime, SYSTEM, {"wide.bpmn": wide_process()}, family="bench-wide")
    key = start_instance(ours.redress.runtime, ours.actor, "wide", {"items": list(range(WIDTH))})
    before = _state_size(ours, key)
    first = ours.complete_some(key, NEAR)
    ours.complete_some(key, WIDTH - 3 * NEAR)
    last = ours.complete_some(key, NEAR)
    after = _state_size(ours, key)
    return [
        Figure(
            "state of a multi-instance of 400, when 375 are done, beside none",
            after,
            "B",
            before,
            round(after / before, 3),
            "at most 1 times",
            after <= before,
        ),
        Figure(
            "completion in a multi-instance of 400, the last beside the first",
            round(statistics.median(last) * 1000, 3),
            "ms",
            round(statistics.median(first) * 1000, 3),
            round(statistics.median(last) / statistics.median(first), 3),
            "at most 1 times",
            statistics.median(last) <= statistics.median(first),
        ),
    ]


def _state_size(ours: Ours, key: str) -> int:
    with ours.redress.sessions.read() as session:
        return int(session.scalar(select(func.length(Instance.workflow)).where(Instance.id == key)) or 0)


def stored_figures(ours: Ours, name: str) -> list[Figure]:
    """Return how many bytes a finished instance takes in the database, indexes and history included."""
    before = _database_size(ours)
    for _ in range(SAMPLE * 5):
        ours.complete_some(start_instance(ours.redress.runtime, ours.actor, "bench", VARIABLES), TASKS)
    grown = _database_size(ours) - before
    return [Figure(f"stored for a finished instance, {name}", round(grown / (SAMPLE * 5)), "B")]


def _database_size(ours: Ours) -> int:
    sqlite = ours.redress.sessions.is_sqlite
    counted = (
        "SELECT (SELECT page_count - freelist_count FROM pragma_page_count, pragma_freelist_count)"
        " * page_size FROM pragma_page_size"
        if sqlite
        else "SELECT pg_database_size(current_database())"
    )
    with ours.redress.sessions.read() as session:
        return int(session.execute(text(counted)).scalar_one())


def memory_figures(folder: Path) -> list[Figure]:
    """Return how much a process grows that touches 10,000 instances, from the 5,000th on."""
    command = [sys.executable, "-m", "tests.bench.long_runs", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    early, late = (int(word) for word in done.stdout.split())
    return [
        Figure(
            f"memory after {TOUCHED:,} instances, beside after {TOUCHED // 2:,}",
            round(late / 1024, 1),
            "MiB",
            round(early / 1024, 1),
            round(late / early, 3),
            "at most 1.05 times",
            late <= early * 1.05,
        )
    ]


def _touch(folder: Path) -> None:
    """Print the process's highest memory (KiB) after half of the instances, and after all."""
    ours = Ours(folder)
    runtime = ours.redress.runtime
    for _ in range(2):
        for _ in range(TOUCHED // 2):
            start_instance(runtime, ours.actor, "bench", VARIABLES)
        gc.collect()
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    ours.close()


if __name__ == "__main__":
    _touch(Path(sys.argv[1]))
