"""Operators by precedence, and unary tests (DMN 1.5, 10.3.1.2: the grammar's rules 1 to 18 and 51)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from engine.errors import Message
from engine.feel.errors import FeelSyntaxError
from engine.feel.mistakes import A_FLATTER_TEXT
from engine.feel.names import KnownNames
from engine.feel.parser.primary import UNARY_OPERATORS, PrimaryParser
from engine.feel.syntax import (
    AnyInput,
    Arithmetic,
    Between,
    Comparison,
    Conjunction,
    Disjunction,
    In,
    InstanceOf,
    Literal,
    Negation,
    Node,
    Refusal,
    Tests,
)
from engine.feel.types import FeelType
from engine.feel.values.numbers import negate, number_of

_OR, _AND, _COMPARE, _ADD, _MULTIPLY, _POWER = range(1, 7)
_LEVELS = {
    "or": _OR,
    "and": _AND,
    "=": _COMPARE,
    "!=": _COMPARE,
    "<": _COMPARE,
    "<=": _COMPARE,
    ">": _COMPARE,
    ">=": _COMPARE,
    "between": _COMPARE,
    "in": _COMPARE,
    "+": _ADD,
    "-": _ADD,
    "*": _MULTIPLY,
    "/": _MULTIPLY,
    "**": _POWER,
}
_COMPARISONS = frozenset(UNARY_OPERATORS)


class Parser(PrimaryParser):
    """Reads expressions and unary tests."""

    def expression(self) -> Node:
        """Read an expression of any kind."""
        self.deeper()
        try:
            return self._binary(_OR)
        finally:
            self.depth -= 1

    def additive(self) -> Node:
        """Read an expression that holds no comparison outside brackets."""
        self.deeper()
        try:
            return self._binary(_ADD)
        finally:
            self.depth -= 1

    def _binary(self, lowest: int) -> Node:
        left = self._unary()
        while True:
            token = self.token
            level = _LEVELS.get(token.text, 0) if token.kind in ("symbol", "name") else 0
            if level < lowest:
                return left
            self.at += 1
            left = self._operation(token.text, level, left)

    def _operation(self, operator: str, level: int, left: Node) -> Node:
        if operator == "between":
            low = self.additive()
            self.expect("and")
            return Between(left, low, self.additive())
        if operator == "in":
            return In(left, self._in_tests())
        right = self._binary(level + 1)
        if operator == "or":
            return Disjunction(left, right)
        if operator == "and":
            return Conjunction(left, right)
        if operator in _COMPARISONS:
            return Comparison(operator, left, right)
        return Arithmetic(operator, left, right)

    def _unary(self) -> Node:
        if self.peek("-"):
            self.deeper()
            self.at += 1
            operand = self._unary()
            self.depth -= 1
            number = number_of(operand.value) if isinstance(operand, Literal) else None
            return Negation(operand) if number is None else Literal(negate(number))
        node = self.postfix()
        while self.peek("instance") and self.peek("of", 1):
            self.at += 2
            node = InstanceOf(node, self.type_name())
        return node

    def _in_tests(self) -> tuple[Node, ...]:
        if not self.peek("("):
            return (self._loose_test(),)
        start = self.at
        self.at += 1
        tests = [self.test_operand()]
        while self.take(","):
            tests.append(self.test_operand())
        if self.take(")") and not (self.peek(".") or self.peek("[")):
            return tuple(tests)
        self.at = start
        return (self._loose_test(),)

    def _loose_test(self) -> Node:
        if self.token.kind == "symbol" and self.token.text in _COMPARISONS:
            return self.test_operand()
        return self.additive()

    def unary_tests(self) -> Node:
        """Read the tests of a table's input entry."""
        if self.token.kind == "end":
            return AnyInput()
        if self.peek("-") and self.tokens[self.at + 1].kind == "end":
            self.at += 1
            return AnyInput()
        if self.peek("not") and self.peek("(", 1):
            refused = self._refusal()
            if refused is not None:
                return refused
        return Tests(self._tests())

    def _refusal(self) -> Node | None:
        start = self.at
        self.at += 2
        try:
            tests = self._tests()
            self.expect(")")
        except FeelSyntaxError:
            tests = ()
        if tests and self.token.kind == "end":
            return Refusal(tests)
        self.at = start
        return None

    def _tests(self) -> tuple[Node, ...]:
        tests = [self.test_operand()]
        while self.take(","):
            tests.append(self.test_operand())
        return tuple(tests)


def _whole(
    text: str,
    known: Iterable[KnownNames],
    types: Mapping[str, FeelType],
    rule: Callable[[Parser], Node],
) -> Node:
    parser = Parser(text, known, types)
    try:
        node = rule(parser)
    except RecursionError:
        raise FeelSyntaxError(Message("the expression is nested too deeply"), 0, A_FLATTER_TEXT) from None
    if parser.token.kind != "end":
        raise parser.error(Message("an operator or the end"))
    return node


def parse_expression(text: str, known: Iterable[KnownNames], types: Mapping[str, FeelType]) -> Node:
    """Return the tree of an expression. Raises FeelSyntaxError."""
    return _whole(text, known, types, Parser.expression)


def parse_unary_tests(text: str, known: Iterable[KnownNames], types: Mapping[str, FeelType]) -> Node:
    """Return the tree of unary tests. Raises FeelSyntaxError."""
    return _whole(text, known, types, Parser.unary_tests)
