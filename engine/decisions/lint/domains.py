"""A column's values cut into pieces on which every cell of the column says the same.

The pieces of `< 10`, `[10..20]` and `30` are the numbers below 10, 10 itself, those between 10 and 20 and so
on. One value stands for each piece and is put to the cell's own test, so that what is found here is what an
evaluation would find. A set of pieces is a whole number with a bit for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cmp_to_key
from typing import Any

from engine.decisions.item_types import AllowedValues
from engine.errors import FeelError, Message
from engine.feel import UnaryTests, YearsMonths
from engine.feel.builtins import BUILTINS
from engine.feel.expression import constant_of
from engine.feel.syntax import AnyInput, ListOf, Node, RangeOf, Refusal, Tests, UnaryComparison
from engine.feel.types import FeelType, coerce, kind_of
from engine.feel.values.arithmetic import add, divide, subtract
from engine.feel.values.compare import identity, order

MOST_MARKS = 500
"""Values in one cell that are looked at: each is put to all the tests of the cell."""
MOST_CHECKS = 1_000_000
"""Pieces put to the tests of a type, times their values."""

_STEPS: dict[str, Any] = {
    "number": 1,
    "date": timedelta(days=1),
    "date and time": timedelta(hours=1),
    "days and time duration": timedelta(hours=1),
    "years and months duration": YearsMonths(1),
}
_KNOWN = frozenset([*_STEPS, "string", "boolean", "null"])
NULL = Message("null")
OTHER_TYPE = Message("a value of another type")


@dataclass(frozen=True, slots=True)
class Piece:
    """Values of a column that no cell tells apart: one of them, and what to call them."""

    value: Any
    text: Message


@dataclass(slots=True)
class Column:
    """The pieces of an input; `cells` are the pieces that each rule accepts, None where it cannot be told.

    `domain` are the pieces that can occur, `asked` those of them that a complete table answers: all but null
    and values of foreign types. `open` tells that the allowed values could not be read.
    """

    label: str
    kind: str
    pieces: list[Piece]
    cells: list[int | None] = field(default_factory=list)
    domain: int = 0
    asked: int = 0
    open: bool = False


def marks(tree: Node) -> list[Any]:
    """Return the values at which unary tests change their mind. Raises LookupError if it cannot be told."""
    if isinstance(tree, AnyInput):
        return []
    if isinstance(tree, Tests | Refusal):
        return [mark for test in tree.tests for mark in marks(test)]
    if isinstance(tree, ListOf):
        return [mark for item in tree.items for mark in marks(item)]
    if isinstance(tree, UnaryComparison):
        return [_mark(tree.endpoint)]
    return [_mark(tree.low), _mark(tree.high)] if isinstance(tree, RangeOf) else [_mark(tree)]


def _mark(tree: Node) -> Any:
    value = constant_of(tree)
    if kind_of(value) not in _KNOWN:
        raise LookupError
    return value


def _orders(tree: Node) -> bool:
    """Return whether tests ask what lies before or behind, and not for equality only."""
    if isinstance(tree, Tests | Refusal):
        return any(_orders(test) for test in tree.tests)
    if isinstance(tree, ListOf):
        return any(_orders(item) for item in tree.items)
    return isinstance(tree, RangeOf) or (
        isinstance(tree, UnaryComparison) and tree.operator not in ("=", "!=")
    )


def plain_kind(kind: FeelType) -> str:
    """Return the name of the simple type that a type narrows, "Any" for none."""
    while kind.base is not None and kind.name not in ("list", "range", "function"):
        kind = kind.base
    return kind.name


def column(
    label: str, tests: Sequence[UnaryTests | None], kind: FeelType, allowed: UnaryTests | None
) -> Column:
    """Return the column of an input of type `kind` whose rules have these tests (None for `-`)."""
    declared = plain_kind(kind)
    limits = [*_limits(kind), *([] if allowed is None else [allowed])]
    found: dict[int, list[Any] | None] = {}
    for test in (*tests, *limits):
        if test is not None and id(test) not in found:
            found[id(test)] = _marks_or_none(test)
    points = _distinct(
        mark for one in found.values() for mark in one or () if declared in ("Any", kind_of(mark))
    )
    kinds = {kind_of(point) for point in points}
    single = kinds.pop() if len(kinds) == 1 else ""
    told = single if declared == "Any" else declared if declared in _KNOWN else ""
    ordered = any(
        _orders(test.tree) for test in (*tests, *limits) if test is not None and found[id(test)] is not None
    )
    pieces = _pieces(told, points, ordered, typed=declared != "Any")
    result = Column(label, told, pieces)
    reader = _Reader(pieces, found if told or not points else {})
    result.cells = [reader.bits(test) for test in tests]
    _bound(result, kind, reader, limits, [] if allowed is None else [allowed])
    return result


def _limits(kind: FeelType | None) -> Iterator[UnaryTests]:
    """Yield the tests that a type asks of its values."""
    while kind is not None:
        if isinstance(kind.allowed, AllowedValues):
            yield kind.allowed.tests
        kind = kind.base


def _bound(
    result: Column,
    kind: FeelType,
    reader: _Reader,
    limits: Sequence[UnaryTests],
    allowed: Sequence[UnaryTests],
) -> None:
    """Say which pieces can occur: values that the type refuses become null, other ones match no rule."""
    work = sum(len(reader.marks_of(test) or ()) for test in limits) * len(result.pieces)
    result.open = work > MOST_CHECKS or any(reader.bits(test) is None for test in limits)
    if result.open:
        result.domain = (1 << len(result.pieces)) - 1
        return
    for place, piece in enumerate(result.pieces):
        fitting = piece.value is None or coerce(piece.value, kind)[0]
        if fitting and not any(
            one.matches(piece.value, {}) is False and piece.value is not None for one in allowed
        ):
            result.domain |= 1 << place
            if piece.text not in (NULL, OTHER_TYPE):
                result.asked |= 1 << place
    if not result.asked and all(cell == (1 << len(result.pieces)) - 1 for cell in result.cells):
        result.asked = result.domain


def _marks_or_none(test: UnaryTests) -> list[Any] | None:
    try:
        found = marks(test.tree)
    except LookupError:
        return None
    return found if len(found) <= MOST_MARKS else None


def _distinct(values: Any) -> list[Any]:
    return list({identity(value): value for value in values if value is not None}.values())


def _pieces(kind: str, points: list[Any], ordered: bool, *, typed: bool) -> list[Piece]:
    pieces = [Piece(None, NULL)]
    if not typed:
        # A function is equal to nothing and lies nowhere: so is any value that no cell has in mind.
        pieces.append(Piece(BUILTINS["abs"], OTHER_TYPE))
    if kind == "boolean":
        return [*pieces, Piece(True, _data("true")), Piece(False, _data("false"))]
    if kind in ("", "null"):
        return pieces
    if not points:
        return [*pieces, Piece(_some(kind), Message("any {kind}", kind=kind))]
    points = sorted(points, key=cmp_to_key(lambda a, b: order(a, b) or 0))
    if not ordered:
        return [
            *pieces,
            *(Piece(point, _data(f"= {_text(point)}")) for point in points),
            Piece(_behind(kind, points[-1]), Message("any other {kind}", kind=kind)),
        ]
    first = _before(kind, points[0])
    if first is not None:
        pieces.append(Piece(first, _data(f"< {_text(points[0])}")))
    for place, point in enumerate(points):
        pieces.append(Piece(point, _data(f"= {_text(point)}")))
        after = points[place + 1] if place + 1 < len(points) else None
        gap = _behind(kind, point) if after is None else _inside(kind, point, after)
        if gap is not None:
            text = (
                _data(f"> {_text(point)}")
                if after is None
                else Message("between {low} and {high}", low=_text(point), high=_text(after))
            )
            pieces.append(Piece(gap, text))
    return pieces


def _some(kind: str) -> Any:
    samples = {
        "number": 0,
        "string": "",
        "days and time duration": timedelta(),
        "years and months duration": YearsMonths(0),
    }
    return samples.get(kind)


def _before(kind: str, point: Any) -> Any:
    if kind == "string":
        return "" if point else None
    return subtract(point, _STEPS[kind])


def _behind(kind: str, point: Any) -> Any:
    return point + "\0" if kind == "string" else add(point, _STEPS[kind])


def _inside(kind: str, low: Any, high: Any) -> Any:
    """Return a value between two others; None when there is none."""
    if kind == "number":
        return divide(add(low, high), 2)
    if kind == "date and time":
        return add(low, divide(subtract(high, low), 2))
    if kind == "days and time duration":
        found = add(low, divide(subtract(high, low), 2))
    else:
        found = _behind(kind, low)
    return found if found is not None and (order(low, found) or 0) < 0 < (order(high, found) or 0) else None


def _data(text: str) -> Message:
    """Return FEEL as it is written, which is the same in every language."""
    return Message("{text}", text=text)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    function = BUILTINS["string"]
    return str(function.call([value]))


class _Reader:
    """Finds the pieces that tests accept. A cell says the same between two of its own marks."""

    def __init__(self, pieces: list[Piece], found: dict[int, list[Any] | None]) -> None:
        self.pieces = pieces
        self._found = found
        self._all = (1 << len(pieces)) - 1
        self._places: dict[Any, int] = {}
        for place, piece in enumerate(pieces):
            self._places.setdefault(identity(piece.value), place)
        self._first = 2 if len(pieces) > 1 and pieces[1].text == OTHER_TYPE else 1
        self._known: dict[int, int | None] = {}

    def marks_of(self, test: UnaryTests) -> list[Any] | None:
        """Return the marks of a test, None where it cannot be told."""
        return self._found.get(id(test))

    def bits(self, test: UnaryTests | None) -> int | None:
        """Return the pieces that `test` accepts, None where it cannot be told."""
        if test is None:
            return self._all
        if id(test) not in self._known:
            own = self._found.get(id(test))
            self._known[id(test)] = None if own is None else self._accepted(test, own)
        return self._known[id(test)]

    def _accepted(self, test: UnaryTests, own: list[Any]) -> int | None:
        places = {self._places[key] for key in map(identity, own) if key in self._places}
        stops = sorted({*range(self._first), *places, len(self.pieces)})
        bits, begin = 0, 0
        try:
            for stop in stops:
                if begin < stop and test.matches(self.pieces[begin].value, {}) is True:
                    bits |= (1 << stop) - (1 << begin)
                if stop < len(self.pieces) and test.matches(self.pieces[stop].value, {}) is True:
                    bits |= 1 << stop
                begin = stop + 1
        except FeelError:
            return None
        return bits
