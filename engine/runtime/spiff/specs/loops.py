"""Repeated activities: multi-instance, parallel or one after the other, and standard loops.

The body stands in the flow under the element's own name; each instance runs the same element under
`<id>#each` in a scope of its own. Finished instances are counted and pruned, so that a wide loop stays
cheap. Outputs stand in the order of the inputs, not of completion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import StepFailed
from engine.models.properties import EventKind
from engine.runtime.spiff.expressions import Formula
from engine.runtime.spiff.library import LoopTask
from engine.runtime.spiff.scopes import Scope
from engine.runtime.spiff.specs.node import Node
from engine.runtime.spiff.throwing import throw_from_instance
from engine.runtime.spiff.tokens import FINISHED, STARTED, Token
from engine.runtime.spiff.values import whole_number

MAX_INSTANCES = 10_000


@dataclass(frozen=True, slots=True)
class Thrown:
    """An event that instances throw as they complete: each, the first only, or one for which a condition
    holds, which then ends the loop (`behavior` None, One and Complex).
    """

    kind: EventKind
    name: str
    first_only: bool = False
    condition: Formula | None = None


class Repeated(Node, LoopTask):  # type: ignore[misc]
    """What all loops share: a body that makes instances."""

    each: Node

    def __init__(self, wf_spec: Any, name: str) -> None:
        super().__init__(wf_spec, name)

    def open_scope(self, token: Token) -> None:
        """The body has no scope of its own; input mappings belong to each instance."""
        token.data = token.parent.scope

    def start_instance(self, token: Token, index: int, values: Mapping[str, Any]) -> None:
        """Start one instance; `index` counts from 0."""
        outer = token.scope
        child = Token(token.workflow, self.each, token)
        child.internal_data["index"] = index
        child.data = Scope(outer.recorder, outer, {"loopCounter": index + 1, **values})
        self.each.map_inputs(child)
        child.update()

    def finish(self, token: Token) -> None:
        """End the loop: cancel what still runs, and complete the body."""
        tree = token.workflow.top_workflow
        with tree.cancelling("scope-ended"):
            for child in token.children:
                child.cancel()
        token._ready()

    def _failed(self, message: str) -> StepFailed:
        text = f"{self.element_id!r}: {message}"
        return StepFailed(text, element_id=self.element_id, process_id=self.process_id)


class MultiInstance(Repeated):
    """One instance for each item of a collection, or a number of them."""

    collection: Formula | None = None
    cardinality: Formula | None = None
    output: Formula | None = None
    completion: Formula | None = None
    input_element = ""
    output_collection = ""
    output_name = ""
    sequential = False
    behavior: tuple[Thrown, ...] = ()

    def _update_hook(self, token: Token) -> bool:
        token._inherit_data()
        token._set_state(STARTED)
        items = self._items(token)
        state = token.internal_data
        state.update(total=len(items), done=0, next=0)
        if self.output_collection:
            state["out"] = [None] * len(items)
        if not items:
            return True
        if self.sequential:
            state["items"] = items
            self._next(token)
        else:
            state["next"] = len(items)
            for index, item in enumerate(items):
                self._instance(token, index, item)
        return False

    def _items(self, token: Token) -> list[Any]:
        if self.collection is None:
            assert self.cardinality is not None
            what = "the number of instances"
            value = token.workflow.top_workflow.evaluate(token, self.cardinality, what)
            try:
                return list(range(whole_number(value, 0, MAX_INSTANCES)))
            except ValueError as error:
                raise self._failed(f"{what} {self.cardinality.text}: {error}") from error
        items = token.workflow.top_workflow.evaluate(token, self.collection, "the input collection")
        if not isinstance(items, list | tuple):
            raise self._failed(
                f"the input collection {self.collection.text} gave {type(items).__name__}, not a list"
            )
        if len(items) > MAX_INSTANCES:
            raise self._failed(f"{len(items)} instances; it takes at most {MAX_INSTANCES}")
        return list(items)

    def _instance(self, token: Token, index: int, item: Any) -> None:
        values: dict[str, Any] = {}
        if self.input_element:
            values[self.input_element] = item
        if self.output_name and self.output_name not in values:
            values[self.output_name] = None
        self.start_instance(token, index, values)

    def _next(self, token: Token) -> None:
        state = token.internal_data
        index = state["next"]
        state["next"] = index + 1
        self._instance(token, index, state["items"][index])

    def child_done(self, token: Token, child: Token) -> None:
        """Collect the instance's output; go on with the next, or end."""
        tree = token.workflow.top_workflow
        state = token.internal_data
        state["done"] += 1
        if self.output is not None:
            state["out"][child.internal_data["index"]] = tree.evaluate(
                child, self.output, "the output element"
            )
        if not token.is_open:
            return
        ends = self._throw(token, child)
        if token._state & FINISHED:  # an error that was thrown ended it
            return
        if ends or state["done"] == state["total"] or self._completed_early(token, child):
            self.finish(token)
        elif self.sequential:
            self._next(token)

    def _throw(self, token: Token, child: Token) -> bool:
        """Throw what the behavior says for an instance that completed; return whether that ends the loop."""
        ends = False
        for thrown in self.behavior:
            if thrown.first_only and token.internal_data["done"] > 1:
                continue
            if thrown.condition is not None:
                if not self._holds(token, child, thrown.condition, "the condition of the behavior"):
                    continue
                ends = True  # it "cancels the remaining Activity instances and produces a token"
            throw_from_instance(token, thrown.kind, thrown.name)
        return ends

    def _completed_early(self, token: Token, child: Token) -> bool:
        return self.completion is not None and self._holds(
            token, child, self.completion, "the completion condition"
        )

    def _holds(self, token: Token, child: Token, condition: Formula, what: str) -> bool:
        state = token.internal_data
        counts = {
            "numberOfInstances": state["total"],
            "numberOfCompletedInstances": state["done"],
            "numberOfActiveInstances": state["next"] - state["done"],
            "numberOfTerminatedInstances": 0,
        }
        return token.workflow.top_workflow.evaluate(child, condition, what, counts) is True

    def _run_hook(self, token: Token) -> bool:
        state = token.internal_data
        if self.output_collection:
            token.result = {self.output_collection: state["out"]}
        for name in ("items", "out", "total", "done", "next"):
            state.pop(name, None)
        return True


class StandardLoop(Repeated):
    """Repeats while a condition holds, tested before or after each round, at most `maximum` times."""

    condition: Formula | None = None
    test_before = False
    maximum: int | None = None

    def _update_hook(self, token: Token) -> bool:
        token._inherit_data()
        token._set_state(STARTED)
        token.internal_data["done"] = 0
        if self.test_before and not self._again(token):
            return True
        self.start_instance(token, 0, {})
        return False

    def child_done(self, token: Token, child: Token) -> None:
        """Go round again, or end."""
        token.internal_data["done"] += 1
        if self._again(token):
            self.start_instance(token, token.internal_data["done"], {})
        else:
            token._ready()

    def _again(self, token: Token) -> bool:
        if self.maximum is not None and token.internal_data["done"] >= self.maximum:
            return False
        if self.condition is None:
            return True
        return token.workflow.top_workflow.evaluate(token, self.condition, "the loop condition") is True
