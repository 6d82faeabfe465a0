"""Sub-processes and calls: activities with a level of their own inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import StepFailed
from engine.runtime.spiff.expressions import Formula
from engine.runtime.spiff.library import defaults
from engine.runtime.spiff.scopes import Scope
from engine.runtime.spiff.specs.node import Node
from engine.runtime.spiff.tokens import STARTED, Token

if TYPE_CHECKING:
    from engine.runtime.spiff.specs.process import ProcessSpec
    from engine.runtime.spiff.tree import InnerTree


class WithInside(Node):
    """Starts its inside on entry and completes when the inside has come to its end."""

    def _update_hook(self, token: Token) -> bool:
        token._inherit_data()
        token._set_state(STARTED)
        tree, bundle_id = token.workflow.top_workflow, self.inside_bundle(token)
        spec: ProcessSpec = tree.find_bundle(bundle_id).specs[self.inside_key(token)]
        inner = tree.create_inner(token, spec, self.inside_scope(token), bundle_id)
        inner.begin(only=token.internal_data.get("only", ""))
        return False

    def inside_bundle(self, token: Token) -> str:
        """Return the id of the bundle in which the inside is drawn: that of the level around it."""
        return token.workflow.bundle_id

    def inside_key(self, token: Token) -> str:
        """Return the key of the inside in its bundle."""
        key: str = self.spec  # type: ignore[attr-defined]
        return key

    def inside_scope(self, token: Token) -> Scope:
        """Return the scope of the inside: a sub-process shares that of its activity."""
        return token.scope

    def inner_completed(self, token: Token, inner: InnerTree) -> None:
        """Complete: the inside is done. What it did may be compensated from the level around it."""
        tree = token.workflow.top_workflow
        tree.subprocesses.pop(token.id, None)
        if tree.compensations or inner.spec.compensated_by:
            self._hand_over(token, inner)
        token._ready()

    def keeps_records(self) -> bool:
        """Whether compensating this activity means compensating what was done inside."""
        return not self.compensated_by

    def _hand_over(self, token: Token, inner: InnerTree) -> None:
        tree, inside = token.workflow.top_workflow, inner.task_tree.id
        outer = [token.workflow.task_tree.id, self.element_id]
        kept = [record for record in tree.compensations if record[0] != inside]
        done = [record for record in tree.compensations if record[0] == inside]
        if self.keeps_records() and inner.spec.compensated_by:
            kept.append([*outer, inner.spec.name, inner.spec.compensated_by, done])
        elif self.keeps_records():
            kept += [[*outer, *record[2:]] for record in done]
        tree.compensations[:] = kept

    def _on_cancel(self, token: Token) -> None:
        tree = token.workflow.top_workflow
        inner = tree.subprocesses.pop(token.id, None)
        if inner is not None:
            inner.cancel()
            tree.compensations[:] = [each for each in tree.compensations if each[0] != inner.task_tree.id]


class SubProcess(WithInside, defaults.SubWorkflowTask):  # type: ignore[misc]
    """An embedded sub-process, or an event sub-process once its start event has happened."""

    def __init__(self, wf_spec: Any, name: str, inside: str, by_event: bool) -> None:
        super().__init__(wf_spec, name, subworkflow_spec=inside)
        self.by_event = by_event


class CallActivity(WithInside, defaults.CallActivity):  # type: ignore[misc]
    """Calls another process: it runs inside this instance, with a root scope of its own."""

    called: Formula

    def keeps_records(self) -> bool:
        """A called process is its own affair: calling it is compensated by a handler on the call."""
        return False

    def __init__(self, wf_spec: Any, name: str) -> None:
        super().__init__(wf_spec, name, subworkflow_spec="")

    def inside_bundle(self, token: Token) -> str:
        """Return the bundle of the called process, and keep it in history. Raises StepFailed without one."""
        tree, process_id = token.workflow.top_workflow, self.inside_key(token)
        tag = self.properties.called_tag
        bundle_id = tree.bind(process_id, token.workflow, tag)
        if bundle_id is None:
            which = f" in a version tagged {tag!r}" if tag else ""
            message = (
                f"{self.element_id!r} calls process {process_id!r}, "
                f"which is not among the deployed ones{which}"
            )
            raise StepFailed(message, element_id=self.element_id, process_id=self.process_id)
        if bundle_id != token.workflow.bundle_id:
            data = {"called": process_id, "bundle": bundle_id}
            tree.recorder.event("call.bound", token.id, self.element_id, self.process_id, data)
        return bundle_id

    def inside_key(self, token: Token) -> str:
        """Return the called process, which an expression may name."""
        return str(token.workflow.top_workflow.evaluate(token, self.called, "the called process"))

    def inside_scope(self, token: Token) -> Scope:
        """Return a new root: with all that the caller sees, or only what its input mappings made."""
        scope = token.scope
        values = (
            scope.flat()
            if self.properties.propagate_parent
            else dict(scope.values_here if self.inputs_mapped else {})
        )
        return Scope(scope.recorder, None, values)

    def inner_completed(self, token: Token, inner: InnerTree) -> None:
        """Hand the called process's variables to the output mappings, or back to the caller."""
        if self.outputs_mapped or self.properties.propagate_children:
            token.result = dict(inner.root_scope.values_here)
        super().inner_completed(token, inner)
