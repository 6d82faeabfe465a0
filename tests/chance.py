"""Where tests take chance from: the same cases in each `make test`, new ones in each `make faults`.

What `make test` says is about the code alone. Whoever looks for the case that nobody thought of runs
`make faults`: it draws a seed, prints it, and tries more of each. `REDRESS_TEST_SEED` repeats such a run.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

_GIVEN = os.environ.get("REDRESS_TEST_SEED")
SEED = int(_GIVEN or 20260302)


def settle_hypothesis() -> None:
    """Let Hypothesis, too, try the same examples each time, unless a seed was given.

    How long an example takes says how busy the machine is, not whether the code is right.
    """
    settings.register_profile(
        "redress",
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        derandomize=not _GIVEN,
        database=None,
        print_blob=True,
    )
    settings.load_profile("redress")
    if not _GIVEN:
        # It also tries the constants of loaded modules: which those are depends on what ran before.
        none = providers._local_constants
        providers._get_local_constants = lambda: none
