"""Timers and jobs: how many a second when 10,000 are due at once, how late they are then and when idle, and
how long people's steps take meanwhile.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, select, update

from engine import clock
from engine.people.actor import SYSTEM
from engine.runtime.commands import start_instance
from engine.runtime.deploy import deploy
from engine.store.tables.audit import History
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Timer
from tests.bench.figures import Figure, size
from tests.bench.meanwhile import prepared_steps, step_figures, working_on
from tests.bench.models import serving_process, waiting_process
from tests.bench.ours import Ours

AT_ONCE = size("AT_ONCE", 10_000)
JOBS = size("JOBS", AT_ONCE // 4)
IDLE = 60
IDLE_OVER_S = 15
PATIENCE_S = 120
"""How long to wait while nothing more is done."""
WAITING = ("wait", "single")
LAST = timedelta(milliseconds=1)


def burst_figures(ours: Ours, folder: Path, url: str | None, name: str) -> list[Figure]:
    """Return timers fired a second by one worker, and lateness, when all are due at the same moment; beside
    them the lateness of the only timer of another process, due last, and the times of people's steps.
    """
    runtime = ours.redress.runtime
    for process_id in WAITING:
        files = {f"{process_id}.bpmn": waiting_process(process_id)}
        deploy(runtime, SYSTEM, files, family=f"bench-{process_id}")
    far = {"due": clock.now() + timedelta(days=1)}
    started = [start_instance(runtime, ours.actor, "wait", far) for _ in range(AT_ONCE)]
    single = start_instance(runtime, ours.actor, "single", far)
    prepared = prepared_steps(ours)
    due = clock.now()
    with ours.redress.sessions.step() as session:
        ours_only = update(Timer).where(Timer.process_id.in_(WAITING))
        session.execute(ours_only.values(due_at=due, run_at=due))
        last = update(Timer).where(Timer.process_id == "single")
        session.execute(last.values(due_at=due + LAST, run_at=due + LAST))
    with _Worker(folder, url), working_on(prepared) as steps:
        _await_none(ours)
    found = _lateness(ours, dict.fromkeys(started, due))
    (alone,) = _lateness(ours, {single: due + LAST})
    start_s = min(found)  # the worker's own start is not in the speed
    taken = max(found) - start_s
    return [
        Figure(f"timers fired a second, one worker, {name}", round(AT_ONCE / taken, 1), "1/s"),
        Figure(f"lateness p99, {AT_ONCE:,} due at once, {name}", round(_p99(found), 2), "s"),
        Figure(f"the same of another process's only timer, {name}", round(alone, 2), "s", round(start_s, 2)),
        *step_figures(steps, f"while {AT_ONCE:,} timers fire, {name}"),
    ]


def job_figures(ours: Ours, folder: Path, url: str | None, name: str) -> list[Figure]:
    """Return jobs done a second by one worker, thousands being ready at once, and people's steps."""
    runtime = ours.redress.runtime
    deploy(runtime, SYSTEM, {"serve.bpmn": serving_process()}, family="bench-serve")
    for _ in range(JOBS):
        start_instance(runtime, ours.actor, "serve", {})
    prepared, ready = prepared_steps(ours), clock.now()
    notices = select(Job.ended_at).where(Job.type == "notify")
    with _Worker(folder, url), working_on(prepared) as steps:
        _await_empty(ours, notices.where(Job.state == "ready"))
    with ours.redress.sessions.read() as session:
        ends = session.scalars(notices.where(Job.state == "done")).all()
    late = [(end - ready).total_seconds() for end in ends if end is not None]
    if len(late) != JOBS:
        raise RuntimeError(f"{len(late)} of {JOBS} jobs were done")
    return [
        Figure(f"jobs done a second, one worker, {name}", round(JOBS / (max(late) - min(late)), 1), "1/s"),
        Figure(f"lateness p99, {JOBS:,} jobs at once, {name}", round(_p99(late), 2), "s"),
        *step_figures(steps, f"while {JOBS:,} jobs are done, {name}"),
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
    """Wait until none of the timers that we armed is left."""
    _await_empty(ours, select(Timer.id).where(Timer.process_id.in_(WAITING)))


def _await_empty(ours: Ours, query: Select[Any]) -> None:
    """Wait until nothing is found. Raises RuntimeError where for long it does not become less."""
    counted = select(func.count()).select_from(query.subquery())
    left, limit = None, time.monotonic() + PATIENCE_S
    while left != 0:
        time.sleep(0.2)
        with ours.redress.sessions.read() as session:
            found = session.execute(counted).scalar_one()
        if left is None or found < left:
            left, limit = found, time.monotonic() + PATIENCE_S
        elif time.monotonic() > limit:
            raise RuntimeError(f"{left} were left, and for {PATIENCE_S} s no fewer")


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
