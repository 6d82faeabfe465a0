"""Reading: literals, names, paths, filters, lists, contexts and ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.feel.compiler.dispatch import Compiler, compiles
from engine.feel.compiler.scope import Frame, Run
from engine.feel.limits import budget_of, checked_list
from engine.feel.syntax import (
    Between,
    Comparison,
    Conjunction,
    ContextOf,
    Disjunction,
    Filter,
    In,
    InstanceOf,
    ListOf,
    Literal,
    Name,
    Node,
    Path,
    Quantified,
    RangeOf,
)
from engine.feel.types import kind_of
from engine.feel.values.compare import order
from engine.feel.values.numbers import number_of
from engine.feel.values.properties import property_of
from engine.feel.values.ranges import Range

_CONDITIONS = (Comparison, Conjunction, Disjunction, Between, In, InstanceOf, Quantified)
_WITH_PROPERTIES = frozenset(
    ["date", "time", "date and time", "days and time duration", "years and months duration", "range"]
)


@compiles(Literal)
def literal(_compiler: Compiler, node: Literal) -> Run:
    """Compile a constant."""
    value = node.value
    return lambda _scope: value


@compiles(Name)
def name(compiler: Compiler, node: Name) -> Run:
    """Compile a name: a variable, else a function of that name, else null."""
    wanted = node.name
    function = compiler.functions.get(wanted)
    if "." in wanted:
        return _dotted(compiler, wanted)

    def run(scope: Any) -> Any:
        try:
            return scope[wanted]
        except KeyError:
            return function

    return run


def _dotted(compiler: Compiler, wanted: str) -> Run:
    """Compile a declared name that holds dots; where it does not stand for a value, it is a path."""
    first, *rest = wanted.split(".")
    node: Node = Name(first.strip())
    for step in rest:
        node = Path(node, step.strip())
    otherwise = compiler.compile(node)

    def run(scope: Any) -> Any:
        try:
            return scope[wanted]
        except KeyError:
            return otherwise(scope)

    return run


@compiles(Path)
def path(compiler: Compiler, node: Path) -> Run:
    """Compile `source.name`."""
    source, wanted = compiler.compile(node.source), node.name

    def run(scope: Any) -> Any:
        found = source(scope)
        if type(found) is dict:
            return found.get(wanted)
        return read(found, wanted)

    return run


def read(value: Any, wanted: str) -> Any:
    """Return an entry of a context, a property of a date and the like, or the list of those of a list."""
    if isinstance(value, Mapping):
        try:
            return value[wanted]
        except KeyError:
            return None
    kind = kind_of(value)
    if kind == "list":
        return [read(item, wanted) for item in value]
    return property_of(value, kind, wanted) if kind in _WITH_PROPERTIES else None


@compiles(Filter)
def filtered(compiler: Compiler, node: Filter) -> Run:
    """Compile `source[condition]`, where a number picks one member and anything else chooses among them."""
    compiler.counts = True
    source, condition = compiler.compile(node.source), compiler.compile(node.condition)
    if isinstance(node.condition, Literal) and not isinstance(node.condition.value, bool):
        return lambda scope: member_at(_as_list(source(scope)), condition(scope))
    chooses = isinstance(node.condition, _CONDITIONS)

    def run(scope: Any) -> Any:
        items = _as_list(source(scope))
        if items is None:
            return None
        budget_of(scope).spend(len(items))
        if not items and not chooses and kind_of(condition(scope)) == "number":
            return None
        kept = []
        for place, item in enumerate(items):
            outcome = condition(_item_frame(scope, item))
            if outcome is True:
                kept.append(item)
            elif place == 0 and not chooses and kind_of(outcome) == "number":
                return member_at(items, outcome)
        return kept

    return run


def _as_list(value: Any) -> Any:
    if value is None or isinstance(value, list | tuple):
        return value
    return [value]


def _item_frame(scope: Any, item: Any) -> Frame:
    return Frame(scope, {"item": item, **item} if isinstance(item, Mapping) else {"item": item})


def member_at(items: Any, place: Any) -> Any:
    """Return the member at a place, counted from 1 or, below zero, from the end; null where there is none."""
    number = number_of(place)
    if items is None or number is None or number != int(number):
        return None
    place = int(number)
    if place == 0 or abs(place) > len(items):
        return None
    return items[place - 1 if place > 0 else place]


@compiles(ListOf)
def list_of(compiler: Compiler, node: ListOf) -> Run:
    """Compile `[a, b]`."""
    compiler.counts = True
    items = [compiler.compile(item) for item in node.items]
    return lambda scope: checked_list([item(scope) for item in items])


@compiles(ContextOf)
def context_of(compiler: Compiler, node: ContextOf) -> Run:
    """Compile `{key: value}`; a key that stands twice makes it null."""
    compiler.counts = True
    entries = [(key, compiler.compile(value)) for key, value in node.entries]
    if len({key for key, _ in entries}) != len(entries):
        return lambda _scope: None

    def run(scope: Any) -> Any:
        frame = Frame(scope, {})
        for key, value in entries:
            frame[key] = value(frame)
        return dict(frame)

    return run


@compiles(RangeOf)
def range_of(compiler: Compiler, node: RangeOf) -> Run:
    """Compile `[low..high]`; null when the ends cannot be compared or stand the wrong way round."""
    low, high = compiler.compile(node.low), compiler.compile(node.high)
    low_closed, high_closed = node.low_closed, node.high_closed

    def run(scope: Any) -> Any:
        start, end = low(scope), high(scope)
        ordered = order(start, end)
        if ordered is None or ordered > 0:
            return None
        return Range(start, end, low_closed, high_closed)

    return run
