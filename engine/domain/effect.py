"""Did a measure help? A share before and after it, the difference and its uncertainty, the verdict (R58).

The interval of the difference is Newcombe's hybrid score interval (R. G. Newcombe, "Interval estimation for
the difference between independent proportions", Statistics in Medicine 17, 1998, method 10): it is built
from the Wilson intervals of both shares and holds for few cases and for shares near 0 and 1 as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

from engine.domain.kpi import Proportion

Verdict = Literal["effective", "short_of_target", "no_effect", "worse", "unclear"]


@dataclass(frozen=True, slots=True)
class Change:
    """A share before and after; differences are after minus before, from -1 to 1."""

    before: Proportion
    after: Proportion

    @property
    def difference(self) -> float | None:
        """The difference of the shares, or None where one of them is of nothing."""
        before, after = self.before.share, self.after.share
        return None if before is None or after is None else after - before

    @property
    def interval(self) -> tuple[float, float] | None:
        """Newcombe's interval of the difference at 95 per cent, or None where one share is of nothing."""
        one, two = self.before.interval, self.after.interval
        before, after, difference = self.before.share, self.after.share, self.difference
        if one is None or two is None or before is None or after is None or difference is None:
            return None
        down = sqrt((after - two[0]) ** 2 + (one[1] - before) ** 2)
        up = sqrt((two[1] - after) ** 2 + (before - one[0]) ** 2)
        return max(-1.0, difference - down), min(1.0, difference + up)


def judge(change: Change, *, good_is_high: bool, target: float) -> Verdict:
    """Return what the figures say of a measure whose metric should reach `target` (a share, 0 to 1).

    `effective`: the whole interval lies on the good side of 0 and the target is met. `short_of_target`:
    better beyond chance, but not as much as was promised. `worse`: the whole interval lies on the bad side.
    `no_effect`: chance alone may explain the difference. `unclear`: there is nothing to compare.
    """
    interval, after = change.interval, change.after.share
    if interval is None or after is None:
        return "unclear"
    low, high = interval if good_is_high else (-interval[1], -interval[0])
    if high < 0:
        return "worse"
    if low <= 0:
        return "no_effect"
    met = after >= target if good_is_high else after <= target
    return "effective" if met else "short_of_target"
