"""startQuantity: an activity that begins only when a number of tokens has come (BPMN 2.0, table 10.3)."""

from __future__ import annotations

from typing import Any

from engine.runtime.spiff.library import BpmnSpecMixin
from engine.runtime.spiff.specs.gateways import Join
from engine.runtime.spiff.tokens import WAITING, Token


class Quantity(Join, BpmnSpecMixin):  # type: ignore[misc]
    """Stands before an activity and lets one token in for every `quantity` that arrive, by whatever flow."""

    drawn = False
    quantity = 2

    def __init__(self, wf_spec: Any, name: str) -> None:
        super().__init__(wf_spec, name)
        self.incoming = {}

    def _update_hook(self, token: Token) -> bool:
        token._inherit_data()
        token.internal_data.setdefault("via", "")
        arrived = token.workflow.arrivals.setdefault(self.name, {})
        arrived[token.id] = token
        token._set_state(WAITING)
        if len(arrived) >= self.quantity:
            self.merge(token.workflow, list(arrived.values())[: self.quantity])
        return False
