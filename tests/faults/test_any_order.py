"""Starts, completions, jobs, timers, crashes at the commit, restarts and turns of the clock, in any order.

Each of them may be cut short before its commit or after it; then whoever asked repeats it under the same key.
`REDRESS_FAULT_ROUNDS` makes the search longer.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress, assemble
from engine.errors import StepFailed
from engine.jobs.outside import activate_jobs, complete_job
from engine.jobs.passes import run_until_quiet
from engine.people.acting import load_actor
from engine.runtime.commands import complete, start_instance
from engine.runtime.once import Once
from engine.store.tables.runtime import Instance, Task
from tests import world
from tests.faults import drawn
from tests.faults.invariants import problems
from tests.faults.load import Ledger
from tests.faults.scenarios import ROUNDS

BEFORE, AFTER = "before the commit", "after the commit"
FATES = st.sampled_from(["", "", BEFORE, AFTER])
TURNS = st.sampled_from([timedelta(seconds=2), timedelta(minutes=10), timedelta(days=3), timedelta(hours=-1)])
VALUES = st.integers(0, 99)
PLACES = st.integers(0, 20)


class Crash(BaseException):
    """The process ends here, as far as whoever asked can tell."""


@contextmanager
def fated(redress: Redress, fate: str) -> Iterator[None]:
    """Let the next commit be cut short before it, or after it."""
    dialect = redress.sessions.step_engine.dialect
    commit = dialect.do_commit

    def strike(connection: Any) -> None:
        dialect.do_commit = commit  # type: ignore[method-assign]
        if fate == AFTER:
            commit(connection)
        raise Crash

    if fate:
        dialect.do_commit = strike  # type: ignore[method-assign]
    try:
        yield
    finally:
        dialect.do_commit = commit  # type: ignore[method-assign]


class Machine(RuleBasedStateMachine):
    """Acts on a copy of `seed`, a prepared installation, and keeps what was acknowledged."""

    seed: Path

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="redress-any-order-"))
        shutil.copytree(self.seed, self.home / "var")
        self.ledger, self.keys = Ledger(), 0
        self.open()

    def open(self) -> None:
        self.redress = assemble(world.settings(self.home / "var"))
        self.rt = self.redress.runtime
        with self.redress.sessions.read() as session:
            self.who = load_actor(session, "admin")

    def tasks(self) -> list[tuple[str, str, str]]:
        query = select(Task.id, Task.instance_id, Task.element_id).where(Task.state == "open")
        with self.redress.sessions.read() as session:
            return [tuple(row) for row in session.execute(query.order_by(Task.id))]  # type: ignore[misc]

    def sure(self, fate: str, act: Callable[[Once], str]) -> str:
        self.keys += 1
        once = Once(f"k-{self.keys}", f"{self.keys:064d}")
        try:
            with fated(self.redress, fate):
                return act(once)
        except Crash:
            self.restart()
            return act(once)

    @rule(fate=FATES)
    def start(self, fate: str) -> None:
        name = f"n-{self.keys}"
        self.ledger.asked.add(name)
        self.ledger.started[name] = self.sure(
            fate,
            lambda once: start_instance(self.rt, self.who, drawn.WORK, business_key=name, idempotency=once),
        )

    @precondition(lambda self: self.tasks())
    @rule(at=PLACES, value=VALUES, fate=FATES)
    def complete(self, at: int, value: int, fate: str) -> None:
        tasks = self.tasks()
        task, instance, _ = tasks[at % len(tasks)]
        given = {"value": value}
        self.sure(fate, lambda once: complete(self.rt, self.who, task, given, idempotency=once))
        self.ledger.completed[task] = instance, value

    @precondition(lambda self: any(element == "first" for *_, element in self.tasks()))
    @rule(at=PLACES)
    def spoil(self, at: int) -> None:
        tasks = [task for task, _, element in self.tasks() if element == "first"]
        with pytest.raises(StepFailed):
            complete(self.rt, self.who, tasks[at % len(tasks)], {"value": drawn.SPOILT})

    @rule(fate=FATES)
    def work(self, fate: str) -> None:
        try:
            with fated(self.redress, fate):
                run_until_quiet(self.rt)
        except Crash:
            self.restart()

    @rule(fate=FATES)
    def deliver(self, fate: str) -> None:
        jobs = activate_jobs(self.rt, drawn.OUTSIDE, most=3, timeout_s=1, worker="sink")
        for job in jobs:
            self.ledger.delivered[job["id"]] += 1
            self.sure(
                fate,
                lambda once, job=job: (  # type: ignore[misc]
                    complete_job(self.rt, self.who, job["id"], {}, worker="sink", idempotency=once) or "done"
                ),
            )
            self.ledger.ended_jobs.add(job["id"])

    @rule(turn=TURNS)
    def turn_clock(self, turn: timedelta) -> None:
        clock.advance(turn)

    @rule()
    def restart(self) -> None:
        self.redress.close()
        self.open()

    @invariant()
    def everything_holds(self) -> None:
        assert problems(self.redress, self.ledger) == []

    def teardown(self) -> None:
        try:
            while self.active():
                clock.advance(timedelta(hours=2))
                self.work("")
                self.deliver("")
                if self.tasks():
                    self.complete(0, 1, "")
            assert problems(self.redress, self.ledger, settled=True) == []
        finally:
            self.redress.close()
            shutil.rmtree(self.home)

    def active(self) -> bool:
        query = select(Instance.id).where(Instance.process_id == drawn.WORK, Instance.state == "active")
        with self.redress.sessions.read() as session:
            return session.scalars(query.limit(1)).first() is not None


def test_any_order_of_acts_crashes_restarts_and_times_leaves_everything_whole(sqlite_prepared: Path) -> None:
    run_state_machine_as_test(
        type("Seeded", (Machine,), {"seed": sqlite_prepared}),
        settings=settings(
            max_examples=4 * ROUNDS,
            stateful_step_count=20,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
