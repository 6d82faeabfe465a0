"""What a measurement is, how figures are gathered, printed and written."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(slots=True)
class Figure:
    """A value beside its baseline of the same run; `aim` is what the ratio (or value) should reach."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    aim: str = ""
    met: bool | None = None


def compared(name: str, values: list[float], baselines: list[float], unit: str, at_least: float) -> Figure:
    """Return the figure of interleaved runs: medians, and the median of the ratios run by run."""
    ratio = statistics.median(v / b for v, b in zip(values, baselines, strict=True))
    return Figure(
        name,
        round(statistics.median(values), 2),
        unit,
        round(statistics.median(baselines), 2),
        round(ratio, 2),
        f"at least {at_least} times",
        ratio >= at_least,
    )


def size(name: str, normal: int) -> int:
    """Return how large something is made: `BENCH_<name>` of the environment, to try a part quickly."""
    return int(os.environ.get(f"BENCH_{name}", normal))


def seconds(call: Callable[[], object]) -> float:
    """Return how long `call` took."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def show(figures: list[Figure]) -> str:
    """Return the figures as a table."""
    rows = [("figure", "value", "unit", "baseline", "ratio", "aim", "met")]
    for figure in figures:
        met = {None: "", True: "yes", False: "NO"}[figure.met]
        baseline = "" if figure.baseline is None else f"{figure.baseline:g}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:g}"
        rows.append((figure.name, f"{figure.value:g}", figure.unit, baseline, ratio, figure.aim, met))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )


def write(figures: list[Figure], path: Path) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps([asdict(figure) for figure in figures], indent=2, ensure_ascii=False) + "\n")
    beside.replace(path)
