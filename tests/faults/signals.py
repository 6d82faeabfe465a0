"""A signal that is told to very many, in parts, by a worker that is killed in the middle of them."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from unittest import mock

from sqlalchemy import func, select

from engine.assembly import Redress, assemble
from engine.jobs.passes import run_until_quiet
from engine.people.actor import SYSTEM
from engine.runtime.commands import broadcast, start_instance
from engine.runtime.deploy import deploy
from engine.runtime.outbox import SIGNAL_JOB, SIGNAL_TO_JOB
from engine.store.tables.audit import History
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Task
from tests.faults.forked import FORKS, READY_S
from tests.faults.invariants import problems
from tests.faults.mutants import MUTANTS
from tests.faults.scenarios import ROUNDS, report
from tests.runtime.spiff import drawing as d
from tests.world import settings

SPREADING = importlib.import_module("engine.runtime.commands.correlate")
RECEIVERS, PART = 40 * min(ROUNDS, 3), 9
KILLS = min(3 * ROUNDS, 30)
PROCESS = d.definitions(
    d.SIGNAL,
    d.process(
        d.START
        + d.END
        + d.element("userTask", "wait")
        + d.boundary(d.ON_SIGNAL, "wait", interrupting=False, name="news")
        + d.element("userTask", "heard")
        + "s->wait;wait->e;news->heard;heard->e;",
        "hearer",
    ),
)


def _work(folder: Path, url: str | None, mutant: str | None) -> None:
    """Work off what is due, until killed; a signal goes in small parts."""
    if mutant:
        MUTANTS[mutant]()
    with small_parts(), closing(assemble(settings(folder, url))) as redress:
        while True:
            run_until_quiet(redress.runtime)
            time.sleep(0.02)


def _left(redress: Redress) -> int:
    """How many jobs of the signal are not done."""
    query = select(func.count()).select_from(Job).where(Job.type.in_((SIGNAL_JOB, SIGNAL_TO_JOB)))
    with redress.sessions.read() as session:
        return session.scalar(query.where(Job.state == "ready")) or 0


def _done(redress: Redress) -> int:
    with redress.sessions.read() as session:
        return session.scalar(select(func.count()).where(Job.type == SIGNAL_TO_JOB, Job.state == "done")) or 0


def _killed(redress: Redress, url: str | None, mutant: str | None = None) -> int:
    """Kill the worker whenever it has told a few more; return how often, once nothing is left to tell."""
    kills = 0
    while _left(redress):
        before, since = _done(redress), time.monotonic()
        worker = FORKS.Process(target=_work, args=(redress.config.data_dir, url, mutant), daemon=True)
        worker.start()
        goal = before + RECEIVERS // (KILLS + 1) if kills < KILLS else RECEIVERS + 1
        while _left(redress) and _done(redress) < goal and time.monotonic() < since + READY_S:
            time.sleep(0.002)
        worker.kill()
        worker.join()
        kills += 1
    return kills


@contextmanager
def small_parts() -> Iterator[None]:
    """Let a signal go in parts that are as small as the receivers are few."""
    with mock.patch.multiple(SPREADING, SPREAD_AT_ONCE=PART, TOLD_AT_ONCE=PART):
        yield


def told_while_killed(redress: Redress, url: str | None, mutant: str | None = None) -> list[str]:
    """Tell a signal to very many, killing the worker again and again; return what does not hold."""
    deploy(redress.runtime, SYSTEM, {"hearer.bpmn": PROCESS}, family="hearers")
    hearers = sorted(start_instance(redress.runtime, SYSTEM, "hearer") for _ in range(RECEIVERS))
    with small_parts():
        assert broadcast(redress.runtime, SYSTEM, "G").pending
    kills = _killed(redress, url, mutant)
    with redress.sessions.read() as session:
        caught = session.scalars(select(History.stream).where(History.kind == "signal.caught")).all()
        heard = session.scalars(select(Task.instance_id).where(Task.element_id == "heard")).all()
        parts = session.scalar(select(func.count()).where(Job.type == SIGNAL_JOB))
    report(f"a signal to {RECEIVERS} in {parts} further parts: {kills} kills")
    found = problems(redress)
    if (sorted(caught), sorted(heard)) != (hearers, hearers):
        found.append(f"of {RECEIVERS} receivers {len(set(caught))} caught the signal, {len(caught)} times")
    if parts != RECEIVERS // PART:
        found.append(f"the signal went in {parts} further parts, not {RECEIVERS // PART}")
    return found
