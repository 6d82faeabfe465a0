"""What a step may ask of the world: all in memory, no input or output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from engine.models.properties import ElementProperties
from engine.runtime.spiff.scopes import Scope

if TYPE_CHECKING:
    from engine.runtime.spiff.compiled import CompiledBundle


class Surroundings(Protocol):
    """Given by the transaction that runs the step."""

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """The FEEL functions of our own: `deadline`, `working days after`, `now`, `today` ..."""

    def facts(self) -> Mapping[str, Any]:
        """Names that every expression sees, such as `case`; read anew at each evaluation."""

    def decide(self, decision_id: str, scope: Mapping[str, Any], process_id: str) -> Any:
        """Evaluate a decision of the bundle of `process_id` and return its value."""

    def find_called(self, process_id: str, tag: str = "") -> tuple[str, CompiledBundle] | None:
        """Return the newest bundle in which a process of another family is deployed, and its id."""

    def find_bundle(self, bundle_id: str) -> CompiledBundle:
        """Return a bundle that `find_called` gave in an earlier step."""

    def entered(self, element: ElementProperties, process_id: str, token: int, scope: Scope) -> None:
        """Called when a token enters a drawn element."""

    def completed(self, element: ElementProperties, process_id: str, token: int, scope: Scope) -> None:
        """Called when a drawn element completes, before its outgoing flows are taken: milestones act here."""
