"""The built-in functions of DMN 1.5 and of Camunda's FEEL."""

from __future__ import annotations

from engine.feel.builtins import (
    booleans,
    contexts,
    conversion,
    intervals,
    lists,
    numeric,
    statistics,
    strings,
    temporal,
)
from engine.feel.builtins.registry import BUILTINS
from engine.feel.names import KnownNames

BUILTIN_NAMES = KnownNames(BUILTINS)
"""The built-in names of several words."""

__all__ = [
    "BUILTINS",
    "BUILTIN_NAMES",
    "booleans",
    "contexts",
    "conversion",
    "intervals",
    "lists",
    "numeric",
    "statistics",
    "strings",
    "temporal",
]
