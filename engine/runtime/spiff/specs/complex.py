"""The complex gateway: a discriminator or partial join when it merges, an inclusive split when it branches.

It fires when its activation condition holds for the number of flows that have a token (`activationCount`).
Then it waits to be reset: one token of every other flow is consumed without effect, until none can come any
more (BPMN 2.0, 13.4.5).
"""

from __future__ import annotations

from engine.runtime.spiff.expressions import Formula
from engine.runtime.spiff.library import BpmnSpecMixin
from engine.runtime.spiff.specs.gateways import Join
from engine.runtime.spiff.tokens import CANCELLED, Token
from engine.runtime.spiff.tree import Level


class ComplexGateway(Join, BpmnSpecMixin):  # type: ignore[misc]
    """Waits for its start, fires, waits for its reset.

    While it waits for its reset, a token stays behind that remembers the flows of this round.
    """

    activation: Formula | None = None

    def arrived(self, level: Level) -> None:
        """Fire, or go on with the reset; the rest is seen once everything else that is ready has run."""
        self._step(level)
        level.top_workflow.blocked[id(level)] = level

    def try_fire(self, level: Level) -> bool:
        """End the reset if no token can come any more by the flows that it waits for."""
        behind = self._behind(level)
        if behind is None or self.reachable(level, set(behind.internal_data["round"])):
            return False
        self._end_reset(level, behind)
        return True

    def _step(self, level: Level) -> None:
        behind = self._behind(level)
        if behind is None:
            self._activate(level)
            return
        seen = behind.internal_data["round"]
        for flow, token in self.first_arrivals(level).items():
            if flow not in seen and token is not behind:
                seen.append(flow)
                self._consume(level, token)
        if len(seen) == len(self.incoming):
            self._end_reset(level, behind)

    def _activate(self, level: Level) -> None:
        found = self.first_arrivals(level)
        if not found or self.activation is None:
            return
        last = max(found.values(), key=lambda token: token.id)
        tree, counts = level.top_workflow, {"activationCount": len(found)}
        if tree.evaluate(last, self.activation, "the activation condition", counts) is not True:
            return
        flows = list(found)
        if len(flows) < len(self.incoming):
            self._leave_behind(level, last, flows)
        self.merge(level, list(found.values()))

    def _leave_behind(self, level: Level, token: Token, flows: list[str]) -> None:
        behind = Token(level, self, token.parent)
        behind.data = token.scope
        behind.internal_data["round"] = flows
        behind.wait_silently()
        level.arrivals[self.name][behind.id] = behind

    def _end_reset(self, level: Level, behind: Token) -> None:
        self._consume(level, behind)
        self._activate(level)

    def _consume(self, level: Level, token: Token) -> None:
        level.arrivals[self.name].pop(token.id)
        token._set_state(CANCELLED)

    def _behind(self, level: Level) -> Token | None:
        waiting = level.arrivals.get(self.name, {}).values()
        return next((token for token in waiting if "round" in token.internal_data), None)
