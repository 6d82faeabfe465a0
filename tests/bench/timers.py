"""Timers: how many fire a second when 10,000 are due at once, how late they are then, and when idle."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from engine import clock
from engine.people.actor import SYSTEM
from engine.runtime.commands import start_instance
from engine.runtime.deploy import deploy
from engine.store.tables.audit import History
from engine.store.tables.runtime import Timer
from tests.bench.figures import Figure
from tests.bench.models import waiting_process
from tests.bench.ours import Ours

AT_ONCE = 10_000
IDLE = 60
IDLE_OVER_S = 15
PATIENCE_S = 180


def burst_figures(ours: Ours, folder: Path, url: str | None, name: str) -> list[Figure]:
    """Return timers fired a second by one worker, and lateness, when all are due at the same moment."""
    deploy(ours.redress.runtime, SYSTEM, {"wait.bpmn": waiting_process()}, family="bench-wait")
    far = clock.now() + timedelta(days=1)
    started = [start_instance(ours.redress.runtime, ours.actor, "wait", {"due": far}) for _ in range(AT_ONCE)]
    due = clock.now()
    with ours.redress.sessions.step() as session:
        session.execute(update(Timer).values(due_at=due, run_at=due))
    with _Worker(folder, url):
        _await_none(ours)
    found = _lateness(ours, dict.fromkeys(started, due))
    taken = max(found) - min(found)  # the worker's own start is not in it
    return [
        Figure(f"timers fired a second, one worker, {name}", round(AT_ONCE / taken, 1), "1/s"),
        Figure(f"lateness p99, 10,000 due at once, {name}", round(_p99(found), 2), "s"),
    ]


def idle_figures(ours: Ours, folder: Path, url: str | None, name: str) -> list[Figure]:
    """Return how late timers fire that come due one after the other while nothing else is at work."""
    with _Worker(folder, url):
        time.sleep(4)  # the worker is up by then
        dues = [clock.now() + timedelta(seconds=2 + IDLE_OVER_S * number / IDLE) for number in range(IDLE)]
        armed = {start_instance(ours.redress.runtime, ours.actor, "wait", {"due": due}): due for due in dues}
        _await_none(ours)
    found = _lateness(ours, armed)
    p99, median = _p99(found), statistics.median(found)
    name = f"lateness p99 when idle (baseline: median), {name}"
    return [Figure(name, round(p99, 3), "s", round(median, 3), None, "under 1 s", p99 < 1)]


class _Worker:
    """A worker process, as `redress work` starts it."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self._environ = os.environ | {"REDRESS_ENV": "test", "REDRESS_DATA_DIR": str(folder)}
        if url:
            self._environ["REDRESS_DATABASE_URL"] = url

    def __enter__(self) -> None:
        command = [sys.executable, "-m", "engine", "work"]
        self._process = subprocess.Popen(command, env=self._environ, stderr=subprocess.DEVNULL)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)


def _await_none(ours: Ours) -> None:
    """Wait until no timer is left."""
    limit = time.monotonic() + PATIENCE_S
    while time.monotonic() < limit:
        with ours.redress.sessions.read() as session:
            if not session.scalar(select(func.count()).select_from(Timer)):
                return
        time.sleep(0.2)
    raise RuntimeError(f"timers were left after {PATIENCE_S} s")


def _lateness(ours: Ours, due: dict[str, datetime]) -> list[float]:
    """Return by how many seconds the timer of each instance fired after it was due."""
    found = []
    keys = list(due)
    with ours.redress.sessions.read() as session:
        for start in range(0, len(keys), 500):
            query = select(History.stream, History.at).where(
                History.kind == "timer.fired", History.stream.in_(keys[start : start + 500])
            )
            found += [(row.at - due[row.stream]).total_seconds() for row in session.execute(query)]
    if len(found) != len(due):
        raise RuntimeError(f"{len(found)} of {len(due)} timers fired")
    return found


def _p99(values: list[float]) -> float:
    return sorted(values)[int(0.99 * (len(values) - 1))]
