"""Ranges (DMN 1.5, 10.3.2.7), also without a beginning or end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Range:
    """From `start` to `end`; None for an end that is not there. `operator` tells how `< 5` was written."""

    start: Any
    end: Any
    start_included: bool = True
    end_included: bool = True
    operator: str = ""
