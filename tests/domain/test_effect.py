"""Whether a measure helped: Newcombe's interval against his published example, and the verdicts."""

from __future__ import annotations

import pytest

from engine.domain.effect import Change, judge
from engine.domain.kpi import Proportion


def test_the_interval_is_the_one_that_newcombe_published() -> None:
    """56 of 70 against 48 of 80: 0.0524 to 0.3339 (Newcombe 1998, table II, example (a), method 10)."""
    low, high = Change(Proportion(48, 80), Proportion(56, 70)).interval or (0.0, 0.0)
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


def test_of_nothing_there_is_no_difference() -> None:
    change = Change(Proportion(0, 0), Proportion(3, 9))
    assert (change.difference, change.interval) == (None, None)
    assert judge(change, good_is_high=True, target=0.1) == "unclear"


@pytest.mark.parametrize(
    ("before", "after", "good_is_high", "target", "verdict"),
    [
        ((80, 100), (20, 100), False, 0.3, "effective"),
        ((80, 100), (50, 100), False, 0.3, "short_of_target"),
        ((80, 100), (78, 100), False, 0.3, "no_effect"),
        ((8, 10), (7, 10), False, 0.7, "no_effect"),
        ((20, 100), (80, 100), False, 0.3, "worse"),
        ((20, 100), (80, 100), True, 0.7, "effective"),
        ((80, 100), (20, 100), True, 0.9, "worse"),
        ((0, 50), (0, 50), False, 0.1, "no_effect"),
    ],
)
def test_only_what_is_better_beyond_chance_and_meets_its_target_is_effective(
    before: tuple[int, int], after: tuple[int, int], good_is_high: bool, target: float, verdict: str
) -> None:
    change = Change(Proportion(*before), Proportion(*after))
    assert judge(change, good_is_high=good_is_high, target=target) == verdict
