"""The workflow of one instance, as the transaction that runs a step sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.errors import Conflict
from engine.runtime.spiff.changes import Changes, Wait, WaitKind
from engine.runtime.spiff.expressions import parse_formula
from engine.runtime.spiff.moving import Ahead, Jump, plan_move
from engine.runtime.spiff.scopes import Scope
from engine.runtime.spiff.state import dump
from engine.runtime.spiff.throwing import throw_error
from engine.runtime.spiff.tokens import Token

if TYPE_CHECKING:
    from engine.runtime.spiff.specs.catching import Catching
    from engine.runtime.spiff.surroundings import Surroundings
    from engine.runtime.spiff.tree import ProcessTree


class Workflow:
    """Acts change the workflow in memory; `advance` then runs it to its next waits.

    After any exception the object must be dropped: it may have done half a step.
    """

    def __init__(self, tree: ProcessTree) -> None:
        self._tree = tree

    @property
    def surroundings(self) -> Surroundings:
        """What the running step may ask of the world."""
        return self._tree.surroundings

    @surroundings.setter
    def surroundings(self, surroundings: Surroundings) -> None:
        self._tree.surroundings = surroundings

    @property
    def process_id(self) -> str:
        """The id of the instance's own process."""
        return self._tree.spec.process_id

    @property
    def other_bundles(self) -> list[str]:
        """The ids of bundles of other families on which the instance runs too, as they were called."""
        return list(self._tree.others)

    def called_of(self, bundle_id: str) -> list[str]:
        """Return the processes of a bundle of another family that run in the instance now."""
        levels = self._tree.subprocesses.values()
        return sorted(
            {each.spec.process_id for each in levels if each.bundle_id == bundle_id and not each.completed}
        )

    @property
    def is_completed(self) -> bool:
        """Whether the instance has come to its end, by completion or cancellation."""
        return self._tree.completed

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the root scope."""
        return dict(self._tree.root_scope.values_here)

    def scope(self, token: int) -> Scope:
        """Return the scope that a waiting token reads and writes. Raises Conflict when it is not waiting."""
        return self._waiting(token, None).scope

    @property
    def root_scope(self) -> Scope:
        """The scope of the instance."""
        return self._tree.root_scope

    def advance(self) -> None:
        """Run to the next waits. Timers that are past when armed fire; others wait for `fire_timer`.

        Raises StepFailed when an expression, an uncaught error or a circle without a wait stops it.
        """
        self._tree.drain()

    def take_changes(self) -> Changes:
        """Return what changed since the last call."""
        return self._tree.recorder.take()

    def waits(self) -> list[Wait]:
        """Return all open waits, by token."""
        return [token.task_spec.wait_of(token) for _, token in sorted(self._tree.waits.items())]

    def is_waiting(self, token: int, kind: WaitKind) -> bool:
        """Return whether the token waits for this kind of thing."""
        task = self._tree.waits.get(token)
        return task is not None and task.internal_data["wait"]["kind"] == kind

    def complete_user_task(self, token: int, variables: Mapping[str, Any] | None = None) -> None:
        """Complete a user task. Raises Conflict when the token is not waiting for a person."""
        task = self._waiting(token, "user")
        task.result = dict(variables or {})
        task.run()

    def complete_job(self, token: int, variables: Mapping[str, Any] | None = None) -> None:
        """Complete a job. Raises Conflict when the token is not waiting for one."""
        task = self._waiting(token, "job")
        task.result = dict(variables or {})
        task.complete()

    def throw_error(
        self, token: int, code: str, message: str = "", variables: Mapping[str, Any] | None = None
    ) -> None:
        """Throw a BPMN error where a token waits. Raises StepFailed when nothing catches it."""
        throw_error(self._waiting(token, None), code, message, variables)

    def fire_timer(self, token: int) -> None:
        """Let a timer fire. Raises Conflict when the token is not waiting for one."""
        _catching(self._waiting(token, "timer")).fire(self._waiting(token, "timer"))

    def reschedule_timer(self, token: int, due_at: datetime) -> None:
        """Give a waiting timer another instant (aware); who keeps rows of waits changes the timer's."""
        self._waiting(token, "timer").internal_data["wait"]["due_at"] = due_at

    def deliver_message(self, token: int, variables: Mapping[str, Any] | None = None) -> None:
        """Give a message to the token that waits for it. Raises Conflict when it does not."""
        task = self._waiting(token, "message")
        _catching(task).fire(task, variables)

    def broadcast_signal(self, name: str, variables: Mapping[str, Any] | None = None) -> int:
        """Tell a signal to every token that waits for it; return how many did."""
        listening = [
            token
            for token in self._tree.waits.values()
            if token.internal_data["wait"]["kind"] == "signal"
            and token.internal_data["wait"].get("signal_name") == name
        ]
        for token in listening:
            _catching(token).fire(token, variables)
        return len(listening)

    def plan_move(self, token: int, element_id: str, *, leave: bool = False) -> tuple[Jump, Ahead]:
        """Return a move of a waiting token to another element, and the milestones that may follow it there.

        Raises Conflict when the token is not waiting, or a rule of `engine.runtime.spiff.moving` forbids it.
        """
        jump = plan_move(self._waiting(token, None), element_id, leave=leave)
        return jump, jump.ahead(self._tree)

    def move(self, token: int, element_id: str, *, leave: bool = False) -> None:
        """Take a waiting token away and set it on another element. Raises as `plan_move`."""
        self.make_move(self.plan_move(token, element_id, leave=leave)[0])

    def make_move(self, jump: Jump, reason: str = "") -> None:
        """Carry out a planned move; what follows runs with the next `advance`."""
        jump.make(self._tree, reason)

    def evaluate(self, text: str, token: int | None = None) -> Any:
        """Evaluate a text as drawn (`=` means FEEL) in the scope of a waiting token, or of the instance."""
        scope = self._tree.root_scope if token is None else self.scope(token)
        formula = parse_formula(text)
        return self._tree.evaluate_in(scope, formula, "the expression", "", self.process_id)

    def cancel(self, reason: str = "") -> None:
        """Cancel the whole instance."""
        with self._tree.cancelling("cancelled"):
            self._tree.cancel()
        spec = self._tree.spec
        data = {"reason": reason}
        self._tree.recorder.event(
            "process.cancelled", self._tree.task_tree.id, spec.process_id, spec.process_id, data
        )

    def dump(self) -> bytes:
        """Return the state: JSON with the number of its format inside."""
        return dump(self._tree)

    def _waiting(self, token: int, kind: WaitKind | None) -> Token:
        task = self._tree.waits.get(token)
        if task is None or (kind is not None and task.internal_data["wait"]["kind"] != kind):
            what = f"for a {kind}" if kind else "for anything"
            raise Conflict(
                f"token {token} is not waiting {what}: it may have been completed or interrupted meanwhile"
            )
        return task


def _catching(token: Token) -> Catching:
    spec: Catching = token.task_spec  # type: ignore[assignment]
    return spec
