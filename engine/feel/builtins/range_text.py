"""A range read from text: brackets and two constants (DMN 1.5, table 72)."""

from __future__ import annotations

from typing import Any

from engine.feel.errors import FeelSyntaxError
from engine.feel.parser.operators import parse_expression
from engine.feel.syntax import Call, Literal, Name, Node, RangeOf
from engine.feel.values.compare import order
from engine.feel.values.ranges import Range

_CONSTRUCTORS = ("date", "time", "date and time", "duration", "number")


def parse_range(text: str) -> Range | None:
    """Return the range, or None when `text` is none, has no constants as ends, or ends before it begins."""
    from engine.feel.builtins import BUILTIN_NAMES

    try:
        node = parse_expression(text, (BUILTIN_NAMES,), {})
    except FeelSyntaxError:
        return None
    if not isinstance(node, RangeOf):
        return None
    start, end = _constant(node.low), _constant(node.high)
    if start is None and end is None:
        return None
    if (start is None and node.low_closed) or (end is None and node.high_closed):
        return None
    if start is not None and end is not None:
        ordered = order(start, end)
        if ordered is None or ordered > 0:
            return None
    return Range(start, end, node.low_closed, node.high_closed)


def _constant(node: Node) -> Any:
    """Return the value of a literal or of `date("...")` and the like. Raises ValueError for anything else."""
    from engine.feel.builtins import BUILTINS

    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Call) and isinstance(node.function, Name) and node.function.name in _CONSTRUCTORS:
        return BUILTINS[node.function.name].call([_constant(argument) for argument in node.arguments])
    raise ValueError("a range's text has only constants as its ends")
