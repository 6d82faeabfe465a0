"""Conditionals, loops, quantifiers and tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.feel.compiler.dispatch import Compiler, compiles
from engine.feel.compiler.scope import Frame, Run
from engine.feel.compiler.tests import test_of, unary_range
from engine.feel.limits import budget_of, checked_list
from engine.feel.syntax import Conditional, For, In, Iteration, Quantified, UnaryComparison
from engine.feel.types import kind_of
from engine.feel.values.spans import span, span_of_range

_Source = tuple[str, Run, Run | None]


@compiles(Conditional)
def conditional(compiler: Compiler, node: Conditional) -> Run:
    """Compile `if`: anything but true leads to `else`."""
    condition, chosen, other = (compiler.compile(part) for part in (node.condition, node.chosen, node.other))
    return lambda scope: chosen(scope) if condition(scope) is True else other(scope)


@compiles(For)
def for_(compiler: Compiler, node: For) -> Run:
    """Compile `for`; `partial` holds the results so far."""
    compiler.counts = True
    sources = _sources(compiler, node.iterations)
    result = compiler.compile(node.result)

    def run(scope: Any) -> Any:
        found: list[Any] = []
        frames = _frames(Frame(scope, {"partial": found}), sources, 0)
        try:
            for frame in frames:
                found.append(result(frame))  # noqa: PERF401 - each result sees those before it
        except _Unloopable:
            return None
        return checked_list(found)

    return run


@compiles(Quantified)
def quantified(compiler: Compiler, node: Quantified) -> Run:
    """Compile `some` and `every`, three-valued."""
    compiler.counts = True
    sources = _sources(compiler, node.iterations)
    condition = compiler.compile(node.condition)
    every = node.every

    def run(scope: Any) -> Any:
        outcome: bool | None = every
        try:
            for frame in _frames(Frame(scope, {}), sources, 0):
                found = condition(frame)
                if found is (not every):
                    return not every
                if not isinstance(found, bool):
                    outcome = None
        except _Unloopable:
            return None
        return outcome

    return run


class _Unloopable(Exception):
    """What stands behind `in` is nothing that one can go through."""


def _sources(compiler: Compiler, iterations: tuple[Iteration, ...]) -> list[_Source]:
    return [
        (one.name, compiler.compile(one.source), None if one.end is None else compiler.compile(one.end))
        for one in iterations
    ]


def _frames(frame: Frame, sources: list[_Source], place: int) -> Iterator[Frame]:
    name, source, end = sources[place]
    budget = budget_of(frame)
    last = place == len(sources) - 1
    for item in _members(source(frame), end, frame):
        budget.spend()
        inner = Frame(frame, {name: item})
        if last:
            yield inner
        else:
            yield from _frames(inner, sources, place + 1)


def _members(value: Any, end: Run | None, frame: Frame) -> Any:
    if end is not None:
        found = span(value, end(frame))
    elif isinstance(value, list | tuple):
        return value
    else:
        found = span_of_range(value) if kind_of(value) == "range" else None
    if found is None:
        raise _Unloopable
    return found


@compiles(In)
def in_(compiler: Compiler, node: In) -> Run:
    """Compile `value in tests`: true when one holds, null when none does and one cannot be said."""
    value = compiler.compile(node.value)
    tests = [test_of(compiler, test) for test in node.tests]

    def run(scope: Any) -> Any:
        held = value(scope)
        outcome: bool | None = False
        for test in tests:
            found = test(held, scope)
            if found is True:
                return True
            if found is None:
                outcome = None
        return outcome

    return run


@compiles(UnaryComparison)
def unary_comparison(compiler: Compiler, node: UnaryComparison) -> Run:
    """Compile `< 5` as a value: a range without the other end (DMN 1.5, 10.3.2.7)."""
    endpoint, operator = compiler.compile(node.endpoint), node.operator
    return lambda scope: unary_range(operator, endpoint(scope))
