"""Functions that a model says are written elsewhere.

DMN lets a model name a Java method or a PMML model. No foreign code runs here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.feel.types import FeelType


def foreign_function(_where: Any, _parameters: Sequence[tuple[str, FeelType]]) -> Any:
    """Return the function that `where` names, null when it is none that is known."""
    return None
