"""Tasks: for people, for jobs, for decisions, for a FEEL expression, and those that do nothing themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.errors import StepFailed
from engine.runtime.spiff.changes import DEFAULT_PRIORITY
from engine.runtime.spiff.expressions import Formula
from engine.runtime.spiff.library import BpmnSpecMixin, defaults
from engine.runtime.spiff.scopes import View
from engine.runtime.spiff.specs.node import Node
from engine.runtime.spiff.timers import parse_instant
from engine.runtime.spiff.tokens import Token
from engine.runtime.spiff.values import whole_number

MOST = 1_000_000
"""No priority or number of retries lies beyond."""


class PassThrough(Node, defaults.NoneTask):  # type: ignore[misc]
    """An undefined or manual task: the engine has nothing to do there and goes on, as Camunda 8 does."""

    def __init__(self, wf_spec: Any, name: str) -> None:
        super().__init__(wf_spec, name)
        self.manual = False


class UserTask(Node, defaults.UserTask):  # type: ignore[misc]
    """A task that a person completes. Who, by when and with which form is evaluated on entry."""

    formulas: Mapping[str, Formula]

    def _on_ready_hook(self, token: Token) -> None:
        self.wait(token, **self.wait_values(token))

    def wait_values(self, token: Token) -> dict[str, Any]:
        """Evaluate who, by when and with which form."""
        return {
            "kind": "user",
            "assignee": self._text(token, "assignee"),
            "candidate_groups": self._names(token, "candidate_groups"),
            "candidate_users": self._names(token, "candidate_users"),
            "due_date": self._instant(token, "due_date"),
            "follow_up_date": self._instant(token, "follow_up_date"),
            "priority": self._priority(token),
            "form_id": self._text(token, "form_id"),
        }

    def _value(self, token: Token, field: str) -> Any:
        formula = self.formulas.get(field)
        return None if formula is None else token.workflow.top_workflow.evaluate(token, formula, field)

    def _text(self, token: Token, field: str) -> str:
        value = self._value(token, field)
        return "" if value is None else str(value)

    def _names(self, token: Token, field: str) -> tuple[str, ...]:
        value = self._value(token, field)
        if value is None:
            return ()
        if not isinstance(value, str | list | tuple):
            raise self._wrong(field, ValueError(f"{value!r} is neither a text nor a list"))
        items = value.split(",") if isinstance(value, str) else value
        return tuple(text for item in items if item is not None and (text := str(item).strip()))

    def _instant(self, token: Token, field: str) -> datetime | None:
        value = self._value(token, field)
        if value is None or value == "":
            return None
        try:
            return parse_instant(value, token.workflow.top_workflow.bundle.zone)
        except ValueError as error:
            raise self._wrong(field, error) from error

    def _priority(self, token: Token) -> int:
        value = self._value(token, "priority")
        try:
            return DEFAULT_PRIORITY if value is None else whole_number(value, -MOST, MOST)
        except ValueError as error:
            raise self._wrong("priority", error) from error

    def _wrong(self, field: str, error: Exception) -> StepFailed:
        message = f"{field} of {self.element_id!r}: {error}"
        return StepFailed(message, element_id=self.element_id, process_id=self.process_id)


class JobTask(Node, defaults.ServiceTask):  # type: ignore[misc]
    """Work done outside the step: a service or send task, a message thrown by a job. Waits as `job`."""

    job_type: Formula
    retries: Formula

    def _run_hook(self, token: Token) -> None:
        tree = token.workflow.top_workflow
        self.wait(
            token,
            kind="job",
            job_type=str(tree.evaluate(token, self.job_type, "the job type")),
            job_retries=self._retries(token),
        )

    def _retries(self, token: Token) -> int:
        value = token.workflow.top_workflow.evaluate(token, self.retries, "the number of retries")
        try:
            return whole_number(value, -MOST, MOST)
        except ValueError as error:
            message = f"retries of {self.element_id!r}: {error}"
            raise StepFailed(message, element_id=self.element_id, process_id=self.process_id) from error


class DecisionTask(Node, BpmnSpecMixin):  # type: ignore[misc]
    """A business rule task: evaluates a decision within the step and keeps its result.

    The surroundings tell history what was decided and why.
    """

    decision: Formula
    result: str

    def _run_hook(self, token: Token) -> bool:
        tree = token.workflow.top_workflow
        decision_id = tree.evaluate(token, self.decision, "the decision's id")
        view = View(tree.surroundings.facts(), token.scope)
        value = tree.surroundings.decide(str(decision_id), view, self.process_id)
        token.result = {self.result: value}
        return True


class ScriptTask(Node, BpmnSpecMixin):  # type: ignore[misc]
    """A script task: one FEEL expression, its value kept under a name."""

    expression: Formula
    result: str

    def _run_hook(self, token: Token) -> bool:
        value = token.workflow.top_workflow.evaluate(token, self.expression, "the script expression")
        token.result = {self.result: value}
        return True
