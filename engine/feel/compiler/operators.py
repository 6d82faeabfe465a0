"""Operators as closures. The common cases, whole numbers and strings, come first and touch no other code."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from engine.feel.compiler.dispatch import Compiler, compiles
from engine.feel.compiler.scope import Run
from engine.feel.limits import charge, checked_value
from engine.feel.syntax import (
    Arithmetic,
    Between,
    Comparison,
    Conjunction,
    Disjunction,
    InstanceOf,
    Literal,
    Name,
    Negation,
)
from engine.feel.types import is_instance, unconstrained
from engine.feel.values import arithmetic
from engine.feel.values.compare import QUICK, holds
from engine.feel.values.numbers import LARGEST_INT

_COMPARABLE = frozenset([int, str])
_ARITHMETIC: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any] | None]] = {
    "+": (arithmetic.add, operator.add),
    "-": (arithmetic.subtract, operator.sub),
    "*": (arithmetic.multiply, operator.mul),
    "/": (arithmetic.divide, None),
    "**": (arithmetic.power, None),
}


@compiles(Comparison)
def comparison(compiler: Compiler, node: Comparison) -> Run:
    """Compile `left < right` and the like."""
    symbol, quick = node.operator, QUICK[node.operator]
    constant = node.right.value if isinstance(node.right, Literal) else None
    if type(constant) in (int, str):
        if isinstance(node.left, Name):
            return _name_with_constant(node.left.name, compiler.compile(node.left), symbol, quick, constant)
        return _with_constant(compiler.compile(node.left), symbol, quick, constant)
    left, right = compiler.compile(node.left), compiler.compile(node.right)

    def run(scope: Any) -> Any:
        first, second = left(scope), right(scope)
        kind = type(first)
        if kind is type(second) and kind in _COMPARABLE:
            return quick(first, second)
        return holds(symbol, first, second)

    return run


def _name_with_constant(
    name: str, otherwise: Run, symbol: str, quick: Callable[[Any, Any], Any], constant: Any
) -> Run:
    kind = type(constant)

    def run(scope: Any) -> Any:
        try:
            value = scope[name]
        except KeyError:
            value = otherwise(scope)
        if type(value) is kind:
            return quick(value, constant)
        return holds(symbol, value, constant)

    return run


def _with_constant(left: Run, symbol: str, quick: Callable[[Any, Any], Any], constant: Any) -> Run:
    kind = type(constant)

    def run(scope: Any) -> Any:
        value = left(scope)
        if type(value) is kind:
            return quick(value, constant)
        return holds(symbol, value, constant)

    return run


@compiles(Conjunction)
def conjunction(compiler: Compiler, node: Conjunction) -> Run:
    """Compile `and`: false wins over null."""
    left, right = compiler.compile(node.left), compiler.compile(node.right)

    def run(scope: Any) -> Any:
        first = left(scope)
        if first is False:
            return False
        second = right(scope)
        if second is False:
            return False
        return True if first is True and second is True else None

    return run


@compiles(Disjunction)
def disjunction(compiler: Compiler, node: Disjunction) -> Run:
    """Compile `or`: true wins over null."""
    left, right = compiler.compile(node.left), compiler.compile(node.right)

    def run(scope: Any) -> Any:
        first = left(scope)
        if first is True:
            return True
        second = right(scope)
        if second is True:
            return True
        return False if first is False and second is False else None

    return run


@compiles(Arithmetic)
def arithmetics(compiler: Compiler, node: Arithmetic) -> Run:
    """Compile `+ - * / **`."""
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    slow, quick = _ARITHMETIC[node.operator]
    if quick is None:
        return lambda scope: slow(left(scope), right(scope))

    def run(scope: Any) -> Any:
        first, second = left(scope), right(scope)
        if type(first) is int and type(second) is int:
            found = quick(first, second)
            if -LARGEST_INT < found < LARGEST_INT:
                return found
        outcome = slow(first, second)
        if type(outcome) is str:
            charge(scope, outcome)
        return outcome

    return run


@compiles(Negation)
def negation(compiler: Compiler, node: Negation) -> Run:
    """Compile `-operand`."""
    operand = compiler.compile(node.operand)
    return lambda scope: arithmetic.negate(operand(scope))


@compiles(Between)
def between(compiler: Compiler, node: Between) -> Run:
    """Compile `value between low and high`, both ends included."""
    value, low, high = (compiler.compile(part) for part in (node.value, node.low, node.high))

    def run(scope: Any) -> Any:
        held = value(scope)
        above, below = holds(">=", held, low(scope)), holds("<=", held, high(scope))
        if above is False or below is False:
            return False
        return None if above is None or below is None else True

    return run


@compiles(InstanceOf)
def instance_of(compiler: Compiler, node: InstanceOf) -> Run:
    """Compile `value instance of type`; null for a type that nobody has declared."""
    value, kind = compiler.compile(node.value), unconstrained(node.type)
    if kind.name.startswith("unknown type"):
        return lambda _scope: None
    return lambda scope: is_instance(checked_value(value(scope)), kind)
