"""Decision tables (DMN 1.5, 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from engine.decisions.hit_policies import AGGREGATIONS, HIT_POLICIES, choose
from engine.decisions.reading import child, children, text_of
from engine.decisions.rule_index import RuleIndex
from engine.decisions.trace import note
from engine.errors import Message
from engine.feel import UnaryTests
from engine.feel.compiler.scope import Run
from engine.feel.limits import budget_of
from engine.feel.types import FeelType, coerce
from engine.feel.values.compare import equal


class Reader(Protocol):
    """What a table needs of its model while it is read."""

    def expression(self, node: Any, text: str | None) -> Run:
        """Compile an expression that stands at `node`."""
        ...

    def tests(self, node: Any, text: str | None) -> UnaryTests | None:
        """Compile unary tests that stand at `node`; None when there are none."""
        ...

    def type_of(self, reference: str | None) -> FeelType:
        """Return the type of a `typeRef`."""
        ...

    def refuse(self, node: Any, code: str, message: Message) -> None:
        """Note an error."""
        ...

    def note_table(self, node: Any, table: DecisionTable) -> None:
        """Take notice of a table that was read."""
        ...


@dataclass(frozen=True, slots=True)
class Input:
    """An input clause."""

    label: str
    text: str
    value: Run
    kind: FeelType
    allowed: UnaryTests | None


@dataclass(frozen=True, slots=True)
class Output:
    """An output clause. `priorities` compute the allowed values in the order of their priority."""

    name: str
    kind: FeelType
    priorities: Run | None
    default: Run | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, with its number from 1."""

    number: int
    id: str
    tests: tuple[UnaryTests | None, ...]
    outputs: tuple[Run, ...]
    annotations: tuple[str, ...]


class DecisionTable:
    """A table that can be evaluated in a scope."""

    def __init__(self, node: Any, reader: Reader, name: str) -> None:
        self.id = node.get("id", "")
        self.name = name
        self.policy = node.get("hitPolicy", "UNIQUE")
        self.aggregation = node.get("aggregation")
        if self.policy not in HIT_POLICIES:
            reader.refuse(
                node, "dmn.hit-policy", Message("'{policy}' is no hit policy of DMN", policy=self.policy)
            )
        if self.aggregation is not None and self.aggregation not in AGGREGATIONS:
            reader.refuse(
                node,
                "dmn.aggregation",
                Message("'{aggregation}' is no aggregation of DMN", aggregation=self.aggregation),
            )
        self.inputs = tuple(_input(one, reader) for one in children(node, "input"))
        outputs = list(children(node, "output"))
        self.outputs = tuple(_output(one, reader, len(outputs) == 1) for one in outputs)
        self.rules = tuple(
            self._rule(number, one, reader) for number, one in enumerate(children(node, "rule"), 1)
        )
        self._index = RuleIndex(len(self.inputs), [rule.tests for rule in self.rules])

    def _rule(self, number: int, node: Any, reader: Reader) -> Rule:
        entries = list(children(node, "inputEntry"))
        outputs = list(children(node, "outputEntry"))
        if len(entries) != len(self.inputs) or len(outputs) != len(self.outputs):
            reader.refuse(
                node,
                "dmn.rule",
                Message("rule {number} has not one entry for each input and output", number=number),
            )
        return Rule(
            number,
            node.get("id", ""),
            tuple(reader.tests(entry, text_of(entry)) for entry in entries),
            tuple(reader.expression(entry, text_of(entry)) for entry in outputs),
            tuple(text_of(entry) or "" for entry in children(node, "annotationEntry")),
        )

    def evaluate(self, scope: Any) -> Any:
        """Return what the table yields, and note how it came to that."""
        values = [_fitted(one.value(scope), one.kind) for one in self.inputs]
        refused = [
            one for one, value in zip(self.inputs, values, strict=True) if _is_refused(one, value, scope)
        ]
        matched = [] if refused else self._matching(values, scope)
        outputs = [self._row(rule, scope) for rule in matched]
        value = self._yield(outputs, scope) if matched or not refused else None
        note(scope, self._explanation(values, matched, outputs, value))
        return value

    def _matching(self, values: Sequence[Any], scope: Any) -> list[Rule]:
        places = self._index.candidates(values)
        budget_of(scope).spend(len(places))
        return [rule for place in places if self._matches(rule := self.rules[place], values, scope)]

    def _matches(self, rule: Rule, values: Sequence[Any], scope: Any) -> bool:
        for test, value in zip(rule.tests, values, strict=False):
            if test is not None and test.matches(value, scope) is not True:
                return False
        return True

    def _row(self, rule: Rule, scope: Any) -> tuple[Any, ...]:
        return tuple(
            _fitted(cell(scope), one.kind) for cell, one in zip(rule.outputs, self.outputs, strict=False)
        )

    def _yield(self, outputs: list[tuple[Any, ...]], scope: Any) -> Any:
        if not outputs:
            return self._default(scope)
        ranks = self._ranks(outputs, scope) if self.policy in ("PRIORITY", "OUTPUT ORDER") else []
        chosen = choose(self.policy, self.aggregation, outputs, ranks)
        if isinstance(chosen, list):
            return [self._shaped(row) for row in chosen]
        return None if chosen is None else self._shaped(chosen)

    def _default(self, scope: Any) -> Any:
        if any(one.default is not None for one in self.outputs):
            row = tuple(None if one.default is None else one.default(scope) for one in self.outputs)
            shaped = self._shaped(row)
            listed = self.policy in ("RULE ORDER", "OUTPUT ORDER") or (
                self.policy == "COLLECT" and not self.aggregation
            )
            return shaped if not listed or isinstance(shaped, list) else [shaped]
        return None

    def _shaped(self, row: tuple[Any, ...]) -> Any:
        if len(self.outputs) == 1:
            return row[0] if row else None
        return {one.name: value for one, value in zip(self.outputs, row, strict=False)}

    def _ranks(self, outputs: list[tuple[Any, ...]], scope: Any) -> list[tuple[int, ...]]:
        orders = [None if one.priorities is None else one.priorities(scope) for one in self.outputs]
        return [
            tuple(_rank(value, order) for value, order in zip(row, orders, strict=True) if order is not None)
            for row in outputs
        ]

    def _explanation(
        self, values: list[Any], matched: list[Rule], outputs: list[tuple[Any, ...]], value: Any
    ) -> dict[str, Any]:
        names = [one.name for one in self.outputs]
        return {
            "kind": "decisionTable",
            "id": self.id,
            "name": self.name,
            "hit_policy": self.policy if not self.aggregation else f"{self.policy} {self.aggregation}",
            "inputs": [
                {"label": one.label or one.text, "expression": one.text, "value": given}
                for one, given in zip(self.inputs, values, strict=True)
            ],
            "matched": [
                {
                    "rule": rule.number,
                    "id": rule.id,
                    "outputs": dict(zip(names, row, strict=False)),
                    "annotations": list(rule.annotations),
                }
                for rule, row in zip(matched, outputs, strict=True)
            ],
            "value": value,
        }


def _rank(value: Any, order: Sequence[Any]) -> int:
    return next((place for place, one in enumerate(order) if equal(one, value) is True), len(order))


def _fitted(value: Any, kind: FeelType) -> Any:
    return coerce(value, kind)[1]


def _is_refused(one: Input, value: Any, scope: Any) -> bool:
    return one.allowed is not None and value is not None and one.allowed.matches(value, scope) is False


def _input(node: Any, reader: Reader) -> Input:
    expression = child(node, "inputExpression")
    text = text_of(expression) or ""
    return Input(
        node.get("label", ""),
        text,
        reader.expression(node if expression is None else expression, text or None),
        reader.type_of(None if expression is None else expression.get("typeRef")),
        _allowed(child(node, "inputValues"), reader),
    )


def _allowed(node: Any, reader: Reader) -> UnaryTests | None:
    return None if node is None else reader.tests(node, text_of(node))


def _output(node: Any, reader: Reader, alone: bool) -> Output:
    values = child(node, "outputValues")
    text = None if values is None else text_of(values)
    default = child(node, "defaultOutputEntry")
    name = node.get("name") or ("" if alone else node.get("label", ""))
    return Output(
        name,
        reader.type_of(node.get("typeRef")),
        None if text is None else reader.expression(values, f"[{text}]"),
        None if default is None else reader.expression(default, text_of(default)),
    )
