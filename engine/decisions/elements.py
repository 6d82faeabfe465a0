"""The elements of a decision requirement graph (DMN 1.5, 6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.feel.compiler.scope import Run
from engine.feel.types import FeelType


@dataclass(frozen=True, slots=True)
class Element:
    """What all elements have. `variable` is the name by which expressions know the element's value."""

    id: str
    name: str
    variable: str
    kind: FeelType


@dataclass(frozen=True, slots=True)
class InputData(Element):
    """A value that comes from outside."""


@dataclass(frozen=True, slots=True)
class Decision(Element):
    """A decision; `requires` are references to the inputs, decisions and knowledge that it needs."""

    requires: tuple[str, ...]
    run: Run
    text: str
    has_table: bool


@dataclass(frozen=True, slots=True)
class Knowledge(Element):
    """A business knowledge model; `make` makes its function in a scope."""

    requires: tuple[str, ...]
    make: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Service(Element):
    """A decision service."""

    outputs: tuple[str, ...]
    encapsulated: tuple[str, ...]
    input_decisions: tuple[str, ...]
    inputs: tuple[str, ...]
