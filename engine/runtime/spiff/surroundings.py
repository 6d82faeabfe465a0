"""What a step may ask of the world: all in memory, no input or output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from engine.models.properties import ElementProperties
from engine.runtime.spiff.scopes import Scope


class Surroundings(Protocol):
    """Given by the transaction that runs the step."""

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """The FEEL functions of our own: `deadline`, `working days after`, `now`, `today` ..."""

    def facts(self) -> Mapping[str, Any]:
        """Names that every expression sees, such as `case`; read anew at each evaluation."""

    def decide(self, decision_id: str, scope: Mapping[str, Any]) -> Any:
        """Evaluate a decision of the same bundle and return its value."""

    def entered(self, element: ElementProperties, process_id: str, token: int, scope: Scope) -> None:
        """Called when a token enters a drawn element."""

    def completed(self, element: ElementProperties, process_id: str, token: int, scope: Scope) -> None:
        """Called when a drawn element completes, before its outgoing flows are taken: milestones act here."""
