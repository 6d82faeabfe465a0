"""Tests of an input: the parts of unary tests and of `in`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from engine.feel.compiler.dispatch import Compiler
from engine.feel.compiler.scope import Frame
from engine.feel.syntax import AnyInput, Literal, Node, RangeOf, Refusal, Tests, UnaryComparison, names_read
from engine.feel.types import kind_of
from engine.feel.values.compare import QUICK, equal, holds, in_range
from engine.feel.values.ranges import Range

Test: TypeAlias = Callable[[Any, Any], bool | None]
INPUT = "?"


def unary_range(operator: str, endpoint: Any) -> Range | None:
    """Return the range that `< endpoint` and the like mean; None for no endpoint."""
    if endpoint is None and operator not in ("=", "!="):
        return None
    if operator in ("<", "<="):
        return Range(None, endpoint, False, operator == "<=", operator)
    if operator in (">", ">="):
        return Range(endpoint, None, operator == ">=", False, operator)
    return Range(endpoint, endpoint, True, True, operator)


def test_of(compiler: Compiler, node: Node) -> Test:
    """Compile one test of an input."""
    if isinstance(node, UnaryComparison):
        if isinstance(node.endpoint, Literal) and type(node.endpoint.value) in (int, str):
            return _with_constant(node.operator, node.endpoint.value)
        endpoint, operator = compiler.compile(node.endpoint), node.operator
        return lambda value, scope: holds(operator, value, endpoint(scope))
    run = compiler.compile(node)
    if mentions_input(node):
        return lambda value, scope: _truth(run(Frame(scope, {INPUT: value})))
    if isinstance(node, RangeOf):
        return lambda value, scope: None if (test := run(scope)) is None else matches(value, test)
    return lambda value, scope: matches(value, run(scope))


def _with_constant(symbol: str, constant: int | str) -> Test:
    """Return the test against a whole number or string: most cells of most tables."""
    kind, quick = type(constant), QUICK[symbol]

    def check(value: Any, _scope: Any) -> bool | None:
        return quick(value, constant) if type(value) is kind else holds(symbol, value, constant)

    return check


def _truth(found: Any) -> bool | None:
    return found if isinstance(found, bool) else None


def matches(value: Any, test: Any) -> bool | None:
    """Return whether `value` passes a test: is equal to it, in its range, or among its members."""
    kind = kind_of(test)
    if kind == "range":
        return value == test or (in_range(value, test) if kind_of(value) != "range" else equal(value, test))
    if kind == "list":
        return _among(value, test)
    return equal(value, test)


def _among(value: Any, members: Any) -> bool | None:
    if isinstance(value, list | tuple) and equal(value, members) is True:
        return True
    outcome: bool | None = False
    for member in members:
        kind = kind_of(member)
        found = (
            in_range(value, member) if kind == "range" and kind_of(value) != "range" else equal(value, member)
        )
        if found is not True and kind == "list":
            found = _among(value, member) if not isinstance(value, list | tuple) else found
        if found is True:
            return True
    return outcome


def mentions_input(node: Node) -> bool:
    """Return whether `?` stands anywhere in a tree."""
    return INPUT in names_read(node)


def compile_tests(compiler: Compiler, node: Node) -> Test:
    """Compile the unary tests of an input entry. A test that says true of itself holds too (7.3.2)."""
    if isinstance(node, AnyInput):
        return lambda _value, _scope: True
    if isinstance(node, Refusal):
        inner = _any_of([_cell_test(compiler, test) for test in node.tests])

        def refuse(value: Any, scope: Any) -> bool | None:
            found = inner(value, scope)
            return None if found is None else not found

        return refuse
    tests = node.tests if isinstance(node, Tests) else (node,)
    return _any_of([_cell_test(compiler, test) for test in tests])


def _cell_test(compiler: Compiler, node: Node) -> Test:
    if isinstance(node, Literal) and type(node.value) in (int, str):
        return _with_constant("=", node.value)
    if isinstance(node, UnaryComparison) or mentions_input(node):
        return test_of(compiler, node)
    run = compiler.compile(node)

    def check(value: Any, scope: Any) -> bool | None:
        found = run(scope)
        if found is True and not isinstance(value, bool):
            return True
        return matches(value, found)

    return check


def _any_of(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]

    def check(value: Any, scope: Any) -> bool | None:
        outcome: bool | None = False
        for test in tests:
            found = test(value, scope)
            if found is True:
                return True
            if found is None:
                outcome = None
        return outcome

    return check
