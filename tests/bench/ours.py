"""Our engine by its own verbs: every completion a durable transaction with full history."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import select

from engine import clock
from engine.assembly import Redress, assemble
from engine.cli.serving import initialise
from engine.people.acting import load_actor
from engine.people.actor import SYSTEM, Actor
from engine.people.demo import add_demo_people
from engine.runtime.bundles import latest_bundle
from engine.runtime.commands import complete, start_instance
from engine.runtime.deploy import deploy
from engine.store.tables.runtime import Task
from tests.bench.models import TASKS, VARIABLES, bench_process
from tests.statements import statements
from tests.world import settings


def open_task(redress: Redress, instance_id: str) -> str:
    """Return the oldest open task of an instance."""
    with redress.sessions.read() as session:
        query = select(Task.id).where(Task.instance_id == instance_id, Task.state == "open")
        return session.scalars(query.order_by(Task.id).limit(1)).one()


class Ours:
    """An installation on one database with the bench process deployed."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        initialise(settings(folder, url)).close()
        self.redress: Redress = assemble(settings(folder, url))
        clock.use_file(
            None, settable=False
        )  # as in production, where nobody sets it and no file is looked at
        runtime = self.redress.runtime
        with runtime.sessions.read() as session:
            is_new = latest_bundle(session, "bench") is None
        if is_new:
            with runtime.sessions.step() as session:
                add_demo_people(session)
            deploy(runtime, SYSTEM, {"bench.bpmn": bench_process(zeebe=True)}, family="bench")
        with runtime.sessions.read() as session:
            self.actor: Actor = load_actor(session, "handler")

    def completions_a_second(self, instances: int) -> float:
        """Start the instances first, then complete their tasks; only the completions are timed."""
        runtime = self.redress.runtime
        keys = [start_instance(runtime, self.actor, "bench", VARIABLES) for _ in range(instances)]
        return instances * TASKS / sum(sum(self.complete_some(key, TASKS)) for key in keys)

    def complete_some(self, instance_id: str, count: int) -> list[float]:
        """Complete one open task of an instance after the other; return the seconds of each."""
        times = []
        for _ in range(count):
            task = open_task(self.redress, instance_id)
            began = time.perf_counter()
            complete(self.redress.runtime, self.actor, task, {})
            times.append(time.perf_counter() - began)
        return times

    def starts_a_second(self, instances: int) -> float:
        """Start instances one after another."""
        began = time.perf_counter()
        for _ in range(instances):
            start_instance(self.redress.runtime, self.actor, "bench", VARIABLES)
        return instances / (time.perf_counter() - began)

    def statements_of_a_completion(self) -> tuple[int, int]:
        """Return how many SQL statements and commits a completion takes: the most of one instance's."""
        key = start_instance(self.redress.runtime, self.actor, "bench", VARIABLES)
        counted = []
        for _ in range(TASKS):
            task = open_task(self.redress, key)
            with statements(self.redress.sessions) as seen:
                complete(self.redress.runtime, self.actor, task, {})
            commits = [sql for sql in seen if sql == "COMMIT"]
            others = [sql for sql in seen if not sql.startswith(("BEGIN", "COMMIT"))]
            counted.append((len(others), len(commits)))
        return max(counted)

    def close(self) -> None:
        """Close the database."""
        self.redress.close()
