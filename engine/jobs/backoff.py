"""How long to wait before trying again what failed: longer each time, and not all at the same moment."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Backoff:
    """The first delay in seconds, how it grows, where growing ends, and by which share it scatters."""

    first_s: float
    factor: float
    longest_s: float
    scatter: float = 0.2

    def delay(self, failures: int) -> timedelta:
        """Return how long to wait after so many failures (1 or more).

        Scattered upwards, so that what failed together, as when a server was away, does not come back
        together.
        """
        plain = min(self.first_s * self.factor ** min(failures - 1, 60), self.longest_s)
        return timedelta(seconds=plain * (1 + random.uniform(0, self.scatter)))  # noqa: S311 - no secret


QUICK = Backoff(5, 4, 3600)
"""For what fails in our own process: 5 s, 20 s, 80 s, ... up to an hour."""

PATIENT = Backoff(60, 3, 6 * 3600)
"""For what another machine must do: a minute, 3, 9, 27, ... up to six hours."""

MOMENT = Backoff(0.5, 1, 0.5, scatter=1.0)
"""For what only had bad luck: another step was first, or the database was away."""
