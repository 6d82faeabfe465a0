"""One evaluation: the requirement graph walked from a decision to its inputs, each decision computed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.decisions.elements import Decision, Element, InputData, Knowledge, Service
from engine.decisions.trace import TRACE, note
from engine.errors import FeelError
from engine.feel.compiler.scope import Frame
from engine.feel.limits import BUDGET, Budget
from engine.feel.types import coerce
from engine.feel.values.functions import Closure

if TYPE_CHECKING:
    from engine.decisions.model import DecisionModel

_PENDING = object()


class Evaluation:
    """Computes decisions for one set of inputs. `given` are values of decisions that are not computed."""

    def __init__(
        self,
        scope: Mapping[str, Any],
        *,
        budget: Budget | None = None,
        trace: list[dict[str, Any]] | None = None,
        given: Mapping[tuple[int, str], Any] | None = None,
    ) -> None:
        self.budget = Budget() if budget is None else budget
        self.trace: list[dict[str, Any]] = [] if trace is None else trace
        self.base = Frame(scope, {BUDGET: self.budget, TRACE: self.trace})
        self._values: dict[tuple[int, str], Any] = dict(given or {})

    def decide(self, model: DecisionModel, decision: Decision) -> Any:
        """Return the value of a decision. Raises FeelError when it requires itself."""
        key = (id(model), decision.id)
        if key in self._values:
            value = self._values[key]
            if value is _PENDING:
                raise FeelError(f"the decision {decision.name!r} requires itself")
            return value
        self._values[key] = _PENDING
        scope = self._scope(model, decision.requires)
        value = coerce(decision.run(scope), decision.kind)[1]
        if not decision.has_table:
            note(
                scope,
                {
                    "kind": "expression",
                    "id": decision.id,
                    "name": decision.name,
                    "expression": decision.text,
                    "value": value,
                },
            )
        self._values[key] = value
        return value

    def function(self, model: DecisionModel, element: Knowledge | Service) -> Any:
        """Return the function of a business knowledge model or decision service."""
        key = (id(model), element.id)
        if key not in self._values:
            if isinstance(element, Service):
                self._values[key] = self._service(model, element)
            else:
                scope = Frame(self.base, {})
                self._values[key] = element.make(scope)
                self._require(model, element.requires, scope)
                scope.setdefault(element.variable, self._values[key])
        return self._values[key]

    def _scope(self, model: DecisionModel, requires: Sequence[str]) -> Frame:
        scope = Frame(self.base, {})
        self._require(model, requires, scope)
        return scope

    def _require(self, model: DecisionModel, requires: Sequence[str], scope: Frame) -> None:
        for reference in requires:
            found = model.find(reference)
            if found is None:
                continue
            owner, prefix, element = found
            value = self._value(owner, prefix, element)
            if prefix:
                imported = scope.setdefault(prefix, {})
                imported[element.variable] = value
            else:
                scope[element.variable] = value

    def _value(self, model: DecisionModel, prefix: str, element: Element) -> Any:
        if isinstance(element, Decision):
            return self.decide(model, element)
        if isinstance(element, InputData):
            return self._input(model, prefix, element)
        return self.function(model, element) if isinstance(element, Knowledge | Service) else None

    def _input(self, model: DecisionModel, prefix: str, element: InputData) -> Any:
        key = (id(model), element.id)
        if key not in self._values:
            self._values[key] = coerce(self._given(prefix, element.variable), element.kind)[1]
        return self._values[key]

    def _given(self, prefix: str, name: str) -> Any:
        if prefix:
            for whole in (f"{prefix}.{name}",):
                if (found := self._look_up(whole)) is not None:
                    return found
            inside = self._look_up(prefix)
            if isinstance(inside, Mapping) and name in inside:
                return inside[name]
        return self._look_up(name)

    def _look_up(self, name: str) -> Any:
        try:
            return self.base[name]
        except KeyError:
            return None

    def _service(self, model: DecisionModel, service: Service) -> Closure:
        inputs = [model.find(reference) for reference in (*service.inputs, *service.input_decisions)]
        parameters = [found for found in inputs if found is not None]

        def invoke(arguments: Sequence[Any]) -> Any:
            self.budget.spend()
            names: dict[str, Any] = {}
            given: dict[tuple[int, str], Any] = {}
            for (owner, prefix, element), value in zip(parameters, arguments, strict=True):
                fitted = coerce(value, element.kind)[1]
                given[id(owner), element.id] = fitted
                names[f"{prefix}.{element.variable}" if prefix else element.variable] = fitted
            inner = Evaluation(Frame(self.base, names), budget=self.budget, trace=self.trace, given=given)
            return inner.outputs(model, service)

        return Closure(
            [(element.variable, element.kind) for _, _, element in parameters],
            invoke,
            service.kind,
            service.name,
        )

    def outputs(self, model: DecisionModel, service: Service) -> Any:
        """Return the value of a service's only output decision, or a context of all of them."""
        values: dict[str, Any] = {}
        for reference in service.outputs:
            found = model.find(reference)
            if found is not None and isinstance(found[2], Decision):
                values[found[2].variable] = self.decide(found[0], found[2])
        return next(iter(values.values())) if len(values) == 1 else values
