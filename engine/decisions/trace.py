"""What an evaluation did, kept beside its value: which rules matched, with which inputs and outputs.

It goes into history, so it is plain JSON, and small however large the values are that it tells of.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.feel.builtins import BUILTINS
from engine.feel.types import kind_of

TRACE = "\0trace"
"""Under this name, which no expression can write, a scope holds the explanation of its evaluation."""
MOST_ENTRIES = 200
"""Tables and expressions of one evaluation that are told; the rest are counted."""
MOST_MEMBERS = 50
"""Members of a list or context that are told."""
MOST_CHARACTERS = 500
"""Characters of one text that are told."""
MOST_DEPTH = 8
"""Levels of an entry that are told."""
MOST_PARTS = 5000
"""Values of one evaluation that are told, in all."""
_MORE = "…"


class Trace(list[dict[str, Any]]):
    """The explanation of one evaluation, entry by entry in the order of their ends."""

    def __init__(self) -> None:
        super().__init__()
        self._parts = MOST_PARTS

    def add(self, entry: Mapping[str, Any]) -> None:
        """Keep an entry as JSON has it, cut where it is long; past the limit, count it."""
        if len(self) >= MOST_ENTRIES:
            if self[-1]["kind"] != "omitted":
                self.append({"kind": "omitted", "count": 0})
            self[-1]["count"] += 1
            return
        self.append({name: self._told(value, 1) for name, value in entry.items()})

    def _told(self, value: Any, depth: int) -> Any:
        self._parts -= 1
        if value is None or isinstance(value, bool):
            return value
        kind = kind_of(value)
        if self._parts < 0 or (depth > MOST_DEPTH and kind in ("list", "context")):
            return _MORE
        if kind == "list":
            told = [self._told(member, depth + 1) for member in value[:MOST_MEMBERS]]
            return told if len(value) <= MOST_MEMBERS else [*told, f"{_MORE} {len(value) - MOST_MEMBERS}"]
        if kind == "context":
            names = list(value)[:MOST_MEMBERS]
            inner = {_cut(str(name)): self._told(value[name], depth + 1) for name in names}
            return inner if len(value) <= MOST_MEMBERS else {**inner, _MORE: len(value) - MOST_MEMBERS}
        return _plain(value, kind)


def _plain(value: Any, kind: str) -> Any:
    """Return a single value; whole numbers as such, other ones, dates and durations as FEEL writes them."""
    if kind in ("function", "unknown"):
        return kind
    if isinstance(value, int):
        return value
    if isinstance(value, Decimal) and abs(value) < 2**53 and value == value.to_integral_value():
        return int(value)
    return _cut(value if kind == "string" else str(BUILTINS["string"].call([value])))


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + _MORE


def note(scope: Any, entry: Mapping[str, Any]) -> None:
    """Add an entry to the explanation of the evaluation that `scope` belongs to, if it keeps one."""
    try:
        entries = scope[TRACE]
    except KeyError:
        return
    if isinstance(entries, Trace):
        entries.add(entry)
