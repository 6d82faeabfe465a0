"""Which rules of a table can match at all: found by the inputs' values where cells list plain values.

A table of a thousand rules mostly asks for equality in some of its columns. For each of these columns the
index keeps, by value, the rules that let it pass, as the bits of a whole number; one `&` a column leaves the
rules that are worth testing. What is left out could not have matched, so results and explanation are those of
a scan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from engine.feel import UnaryTests
from engine.feel.syntax import Literal, Negation, Node, Tests, UnaryComparison
from engine.feel.types import kind_of
from engine.feel.values.compare import identity
from engine.feel.values.numbers import negate

INDEXED_FROM = 12
"""Tables with fewer rules are scanned: that costs no more."""
BLOCK = 4096
"""Rules that share one set of bits, so that memory grows with the rules and not with their square."""

Row: TypeAlias = Sequence[UnaryTests | None]
_PLAIN = frozenset(["number", "string", "boolean", "null", "date"])


class RuleIndex:
    """Finds the places of the rules that may match. `rows` are the tests of each rule."""

    def __init__(self, width: int, rows: Sequence[Row]) -> None:
        self._all = range(len(rows))
        self._blocks: list[tuple[int, _Block]] = []
        if len(rows) >= INDEXED_FROM:
            keys = [_keys(row, width) for row in rows]
            if any(key is not None for row in keys for key in row):
                self._blocks = [
                    (start, _Block(width, keys[start : start + BLOCK]))
                    for start in range(0, len(rows), BLOCK)
                ]

    def candidates(self, values: Sequence[Any]) -> Sequence[int]:
        """Return places of rules, in their order: all that match `values`, and perhaps others."""
        if not self._blocks:
            return self._all
        found: list[int] = []
        for start, block in self._blocks:
            bits = block.bits(values)
            while bits:
                lowest = bits & -bits
                found.append(start + lowest.bit_length() - 1)
                bits ^= lowest
        return found


class _Block:
    """The bits of up to BLOCK rules; bit n stands for the n-th of them."""

    __slots__ = ("_columns", "_everything")

    def __init__(self, width: int, keys: Sequence[Sequence[frozenset[Any] | None]]) -> None:
        self._everything = (1 << len(keys)) - 1
        columns = [_Column([row[place] for row in keys]) for place in range(width)]
        self._columns = [(place, column) for place, column in enumerate(columns) if column.by_value]

    def bits(self, values: Sequence[Any]) -> int:
        found = self._everything
        for place, column in self._columns:
            value = values[place]
            if kind_of(value) in _PLAIN:
                key = identity(value)
                found &= column.by_value.get(key, 0) | column.any_value
                if not found:
                    break
        return found


class _Column:
    __slots__ = ("any_value", "by_value")

    def __init__(self, keys: Sequence[frozenset[Any] | None]) -> None:
        self.by_value: dict[Any, int] = {}
        self.any_value = 0
        for place, accepted in enumerate(keys):
            if accepted is None:
                self.any_value |= 1 << place
                continue
            for key in accepted:
                self.by_value[key] = self.by_value.get(key, 0) | 1 << place


def _keys(row: Row, width: int) -> list[frozenset[Any] | None]:
    """Return what each cell of a rule lets pass, None where that cannot be listed.

    A cell that loops or calls is evaluated as in a scan, with what it spends and explains: no cell behind it
    may rule its rule out beforehand.
    """
    found: list[frozenset[Any] | None] = [None] * width
    for place, test in enumerate(row[:width]):
        if test is not None:
            if test.counts:
                break
            found[place] = _accepted(test.tree)
    return found


def _accepted(tree: Node) -> frozenset[Any] | None:
    try:
        return frozenset(identity(value) for value in plain_values(tree))
    except LookupError:
        return None


def plain_values(tree: Node) -> Iterator[Any]:
    """Yield the values that unary tests list. Raises LookupError where they ask for anything else.

    `true` is no such value: it also passes whatever is no boolean.
    """
    for test in tree.tests if isinstance(tree, Tests) else (tree,):
        if isinstance(test, UnaryComparison) and test.operator == "=":
            test = test.endpoint  # noqa: PLW2901 - the same value, written otherwise
        if isinstance(test, Negation) and isinstance(test.operand, Literal):
            operand = test.operand.value
            if kind_of(operand) != "number":
                raise LookupError
            yield negate(operand)
        elif isinstance(test, Literal) and kind_of(test.value) in _PLAIN and test.value is not True:
            yield test.value
        else:
            raise LookupError
