"""A range read from text: brackets and two constants (DMN 1.5, table 72)."""

from __future__ import annotations

import re
from typing import Any

from engine.feel.errors import FeelSyntaxError
from engine.feel.parser.operators import parse_expression
from engine.feel.syntax import Call, Literal, Name, Node, RangeOf
from engine.feel.values.compare import order
from engine.feel.values.ranges import Range

_NO_START = re.compile(r"\s*[(\]]\s*\.\.")
_NO_END = re.compile(r"\.\.\s*[)\[]\s*$")
_CONSTRUCTORS = ("date", "time", "date and time", "duration", "number")


def parse_range(text: str) -> Range | None:
    """Return the range; None when `text` is none, has no constants as ends, or ends before it begins.

    One of the ends may be left out where its bracket is open: `(..3]`, `[1..)` (rule 66 of the grammar).
    """
    from engine.feel.builtins import BUILTIN_NAMES

    no_start, no_end = _NO_START.match(text), _NO_END.search(text)
    if no_start and no_end:
        return None
    if no_start:
        text = f"(null..{text[no_start.end() :]}"
    elif no_end:
        text = f"{text[: no_end.start()]}..null)"
    try:
        node = parse_expression(text, (BUILTIN_NAMES,), {})
    except FeelSyntaxError:
        return None
    if not isinstance(node, RangeOf):
        return None
    start, end = _constant(node.low), _constant(node.high)
    if (start is None and not no_start) or (end is None and not no_end):
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
