"""What only `make faults` has the time for."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Installing
from tests.faults.scenarios import crash_loop

MOST_LOOPS = 6
"""A kill finds the mutant in the moment that harms: on a busy machine few do, so chance decides how long."""


@pytest.mark.parametrize("mutant", ["acknowledged-before-commit", "torn-history"])
def test_the_same_loop_catches_a_mutant(installing: Installing, mutant: str) -> None:
    caught = (crash_loop(installing("sqlite", mutant=mutant), kills=6) for _ in range(MOST_LOOPS))
    assert any(caught), f"none of {MOST_LOOPS} loops caught it"
