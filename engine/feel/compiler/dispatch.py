"""The compiler: which function compiles which node, and what all of them need to know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from engine.feel.compiler.scope import Run
from engine.feel.syntax import Node
from engine.feel.values.functions import FeelFunction

N = TypeVar("N", bound=Node)
Rule: TypeAlias = Callable[["Compiler", Any], Run]
_RULES: dict[type[Node], Rule] = {}


def compiles(kind: type[N]) -> Callable[[Callable[[Compiler, N], Run]], Callable[[Compiler, N], Run]]:
    """Mark the function that compiles nodes of `kind`."""

    def mark(rule: Callable[[Compiler, N], Run]) -> Callable[[Compiler, N], Run]:
        _RULES[kind] = rule
        return rule

    return mark


class Compiler:
    """Compiles one tree. `functions` may be called by name; `declared` names stand for variables first.

    `counts` becomes true when the text can loop or call, so that its evaluations need a budget.
    """

    def __init__(self, functions: Mapping[str, FeelFunction], declared: frozenset[str]) -> None:
        self.functions = functions
        self.declared = declared
        self.counts = False

    def compile(self, node: Node) -> Run:
        """Return the closure for a node."""
        return _RULES[type(node)](self, node)
