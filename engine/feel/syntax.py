"""The tree that a FEEL text is read into. Each node says only what stands there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.feel.types import FeelType


@dataclass(frozen=True, slots=True)
class Node:
    """Any expression."""


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, string, boolean, null or `@"..."` value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable, parameter or function, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`source.name`."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`source[condition]`."""

    source: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """`-operand`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`left operator right` with + - * / **."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`left operator right` with = != < <= > >=."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Conjunction(Node):
    """`left and right`."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Disjunction(Node):
    """`left or right`."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`value between low and high`."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """`value in tests`."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """`value instance of type`."""

    value: Node
    type: FeelType


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    """`if condition then chosen else other`."""

    condition: Node
    chosen: Node
    other: Node


@dataclass(frozen=True, slots=True)
class Iteration:
    """`name in source`, or `name in source..end`."""

    name: str
    source: Node
    end: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for iterations return result`."""

    iterations: tuple[Iteration, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some|every iterations satisfies condition`."""

    every: bool
    iterations: tuple[Iteration, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """`[a, b]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    """`{key: value}`; later entries see earlier ones."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeOf(Node):
    """`[low..high]` with either end open or closed."""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class UnaryComparison(Node):
    """`< endpoint`, `= endpoint`: a test of an input, or an unbounded range as a value."""

    operator: str
    endpoint: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function(a, b)`."""

    function: Node
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class NamedCall(Node):
    """`function(x: a, y: b)`."""

    function: Node
    arguments: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function that a model defines."""

    name: str
    type: FeelType


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    """`function(x: number) body`. `external` marks one whose body tells where foreign code is."""

    parameters: tuple[Parameter, ...]
    body: Node
    external: bool = False


@dataclass(frozen=True, slots=True)
class AnyInput(Node):
    """`-`: a unary test that every input passes."""


@dataclass(frozen=True, slots=True)
class Refusal(Node):
    """`not(tests)` as unary tests."""

    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """Unary tests: one of them must hold."""

    tests: tuple[Node, ...]


def names_read(node: Any) -> frozenset[str]:
    """Return every name that stands in a tree as an operand, also those that the tree itself defines."""
    if isinstance(node, Name):
        return frozenset([node.name])
    return frozenset[str]().union(*(names_read(part) for part in _parts(node)))


def free_and_called_names(node: Node) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that a tree surely reads from outside, not its own ones nor a filter's, and those that
    it calls as functions and does not define itself.
    """
    read: set[str] = set()
    called: set[str] = set()
    own: set[str] = set()
    waiting: list[tuple[Any, bool]] = [(node, True)]
    while waiting:
        part, surely = waiting.pop()
        if isinstance(part, Literal):
            continue
        if isinstance(part, Name):
            if surely:
                read.add(part.name)
            continue
        if isinstance(part, Filter):
            waiting += [(part.source, surely), (part.condition, False)]
            continue
        if isinstance(part, Iteration | Parameter):
            own.add(part.name)
        elif isinstance(part, ContextOf):
            own.update(key for key, _ in part.entries)
        elif isinstance(part, Call | NamedCall) and isinstance(part.function, Name):
            called.add(part.function.name)
        waiting += [(inner, surely) for inner in _parts(part)]
    return frozenset(read - own), frozenset(called - own)


def _parts(node: Any) -> tuple[Any, ...]:
    if isinstance(node, tuple):
        return node
    if isinstance(node, Node | Iteration):
        return tuple(getattr(node, slot) for slot in type(node).__slots__)
    return ()
