"""A decision model that can be evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.decisions.elements import Decision, Element, Knowledge, Service
from engine.decisions.evaluation import Evaluation
from engine.errors import FeelError, Finding, Message, NotFound
from engine.feel.types import FeelType, coerce


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """A decision's value, and how it came about: a plain dict for each table and expression on the way.

    A table's dict holds `kind`, `id`, `name`, `hit_policy`, `inputs` (label, expression, value), `matched`
    (rule number from 1, id, outputs by name, annotations) and `value`; that of an expression `expression`
    and `value`. Values stand there as JSON has them, cut where they are long (engine.decisions.trace).
    """

    value: Any
    explanation: list[dict[str, Any]] = field(default_factory=list)


class DecisionModel:
    """The decisions of one file. Immutable after loading, safe to share between threads."""

    def __init__(
        self,
        *,
        name: str,
        namespace: str,
        source: str,
        elements: Iterable[Element],
        imports: Mapping[str, DecisionModel],
        types: Mapping[str, FeelType],
        names: frozenset[str],
        findings: Sequence[Finding],
    ) -> None:
        self.name = name
        self.namespace = namespace
        self.source = source
        self.types = types
        self.names = names
        self.findings = findings
        self.imports = dict(imports)
        self._elements = {element.id: element for element in elements}
        self.variables = frozenset(element.variable for element in self._elements.values())
        self._by_name: dict[str, Element] = {}
        for element in self._elements.values():
            self._by_name.setdefault(element.name, element)

    @property
    def decision_ids(self) -> tuple[str, ...]:
        """The ids of all decisions, in the order of the file."""
        return tuple(one.id for one in self._elements.values() if isinstance(one, Decision))

    def find(self, reference: str) -> tuple[DecisionModel, str, Element] | None:
        """Return what an href refers to: its model, that import's name (else empty) and the element."""
        namespace, mark, element_id = reference.rpartition("#")
        if not mark:
            element_id = reference
        if not namespace or namespace == self.namespace:
            found = self._elements.get(element_id)
            return None if found is None else (self, "", found)
        for prefix, model in self.imports.items():
            if model.namespace == namespace:
                inside = model.find(f"#{element_id}")
                return None if inside is None else (inside[0], prefix, inside[2])
        return None

    def evaluate(self, decision: str, scope: Mapping[str, Any]) -> DecisionResult:
        """Evaluate a decision by id or name with the variables in `scope`.

        Raises NotFound for an unknown decision, FeelError past a limit or for decisions that require one
        another.
        """
        found = self._element(decision)
        if not isinstance(found, Decision):
            raise NotFound(f"there is no decision {decision!r} in {self.source}")
        evaluation = Evaluation(scope, self)
        try:
            value = evaluation.decide(self, found)
        except RecursionError:
            raise FeelError(
                Message(
                    "the decision '{decision}' goes too deep; let its functions end sooner", decision=decision
                )
            ) from None
        return DecisionResult(value, evaluation.trace)

    def invoke(
        self, name: str, arguments: Mapping[str, Any], scope: Mapping[str, Any] | None = None
    ) -> DecisionResult:
        """Call a decision service or business knowledge model, by id or name, with arguments by name.

        What is not given is null. Raises NotFound for an unknown name, FeelError past a limit.
        """
        found = self._element(name)
        if not isinstance(found, Knowledge | Service):
            raise NotFound(f"there is no decision service or business knowledge {name!r} in {self.source}")
        evaluation = Evaluation(scope or arguments, self)
        try:
            function = evaluation.function(self, found)
            if function is None:
                return DecisionResult(None, evaluation.trace)
            given = [arguments.get(parameter) for parameter, _ in function.parameters]
            value = coerce(function.body(given), function.result)[1]
        except RecursionError:
            raise FeelError(
                Message("'{name}' goes too deep; let its functions end sooner", name=name)
            ) from None
        return DecisionResult(value, evaluation.trace)

    def _element(self, name: str) -> Element | None:
        return self._elements.get(name) or self._by_name.get(name)
