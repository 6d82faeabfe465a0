"""not, all, any, is (DMN 1.5, tables 70, 76, 80)."""

from __future__ import annotations

from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.types import kind_of
from engine.feel.values.compare import equal
from engine.feel.values.wide import offset_of, time_offset


@builtin("not", "negand: any")
def negate(negand: Any) -> bool | None:
    """Return the opposite of a boolean."""
    return not negand if isinstance(negand, bool) else None


@builtin("is", "value1: any, value2: any")
def is_same(value1: Any, value2: Any) -> bool:
    """Return whether two values are the same, also in kind and in zone."""
    if kind_of(value1) != kind_of(value2):
        return False
    if kind_of(value1) == "time" and time_offset(value1) != time_offset(value2):
        return False
    if kind_of(value1) == "date and time" and offset_of(value1) != offset_of(value2):
        return False
    return equal(value1, value2) is True


def _all(items: Any) -> bool | None:
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


def _any(items: Any) -> bool | None:
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


for _name, _function in (("all", _all), ("and", _all), ("any", _any), ("or", _any)):
    builtin(_name, "list: list")(_function)
    builtin(_name, "item: any, items*: any")(lambda *items, _of=_function: _of(items))
