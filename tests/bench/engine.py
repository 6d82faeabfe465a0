"""Completions and starts a second by the engine's own verbs, beside plain SpiffWorkflow; their statements."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, cast

from tests.bench.figures import Figure, compared, size
from tests.bench.ours import Ours
from tests.bench.plain import Plain

ROUNDS = 5
INSTANCES = size("INSTANCES", 60)
"""Instances of each round."""
TIMES_TWO = 1.7


def engine_figures(name: str, ours: Ours, at_least: float) -> list[Figure]:
    """Return completions and starts a second on one database: medians of interleaved runs."""
    plain = Plain()
    ours.completions_a_second(5)
    plain.completions_a_second(5)
    values, baselines, starts = [], [], []
    for _ in range(ROUNDS):
        values.append(ours.completions_a_second(INSTANCES))
        baselines.append(plain.completions_a_second(INSTANCES))
        starts.append(ours.starts_a_second(INSTANCES))
    statements, commits = ours.statements_of_a_completion()
    return [
        compared(f"completions a second, {name}, durable, full history", values, baselines, "1/s", at_least),
        Figure(f"starts a second, {name}", round(statistics.median(starts), 1), "1/s"),
        Figure(
            f"statements of a completion, {name}", statements, "", None, None, "at most 10", statements <= 10
        ),
        Figure(f"commits of a completion, {name}", commits, "", None, None, "1", commits == 1),
    ]


def two_process_figures(ours: Ours, folder: Path, url: str) -> list[Figure]:
    """Return completions a second of two processes on one PostgreSQL, beside one process."""
    del ours  # it has made the installation; the processes open it anew
    values, baselines = [], []
    with _processes(folder, url, 2) as pair:
        for _ in range(ROUNDS + 1):
            baselines.append(_ask(pair[:1]))
            values.append(_ask(pair))
    return [
        compared(
            "completions a second, PostgreSQL, two processes, beside one",
            values[1:],
            baselines[1:],
            "1/s",
            TIMES_TWO,
        )
    ]


@contextmanager
def _processes(folder: Path, url: str, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "tests.bench.engine", str(folder), url]
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for _ in range(count)
        ]


def _ask(processes: list[subprocess.Popen[str]]) -> float:
    """Let all complete at the same time; return what they did together a second."""
    for process in processes:
        asked = cast(IO[str], process.stdin)
        asked.write("go\n")
        asked.flush()
    return sum(float(cast(IO[str], process.stdout).readline()) for process in processes)


def _answer(folder: Path, url: str) -> None:
    ours = Ours(folder, url)
    for _ in sys.stdin:
        print(ours.completions_a_second(INSTANCES), flush=True)
    ours.close()


if __name__ == "__main__":
    _answer(Path(sys.argv[1]), sys.argv[2])
