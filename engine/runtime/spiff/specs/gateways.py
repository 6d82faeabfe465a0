"""Gateways: exclusive, parallel, inclusive, event-based.

A join keeps its arrivals as waiting tokens that remember the flow by which they came. The library's joins
look at the tree instead: in a loop they count the arrivals of the round before.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from engine.runtime.spiff.library import NoneEventDefinition, defaults
from engine.runtime.spiff.specs.node import Flow, Node
from engine.runtime.spiff.tokens import CANCELLED, READY, STARTED, WAITING, Token
from engine.runtime.spiff.tree import Level


class ExclusiveGateway(Node, defaults.ExclusiveGateway):  # type: ignore[misc]
    """Takes the first flow whose condition is true, else the default, else one without a condition."""

    def choose(self, token: Token) -> list[Flow]:
        """Return the one flow to take."""
        for flow in self.flows:
            if flow.condition is not None and self.holds(token, flow):
                return [flow]
        for flow in self.flows:
            if flow.is_default:
                return [flow]
        for flow in self.flows:
            if flow.condition is None:
                return [flow]
        if self.flows:
            self.no_way_out(token)
        return []


class Join(Node):
    """What parallel and inclusive gateways share: tokens arrive, wait, and are merged."""

    joins = True
    inside = READY | STARTED
    incoming: Mapping[str, str] = MappingProxyType({})

    def arriving(self, flow_id: str, source: str) -> None:
        """Remember an incoming flow and where it comes from."""
        self.incoming = {**self.incoming, flow_id: source}

    def _update_hook(self, token: Token) -> bool:
        token._inherit_data()
        if len(self.incoming) < 2 or "via" not in token.internal_data:
            token.internal_data.pop("via", None)
            return True
        level = token.workflow
        level.arrivals.setdefault(self.name, {})[token.id] = token
        token._set_state(WAITING)
        self.arrived(level)
        return False

    def arrived(self, level: Level) -> None:
        """See whether the join can fire, now that one more token has arrived."""

    def restored(self, token: Token) -> None:
        """Stand among the arrivals again."""
        token.workflow.arrivals.setdefault(self.name, {})[token.id] = token
        self.arrived(token.workflow)

    def merge(self, level: Level, tokens: list[Token]) -> None:
        """Let the last of these tokens go on and consume the others."""
        waiting = level.arrivals[self.name]
        for token in tokens:
            waiting.pop(token.id)
            del token.internal_data["via"]
        *others, last = sorted(tokens, key=lambda token: token.id)
        for token in others:
            token._set_state(CANCELLED)
        last._ready()

    def first_arrivals(self, level: Level) -> dict[str, Token]:
        """Return the oldest waiting token of each incoming flow that has one."""
        found: dict[str, Token] = {}
        for token in level.arrivals.get(self.name, {}).values():
            if "via" in token.internal_data:
                found.setdefault(token.internal_data["via"], token)
        return found

    def reachable(self, level: Level, filled_flows: set[str]) -> bool:
        """Return whether a token elsewhere can reach an empty flow, and no filled one, but through here."""
        filled = {self.incoming[flow] for flow in filled_flows}
        empty = {source for flow, source in self.incoming.items() if flow not in filled_flows}
        elsewhere = {
            token.task_spec.name
            for token in level.open_tokens.values()
            if token.task_spec is not self and not token.task_spec.listens
        }
        return bool((elsewhere & self._upstream(level, empty)) - self._upstream(level, filled))

    def _upstream(self, level: Level, starts: set[str]) -> set[str]:
        """Return the nodes from which a path leads to one of `starts` without passing this gateway."""
        specs = level.spec.task_specs
        seen, stack = {self.name}, list(starts)
        while stack:
            name = stack.pop()
            if name not in seen:
                seen.add(name)
                stack.extend(specs[name]._inputs)
        return seen - {self.name}

    def _on_cancel(self, token: Token) -> None:
        token.workflow.arrivals.get(self.name, {}).pop(token.id, None)


class ParallelGateway(Join, defaults.ParallelGateway):  # type: ignore[misc]
    """Fires when every incoming flow has a token; excess tokens stay for the next time."""

    def arrived(self, level: Level) -> None:
        """Fire at once where possible."""
        self.try_fire(level)

    def try_fire(self, level: Level) -> bool:
        """Fire if every incoming flow has a token."""
        found = self.first_arrivals(level)
        if len(found) < len(self.incoming):
            return False
        self.merge(level, list(found.values()))
        return True

    def choose(self, token: Token) -> list[Flow]:
        """Return all flows: a parallel gateway has no conditions."""
        return self.flows


class InclusiveGateway(Join, defaults.InclusiveGateway):  # type: ignore[misc]
    """Fires when no other token can still reach an empty incoming flow without passing a filled one."""

    def arrived(self, level: Level) -> None:
        """Wait until everything else that is ready has run."""
        level.top_workflow.blocked[id(level)] = level

    def try_fire(self, level: Level) -> bool:
        """Fire if nothing can come any more, by the rule of BPMN 2.0 (13.4.3)."""
        found = self.first_arrivals(level)
        if not found or self.reachable(level, set(found)):
            return False
        self.merge(level, list(found.values()))
        return True


class EventGateway(Node, defaults.EventBasedGateway):  # type: ignore[misc]
    """Arms all catching events behind it; the first to fire cancels the others."""

    keeps_children = True

    def __init__(self, wf_spec: Any, name: str) -> None:
        super().__init__(wf_spec, name, event_definition=NoneEventDefinition())

    def choose(self, token: Token) -> list[Flow]:
        """Return all flows."""
        return self.flows
