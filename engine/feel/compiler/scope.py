"""The names that an expression sees: a mapping from outside, and frames of inner names before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Scope: TypeAlias = Mapping[str, Any]
Run: TypeAlias = Callable[[Any], Any]


class Frame(dict[str, Any]):
    """Inner names; what is not among them is looked up in the scope around."""

    __slots__ = ("outer",)

    def __init__(self, outer: Scope, names: Mapping[str, Any]) -> None:
        super().__init__(names)
        self.outer = outer

    def __missing__(self, name: str) -> Any:
        return self.outer[name]
