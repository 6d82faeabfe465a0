"""One evaluation: the requirement graph walked from a decision to its inputs, each decision computed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.decisions.elements import Decision, Element, InputData, Knowledge, Service
from engine.decisions.trace import TRACE, Trace, note
from engine.errors import FeelError, Message
from engine.feel.compiler.scope import Frame
from engine.feel.limits import BUDGET, Budget, checked_value
from engine.feel.types import coerce
from engine.feel.values.functions import Closure

if TYPE_CHECKING:
    from engine.decisions.model import DecisionModel

Path: TypeAlias = tuple[str, ...]
"""The names of the imports that lead to a model."""
Key: TypeAlias = tuple[Path, str]
_PENDING = object()


class Evaluation:
    """Computes decisions for one set of inputs. `given` are values of decisions that are not computed.

    Only what a decision requires is in its scope, and names that are no elements of the model (DMN 1.5,
    10.4). The elements of an imported model are known by the path of imports that leads to them: two imports
    of one model are two evaluations of it, each with its own inputs.
    """

    def __init__(
        self,
        scope: Mapping[str, Any],
        model: DecisionModel,
        *,
        budget: Budget | None = None,
        trace: Trace | None = None,
        given: Mapping[Key, Any] | None = None,
    ) -> None:
        self.scope = scope
        self.budget = Budget() if budget is None else budget
        self.trace = Trace() if trace is None else trace
        hidden = dict.fromkeys(model.variables)
        self.base = Frame(scope, {**hidden, BUDGET: self.budget, TRACE: self.trace})
        self._values: dict[Key, Any] = dict(given or {})

    def decide(self, model: DecisionModel, decision: Decision, path: Path = ()) -> Any:
        """Return the value of a decision. Raises FeelError when it requires itself."""
        key = (path, decision.id)
        if key in self._values:
            value = self._values[key]
            if value is _PENDING:
                raise FeelError(Message("the decision '{name}' requires itself", name=decision.name))
            return value
        self._values[key] = _PENDING
        scope = Frame(self.base, {})
        self._require(model, decision.requires, scope, path)
        value = coerce(checked_value(decision.run(scope)), decision.kind)[1]
        if not decision.has_table:
            entry = {"kind": "expression", "id": decision.id, "name": decision.name}
            note(scope, {**entry, "expression": decision.text, "value": value})
        self._values[key] = value
        return value

    def function(self, model: DecisionModel, element: Knowledge | Service, path: Path = ()) -> Any:
        """Return the function of a business knowledge model or decision service."""
        key = (path, element.id)
        if key not in self._values:
            if isinstance(element, Service):
                self._values[key] = self._service(model, element, path)
            else:
                scope = Frame(self.base, {})
                self._values[key] = element.make(scope)
                self._require(model, element.requires, scope, path)
                scope.setdefault(element.variable, self._values[key])
        return self._values[key]

    def _require(self, model: DecisionModel, requires: Sequence[str], scope: Frame, path: Path) -> None:
        for reference in requires:
            found = model.find(reference)
            if found is None:
                continue
            owner, prefix, element = found
            value = self._value(owner, element, (*path, prefix) if prefix else path)
            if prefix:
                imported = scope.setdefault(prefix, {})
                imported[element.variable] = value
            else:
                scope[element.variable] = value

    def _value(self, model: DecisionModel, element: Element, path: Path) -> Any:
        if isinstance(element, Decision):
            return self.decide(model, element, path)
        if isinstance(element, InputData):
            key = (path, element.id)
            if key not in self._values:
                self._values[key] = coerce(self._given(path, element.variable), element.kind)[1]
            return self._values[key]
        return self.function(model, element, path) if isinstance(element, Knowledge | Service) else None

    def _given(self, path: Path, name: str) -> Any:
        """Return the input of that name: `a.b.name`, or `name` inside `a` and `b`, or simply `name`."""
        if path:
            found = self._look_up(".".join((*path, name)))
            if found is not None:
                return found
            inside = self._look_up(path[0])
            for step in (*path[1:], name):
                inside = inside.get(step) if isinstance(inside, Mapping) else None
            if inside is not None:
                return inside
        return self._look_up(name)

    def _look_up(self, name: str) -> Any:
        try:
            return self.scope[name]
        except KeyError:
            return None

    def _service(self, model: DecisionModel, service: Service, path: Path) -> Closure:
        found = [model.find(reference) for reference in (*service.inputs, *service.input_decisions)]
        parameters = [(prefix, element) for _, prefix, element in (one for one in found if one is not None)]

        def invoke(arguments: Sequence[Any]) -> Any:
            self.budget.spend()
            given = {
                ((*path, prefix) if prefix else path, element.id): coerce(value, element.kind)[1]
                for (prefix, element), value in zip(parameters, arguments, strict=True)
            }
            inner = Evaluation(self.scope, model, budget=self.budget, trace=self.trace, given=given)
            return inner.outputs(model, service, path)

        kinds = [(element.variable, element.kind) for _, element in parameters]
        return Closure(kinds, invoke, service.kind, service.name)

    def outputs(self, model: DecisionModel, service: Service, path: Path) -> Any:
        """Return the value of a service's only output decision, or a context of all of them."""
        values: dict[str, Any] = {}
        for reference in service.outputs:
            found = model.find(reference)
            if found is not None and isinstance(found[2], Decision):
                owner, prefix, decision = found[0], found[1], found[2]
                values[decision.variable] = self.decide(owner, decision, (*path, prefix) if prefix else path)
        return next(iter(values.values())) if len(values) == 1 else values
