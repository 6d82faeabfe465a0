"""Runs a scenario that begins with a process of its own, such as the training plan of a year."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from engine import clock
from engine.runtime.commands import start_instance
from engine.store.tables.audit import History
from engine.store.tables.runtime import Instance, Task
from tests.processes.file_scenario import FileScenario
from tests.world import actor


class ProcessScenario(FileScenario):
    """`[start]` says `process`: which one, with its variables. Its tasks and those of complaints are open."""

    def _start(self) -> None:
        self.given = []
        clock.set_to(self.plan["at"])
        start = dict(self.plan["start"])  # variables: an instant stays one
        who, process = actor(self.redress, start.pop("by")), start.pop("process")
        self.instance_id = start_instance(self.redress.runtime, who, process, start)

    def _open(self) -> list[Task]:
        with self.redress.sessions.read() as session:
            ours = or_(Task.instance_id == self.instance_id, Task.complaint_no.is_not(None))
            return list(session.scalars(select(Task).where(Task.state == "open", ours).order_by(Task.id)))

    def _facts(self, then: dict[str, Any]) -> dict[str, Any]:
        return {}

    def _history(self) -> list[History]:
        with self.redress.sessions.read() as session:
            cases = select(Instance.id).where(Instance.business_key.is_not(None))
            ours = or_(History.stream == self.instance_id, History.stream.in_(cases))
            query = select(History).where(ours)
            return list(session.scalars(query.order_by(History.stream, History.seq)))
