"""Our engine by its own verbs: every completion a durable transaction with full history."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import event, select

from engine.assembly import Redress, assemble
from engine.cli.serving import initialise
from engine.people.accounts import load_actor
from engine.people.actor import SYSTEM, Actor
from engine.people.demo import add_demo_people
from engine.runtime.commands import complete, start_instance
from engine.runtime.deploy import deploy
from engine.store.tables.runtime import Task
from tests.bench.models import TASKS, VARIABLES, bench_process
from tests.world import settings


class Ours:
    """An installation on one database with the bench process deployed."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        initialise(settings(folder, url)).close()
        self.redress: Redress = assemble(settings(folder, url))
        runtime = self.redress.runtime
        with runtime.sessions.step() as session:
            add_demo_people(session)
        deploy(runtime, SYSTEM, {"bench.bpmn": bench_process(zeebe=True)}, family="bench")
        with runtime.sessions.read() as session:
            self.actor: Actor = load_actor(session, "handler")

    def completions_a_second(self, instances: int) -> float:
        """Start the instances first, then complete their tasks; only the completions are timed."""
        runtime = self.redress.runtime
        keys = [start_instance(runtime, self.actor, "bench", VARIABLES) for _ in range(instances)]
        taken = 0.0
        for key in keys:
            for _ in range(TASKS):
                task = self._open_task(key)
                began = time.perf_counter()
                complete(runtime, self.actor, task, {})
                taken += time.perf_counter() - began
        return instances * TASKS / taken

    def starts_a_second(self, instances: int) -> float:
        """Start instances one after another."""
        began = time.perf_counter()
        for _ in range(instances):
            start_instance(self.redress.runtime, self.actor, "bench", VARIABLES)
        return instances / (time.perf_counter() - began)

    def statements_of_a_completion(self) -> tuple[int, int]:
        """Return how many SQL statements and commits one completion takes."""
        statements: list[str] = []
        commits: list[int] = []
        engine = self.redress.sessions.step_engine
        key = start_instance(self.redress.runtime, self.actor, "bench", VARIABLES)
        task = self._open_task(key)

        def counted(_c: object, _k: object, statement: str, *_: object) -> None:
            if not statement.startswith("BEGIN"):
                statements.append(statement)

        def committed(_connection: object) -> None:
            commits.append(1)

        event.listen(engine, "before_cursor_execute", counted)
        event.listen(engine, "commit", committed)
        complete(self.redress.runtime, self.actor, task, {})
        event.remove(engine, "before_cursor_execute", counted)
        event.remove(engine, "commit", committed)
        return len(statements), len(commits)

    def _open_task(self, instance_id: str) -> str:
        with self.redress.sessions.read() as session:
            return session.scalars(
                select(Task.id).where(Task.instance_id == instance_id, Task.state == "open")
            ).one()

    def close(self) -> None:
        """Close the database."""
        self.redress.close()
