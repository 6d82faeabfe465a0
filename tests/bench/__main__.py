"""Measure: completions a second beside plain SpiffWorkflow with its JSON serializer, in the same run."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from tests.bench.decisions import decision_figures
from tests.bench.feel import feel_figures
from tests.bench.figures import Figure, compared, show, write
from tests.bench.ours import Ours
from tests.bench.plain import Plain
from tests.postgres import Cluster

ROUNDS = 5
INSTANCES = int(os.environ.get("BENCH_INSTANCES", "60"))
OUTPUT = Path("var/bench/latest.json")


def engine_figures(name: str, ours: Ours, plain: Plain, at_least: float) -> list[Figure]:
    """Return completions and starts a second on one database: medians of interleaved runs."""
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
        Figure(f"starts a second, {name}", round(sorted(starts)[len(starts) // 2], 1), "1/s"),
        Figure(
            f"statements of a completion, {name}", statements, "", None, None, "at most 10", statements <= 10
        ),
        Figure(f"commits of a completion, {name}", commits, "", None, None, "1", commits == 1),
    ]


def main() -> None:
    """Run all measurements, print the table and write the JSON."""
    plain = Plain()
    folder = Path(tempfile.mkdtemp(prefix="redress-bench-"))
    figures: list[Figure] = [*feel_figures(), *decision_figures()]
    try:
        ours = Ours(folder / "sqlite")
        figures += engine_figures("SQLite", ours, plain, 3)
        ours.close()
        cluster = Cluster.create(Path(tempfile.gettempdir()) / f"redress-bench-{os.getpid()}", durable=True)
        try:
            with cluster.database() as url:
                ours = Ours(folder / "postgresql", url)
                figures += engine_figures("PostgreSQL", ours, plain, 1.5)
                ours.close()
        finally:
            cluster.remove()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write(figures, OUTPUT)
    print(show(figures))
    print(f"\nWritten to {OUTPUT}.")


if __name__ == "__main__":
    main()
