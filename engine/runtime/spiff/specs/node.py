"""What every element has in common: scope and mappings on entry, result and flows on completion.

`Node` stands in front of a library specification in the order of bases and replaces all its hooks: nothing is
predicted, children exist when their parent completes, and every change is told to the recorder as it happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import StepFailed
from engine.models.properties import ElementProperties
from engine.runtime.spiff.changes import CloseReason, Wait
from engine.runtime.spiff.expressions import Formula
from engine.runtime.spiff.scopes import Scope
from engine.runtime.spiff.tokens import CANCELLED, FUTURE, READY, STARTED, WAITING, Token

if TYPE_CHECKING:
    from engine.runtime.spiff.tree import InnerTree, Level

INSIDE = WAITING | READY | STARTED


def kept_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a wait that its state keeps: all but empty ones."""
    return {name: value for name, value in values.items() if value not in ("", (), None)}


@dataclass(frozen=True, slots=True)
class Flow:
    """An outgoing sequence flow; `id` is empty for one that is not drawn (a link)."""

    id: str
    target: Node
    condition: Formula | None = None
    is_default: bool = False


class Node:
    """Mixin in front of every task specification."""

    #: Whether tokens must remember the flow by which they came.
    joins = False
    #: Whether a ready token goes before all others: what interrupts.
    urgent = False
    #: Whether its children belong together: an activity and its boundary events, events behind a gateway.
    keeps_children = False
    #: Whether it is the listener of an event sub-process, which keeps no level open.
    listens = False
    #: Whether entering and completing is told: false for what is not on the diagram.
    drawn = True
    #: Whether a boundary event is attached, or it is one instance of a loop, or a compensation handler.
    attached = False
    instance = False
    handler = False
    compensated_by = ""
    #: Whether it is a sub-process that an event started.
    by_event = False
    #: How many tokens go down each outgoing flow.
    completion_quantity = 1
    #: The states in which a token counts as being inside the element.
    inside = INSIDE

    name: str
    manual: bool
    _inputs: list[str]
    _outputs: list[str]
    properties: ElementProperties
    process_id: str
    element_id: str
    flows: list[Flow]
    inputs_mapped: tuple[tuple[Formula, str], ...] = ()
    outputs_mapped: tuple[tuple[Formula, str], ...] = ()

    def describe(self, properties: ElementProperties, process_id: str) -> None:
        """Tell what the element is; called once by the builder."""
        self.properties = properties
        self.process_id = process_id
        self.element_id = properties.element_id
        self.flows = []

    def add_flow(self, flow: Flow) -> None:
        """Add an outgoing flow."""
        self.flows.append(flow)
        self._outputs.append(flow.target.name)
        flow.target._inputs.append(self.name)
        flow.target.arriving(flow.id, self.name)

    def arriving(self, flow_id: str, source: str) -> None:
        """Learn of an incoming flow; joins remember it."""

    # -- entering
    def _update(self, token: Token) -> None:
        if self._update_hook(token):
            token._ready()

    def _update_hook(self, token: Token) -> bool:
        token._inherit_data()
        return True

    def open_scope(self, token: Token) -> None:
        """Give the token its scope: that of its parent, or one of its own where inputs are mapped."""
        parent = token.parent
        outer = token.workflow.root_scope if parent is None else parent.scope
        if not self.inputs_mapped:
            token.data = outer
            return
        token.data = Scope(outer.recorder, outer)
        self.map_inputs(token)

    def map_inputs(self, token: Token) -> None:
        """Evaluate the input mappings, one after the other, into the token's own scope."""
        tree, scope = token.workflow.top_workflow, token.scope
        for formula, target in self.inputs_mapped:
            scope.put(target, tree.evaluate(token, formula, f"input {target!r}"), local=True)

    def state_changed(self, token: Token, old: int, new: int) -> None:
        """Tell that the element was entered or cancelled, and close a wait that a cancellation ends."""
        if new == CANCELLED:
            if "wait" in token.internal_data:
                self.close(token, token.workflow.top_workflow.reason)
            if self.drawn and old & self.inside:
                tree = token.workflow.top_workflow
                tree.recorder.event(
                    "element.cancelled", token.id, self.element_id, self.process_id, {"reason": tree.reason}
                )
        elif self.drawn and new & self.inside and not old & self.inside:
            self._tell_entered(token)

    def _tell_entered(self, token: Token) -> None:
        tree = token.workflow.top_workflow
        tree.recorder.at(token.id, self.element_id, self.process_id)
        tree.recorder.event(
            "element.entered", token.id, self.element_id, self.process_id, self._instance_data(token)
        )
        if not self.instance:
            tree.surroundings.entered(self.properties, self.process_id, token.id, token.scope)

    def _instance_data(self, token: Token) -> Mapping[str, Any] | None:
        return {"instance": token.internal_data["index"]} if self.instance else None

    # -- running
    def _on_ready(self, token: Token) -> None:
        self._on_ready_hook(token)

    def _on_ready_hook(self, token: Token) -> None:
        """Act when the token becomes ready; a user task opens its wait here."""

    def _run(self, token: Token) -> bool | None:
        token.workflow.top_workflow.recorder.at(token.id, self.element_id, self.process_id)
        return self._run_hook(token)

    def _run_hook(self, token: Token) -> bool | None:
        """Do the element's work: True completes it, None leaves it started."""
        return True

    def restored(self, token: Token) -> None:
        """Take part in the indexes of the workflow again, after a waiting token was read from a state."""

    def inner_completed(self, token: Token, inner: InnerTree) -> None:
        """Go on after the inside of a sub-process or call has come to its end."""

    def try_fire(self, level: Level) -> bool:
        """Let a join fire if it can; only joins do."""
        return False

    # -- completing
    def _on_complete(self, token: Token) -> None:
        tree = token.workflow.top_workflow
        recorder = tree.recorder
        recorder.at(token.id, self.element_id, self.process_id)
        self._finish(token)
        if "wait" in token.internal_data:
            self.close(token, "completed")
        if self.drawn:
            recorder.event(
                "element.completed", token.id, self.element_id, self.process_id, self._instance_data(token)
            )
            if not self.instance:
                tree.surroundings.completed(self.properties, self.process_id, token.id, token.scope)
        self._on_complete_hook(token)
        if self.instance or self.handler:
            token.parent.task_spec.child_done(token.parent, token)
            return
        if self.inputs_mapped and token.parent is not None:
            token.data = token.parent.scope
        if self.attached:
            self._drop_boundary(token)
        if self.compensated_by:
            record = [
                token.workflow.task_tree.id,
                self.element_id,
                token.workflow.spec.name,
                self.compensated_by,
            ]
            tree.compensations.append(record)
        ad_hoc = token.workflow.spec.ad_hoc
        if ad_hoc is not None and ad_hoc.is_over(token):
            return
        self.take(token, self.choose(token) * self.completion_quantity)

    def _on_complete_hook(self, token: Token) -> None:
        """Act after completion was told and before flows are taken."""

    def _finish(self, token: Token) -> None:
        """Write the result: through the output mappings, or to the nearest scopes that declare its names."""
        result, token.result = token.result, None
        if not self.outputs_mapped:
            if result:
                token.scope.merge(result)
            return
        tree = token.workflow.top_workflow
        local = Scope(tree.recorder, token.scope, dict(result or {}))
        outer = token.scope if self.instance or token.parent is None else token.parent.scope
        for formula, target in self.outputs_mapped:
            what = f"output {target!r}"
            value = tree.evaluate_in(local, formula, what, self.element_id, self.process_id)
            outer.put(target, value, local=False)

    def _drop_boundary(self, token: Token) -> None:
        tree = token.workflow.top_workflow
        with tree.cancelling("scope-ended"):
            for sibling in token.parent.children:
                if sibling is not token and sibling._state in (WAITING, FUTURE):
                    sibling.cancel()

    def choose(self, token: Token) -> list[Flow]:
        """Return the flows to take: all unconditional and all true ones, the default only if none is true."""
        if all(flow.condition is None and not flow.is_default for flow in self.flows):
            return self.flows
        taken, conditional = [], False
        for flow in self.flows:
            if flow.condition is not None:
                if self.holds(token, flow):
                    taken.append(flow)
                    conditional = True
            elif not flow.is_default:
                taken.append(flow)
        if not conditional:
            taken.extend(flow for flow in self.flows if flow.is_default)
        if not taken:
            self.no_way_out(token)
        return taken

    def holds(self, token: Token, flow: Flow) -> bool:
        """Return whether the flow's condition is true.

        Raises StepFailed when it is neither true nor false.
        """
        assert flow.condition is not None
        value = token.workflow.top_workflow.evaluate(
            token, flow.condition, f"the condition on flow {flow.id!r}"
        )
        if value is True or value is False:
            return value
        shown = "null" if value is None else type(value).__name__
        message = (
            f"the condition {flow.condition.text} on flow {flow.id!r} of {self.element_id!r} gave {shown}; "
            "it must be true or false: check that its variables are set"
        )
        raise StepFailed(message, element_id=self.element_id, process_id=self.process_id)

    def no_way_out(self, token: Token) -> None:
        """Raise StepFailed: no outgoing flow can be taken."""
        message = (
            f"no flow out of {self.element_id!r} can be taken: no condition is true; draw a default flow"
        )
        raise StepFailed(message, element_id=self.element_id, process_id=self.process_id)

    def take(self, token: Token, flows: list[Flow]) -> None:
        """Send a token along each flow."""
        recorder = token.workflow.top_workflow.recorder
        children = []
        for flow in flows:
            if flow.id and flow.id[0] != "#":
                recorder.event("flow.taken", token.id, flow.id, self.process_id)
            children.append(token.spawn(flow.target, via=flow.id))
        for child in children:
            child.update()

    def _on_cancel(self, token: Token) -> None:
        """Act when a token is cancelled."""

    # -- waiting
    def wait(self, token: Token, **values: Any) -> None:
        """Open a wait with these evaluated values (see `Wait`); the state keeps all but empty ones."""
        token.internal_data["wait"] = kept_values(values)
        tree = token.workflow.top_workflow
        tree.waits[token.id] = token
        tree.recorder.open(self.wait_of(token))

    def close(self, token: Token, reason: CloseReason) -> None:
        """Close the token's wait."""
        kept = token.internal_data.pop("wait", None)
        if kept is None:
            return
        tree = token.workflow.top_workflow
        tree.waits.pop(token.id, None)
        tree.recorder.close(token.id, kept["kind"], reason)

    def wait_of(self, token: Token) -> Wait:
        """Return the token's open wait, from the values kept in the state."""
        kept = token.internal_data["wait"]
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
        }
        return Wait(token.id, element=self.properties, process_id=self.process_id, **values)

    # -- for loops and compensation
    def child_done(self, token: Token, child: Token) -> None:
        """Go on after one instance of a loop, or one compensation handler, has completed."""
