"""Start events, and events that throw: intermediate and end."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from engine.models.properties import EventKind
from engine.runtime.spiff.expressions import Formula
from engine.runtime.spiff.library import BpmnSpecMixin, NoneEventDefinition, defaults
from engine.runtime.spiff.specs.node import Node
from engine.runtime.spiff.starting import Beginning
from engine.runtime.spiff.throwing import throw_error, throw_escalation, throw_signal
from engine.runtime.spiff.tokens import Token


class StartEvent(Node, defaults.StartEvent):  # type: ignore[misc]
    """A start event: what it waits for has happened by the time a token is here.

    A conditional one asks only the variables that the instance begins with: BPMN 2.0 (10.5.2) leaves its
    condition no other data, as there is no instance yet.
    """

    condition: Formula | None = None
    #: What starts an instance here.
    beginnings: tuple[Beginning, ...] = ()

    def __init__(self, wf_spec: Any, name: str) -> None:
        super().__init__(wf_spec, name, event_definition=NoneEventDefinition())

    def is_met(self, token: Token) -> bool:
        """Return whether it is conditional and its condition is true for a process that begins at `token`."""
        if self.condition is None:
            return False
        return token.workflow.top_workflow.evaluate(token, self.condition, "the condition") is True


class Throwing(Node):
    """Throws what its event definitions say, in order, and goes on."""

    throws: tuple[tuple[EventKind, str], ...] = ()
    #: The correlation keys of messages that are thrown, by the message's name.
    keys: Mapping[str, Formula] = MappingProxyType({})

    def _run_hook(self, token: Token) -> bool:
        for kind, name in self.throws:
            if kind == "message":
                self._throw_message(token, name)
            elif kind == "signal":
                throw_signal(token, name, self._payload(token))
            elif kind == "error":
                throw_error(token, name)
            elif kind == "escalation":
                throw_escalation(token, name)
        return True

    def _throw_message(self, token: Token, name: str) -> None:
        """Tell that a message was thrown; who runs the step hands it on to whoever waits for it."""
        tree, formula = token.workflow.top_workflow, self.keys.get(name)
        key = None if formula is None else tree.evaluate(token, formula, "the correlation key")
        data = {"name": name, "key": "" if key is None else str(key), "variables": self._payload(token)}
        tree.recorder.event("message.thrown", token.id, self.element_id, self.process_id, data)

    def _payload(self, token: Token) -> dict[str, Any]:
        """What goes along: the values of the input mappings, nothing where there are none."""
        return dict(token.scope.values_here) if self.inputs_mapped else {}


class SendTask(Throwing, BpmnSpecMixin):  # type: ignore[misc]
    """A send task without a job type: it throws its message and goes on."""


class ThrowEvent(Throwing, defaults.IntermediateThrowEvent):  # type: ignore[misc]
    """An intermediate throw event; one without a definition only marks that the flow came by: a milestone."""

    def __init__(self, wf_spec: Any, name: str) -> None:
        super().__init__(wf_spec, name, event_definition=NoneEventDefinition())


class EndEvent(Throwing, defaults.EndEvent):  # type: ignore[misc]
    """An end event; `terminate` ends everything else in its own level only."""

    def __init__(self, wf_spec: Any, name: str) -> None:
        super().__init__(wf_spec, name, event_definition=NoneEventDefinition())

    def _on_complete_hook(self, token: Token) -> None:
        if any(kind == "terminate" for kind, _ in self.throws):
            token.workflow.cancel_open("terminated", but=token)
