"""What a pass over something due tells: how much was done, and when to look again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine import clock

BATCH = 100
"""How much one pass takes: between batches whoever else waits has a turn."""

TICK_S = 1.0
"""The longest time between two looks: a change of the clock is noticed within it."""

HORIZON = timedelta(seconds=TICK_S)
BUSY_S = 0.05
"""When to look again at what another process had at that moment."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many items were done, and after how many seconds the next pass is due."""

    done: int
    wait_s: float


def pace(found: int, done: int, batch: int, upcoming: datetime | None) -> Pace:
    """Return the pace after a pass that found so many due and did so many; `upcoming` is due soon."""
    if found >= batch and done:
        return Pace(done, 0.0)
    if found > done:
        return Pace(done, BUSY_S)
    if done:
        return Pace(done, 0.0)  # more may have followed from it
    if upcoming is None:
        return Pace(done, TICK_S)
    return Pace(done, min(TICK_S, max(0.0, (upcoming - clock.now()).total_seconds())))
