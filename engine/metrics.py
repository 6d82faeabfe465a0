"""What Redress measures of itself while it runs, for Prometheus.

Counted here is only what no table knows: how long steps take, whether caches help, how late timers fire. What
is waiting or has failed is read from the database at each scrape (`engine.read.standing`), the same whichever
process is asked. With several web processes each writes into files of `PROMETHEUS_MULTIPROC_DIR`, which
`redress serve` sets; any of them then answers for all.
"""

from __future__ import annotations

import os
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, multiprocess
from prometheus_client.registry import Collector

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_LATE = (0.5, 1, 2, 5, 15, 60, 300, 3600, 86400)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each, which nobody reads
REGISTRY = CollectorRegistry()
STEPS = Histogram(
    "redress_step_seconds",
    "Time of a step, from its lock to its commit",
    ["kind"],
    buckets=_FAST,
    registry=REGISTRY,
)
REQUESTS = Histogram(
    "redress_request_seconds",
    "Time of a request",
    ["method", "route", "status"],
    buckets=_FAST,
    registry=REGISTRY,
)
CACHE = Counter("redress_cache", "Look-ups in memory", ["cache", "result"], registry=REGISTRY)
JOBS = Counter("redress_jobs", "Jobs carried out by Redress itself", ["type", "result"], registry=REGISTRY)
TIMERS = Counter("redress_timers", "Timers that were due", ["result"], registry=REGISTRY)
LATENESS = Histogram(
    "redress_timer_lateness_seconds",
    "How long after its instant a timer fired",
    buckets=_LATE,
    registry=REGISTRY,
)


def registry_with(*collectors: Collector) -> CollectorRegistry:
    """Return a registry of what all processes of this host counted, and of `collectors`."""
    if os.environ.get(FOLDER_VARIABLE):
        found = CollectorRegistry()
        multiprocess.MultiProcessCollector(found)  # type: ignore[no-untyped-call]
    else:
        found = CollectorRegistry()
        found.register(_Counted())
    for collector in collectors:
        found.register(collector)
    return found


class _Counted(Collector):
    """What this process alone has counted."""

    def collect(self):  # type: ignore[no-untyped-def]
        """Give the families of the registry."""
        return REGISTRY.collect()


def fresh_folder(below: Path, mark: str) -> Path:
    """Return an empty folder for the counts of one start of `redress serve`, and drop those of earlier ones.

    `mark` tells the host and the process: another host that shares the data folder keeps its own.
    """
    host = mark.rpartition("-")[0]
    for old in below.glob(f"{host}-*"):
        if old.is_dir() and not _alive(old.name.rpartition("-")[2]):
            for file in old.glob("*.db"):
                file.unlink(missing_ok=True)
            old.rmdir()
    folder = below / mark
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        file.unlink()
    return folder


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True
