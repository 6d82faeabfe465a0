"""What somebody can be held to account with, from the mildest to the gravest (R49, R50)."""

from __future__ import annotations

from typing import Final

MEASURES: Final = ("talk", "training", "criticism", "warning", "demerit", "demotion", "dismissal")
SANCTIONS: Final = frozenset({"warning", "demerit", "demotion", "dismissal"})
"""The disciplinary ones: a second decider confirms them, and they are entered in the register."""


def is_milder(one: str, other: str) -> bool:
    """Whether `one` weighs less than `other`. Raises ValueError for what is no measure."""
    return MEASURES.index(one) < MEASURES.index(other)
