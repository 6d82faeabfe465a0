"""Surroundings held in memory, and an instance that a test drives, restored as often as the test asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import clock
from engine.models.properties import ElementProperties
from engine.runtime.spiff import Changes, CompiledBundle, Scope, Wait, Workflow, compile_processes
from tests.runtime.spiff.drawing import roots


@dataclass
class World:
    """What a step may ask of: facts, decisions, functions; and what it told."""

    case: dict[str, Any] = field(default_factory=dict)
    decisions: dict[str, Callable[[Mapping[str, Any]], Any]] = field(default_factory=dict)
    functions: dict[str, Callable[..., Any]] = field(default_factory=lambda: {"now": clock.now})
    others: dict[str, CompiledBundle] = field(default_factory=dict)
    seen_in: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def facts(self) -> Mapping[str, Any]:
        return {"case": self.case}

    def decide(self, decision_id: str, scope: Mapping[str, Any], process_id: str) -> Any:
        return self.decisions[decision_id](scope)

    def find_called(self, process_id: str, tag: str = "") -> tuple[str, CompiledBundle] | None:
        return next(((key, each) for key, each in self.others.items() if each.declares(process_id)), None)

    def find_bundle(self, bundle_id: str) -> CompiledBundle:
        return self.others[bundle_id]

    def entered(self, element: ElementProperties, process_id: str, token: int, scope: Scope) -> None:
        self.seen_in.append(element.element_id)

    def completed(self, element: ElementProperties, process_id: str, token: int, scope: Scope) -> None:
        self.done.append(element.element_id)


class Instance:
    """A workflow under test.

    With `restored`, it is written and read on freshly compiled processes around each act.
    """

    def __init__(self, files: Mapping[str, Any], process_id: str, world: World, restored: bool) -> None:
        self.files, self.world, self.restored = files, world, restored
        self.bundle: CompiledBundle = compile_processes(files)
        self.events: list[Any] = []
        self.changes = Changes([], [], [])
        self.workflow: Workflow
        self.process_id = process_id

    def begin(self, variables: Mapping[str, Any]) -> Instance:
        self.workflow = self.bundle.start(self.process_id, self.world, variables)
        return self.go()

    def go(self) -> Instance:
        self.workflow.advance()
        self.changes = self.workflow.take_changes()
        self.events += self.changes.events
        if self.restored:
            state = self.workflow.dump()
            self.bundle = compile_processes(self.files)
            before = self.workflow.waits()
            self.workflow = self.bundle.restore(state, self.world)
            assert self.workflow.waits() == before
            assert self.workflow.dump() == state
        return self

    @property
    def open(self) -> list[str]:
        """The elements at which people are waited for, sorted."""
        return sorted(wait.element.element_id for wait in self.workflow.waits() if wait.kind == "user")

    @property
    def done(self) -> bool:
        return self.workflow.is_completed

    @property
    def variables(self) -> dict[str, Any]:
        return self.workflow.variables

    def kinds(self, *kinds: str) -> list[tuple[str, str]]:
        """The events of these kinds so far, as (kind, element)."""
        return [(event.kind, event.element_id) for event in self.events if event.kind in kinds]

    def wait(self, element_id: str, kind: str = "") -> Wait:
        found = [
            w for w in self.workflow.waits() if w.element.element_id == element_id and kind in ("", w.kind)
        ]
        assert found, f"nothing waits at {element_id}; open: {self.workflow.waits()}"
        return found[0]

    def complete(self, element_id: str, **variables: Any) -> Instance:
        self.workflow.complete_user_task(self.wait(element_id, "user").token, variables)
        return self.go()

    def job(self, element_id: str, **variables: Any) -> Instance:
        self.workflow.complete_job(self.wait(element_id, "job").token, variables)
        return self.go()

    def timer(self, element_id: str) -> Instance:
        self.workflow.fire_timer(self.wait(element_id, "timer").token)
        return self.go()

    def message(self, element_id: str, **variables: Any) -> Instance:
        self.workflow.deliver_message(self.wait(element_id, "message").token, variables)
        return self.go()

    def signal(self, name: str = "G", **variables: Any) -> Instance:
        self.workflow.broadcast_signal(name, variables)
        return self.go()

    def error(self, element_id: str, code: str) -> Instance:
        self.workflow.throw_error(self.wait(element_id).token, code)
        return self.go()


def run(
    *parts: str, process_id: str = "p", world: World | None = None, restored: bool = False, **variables: Any
) -> Instance:
    """Start an instance of the drawn process and run it to its first waits."""
    return Instance(roots(*parts), process_id, world or World(), restored).begin({"key": "K", **variables})
