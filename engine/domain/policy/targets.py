"""What the company wants its figures to reach (R3): a target for each, as in force on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from engine.domain.policy.parameters import Parameters

_TARGETS: Final[Mapping[str, tuple[str, bool]]] = {
    "timeliness": ("target.timeliness_percent", True),
    "satisfaction": ("target.satisfaction_percent", True),
    "repeats": ("target.repeat_percent", False),
}
"""By the name of the figure: the parameter, and whether more is better."""


@dataclass(frozen=True, slots=True)
class Target:
    """What one figure is to reach: `percent` at least (`at_least`) or at most."""

    percent: int
    at_least: bool
    parameter: str

    def is_met(self, hits: int, asked: int) -> bool | None:
        """Whether `hits` of `asked` reach the target; None where nothing was asked about."""
        if asked == 0:
            return None
        actual = Decimal(100 * hits) / asked
        return actual >= self.percent if self.at_least else actual <= self.percent


def targets_on(parameters: Parameters, day: date) -> Mapping[str, Target]:
    """Return the targets by the name of their figure, as decided for a local date (R3)."""
    return {
        figure: Target(parameters.value(name, day), at_least, name)
        for figure, (name, at_least) in _TARGETS.items()
    }
