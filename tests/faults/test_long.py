"""What only `make faults` has the time for."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Installing
from tests.faults.scenarios import crash_loop


@pytest.mark.parametrize("mutant", ["acknowledged-before-commit", "torn-history"])
def test_the_same_loop_catches_a_mutant(installing: Installing, mutant: str) -> None:
    assert crash_loop(installing("sqlite", mutant=mutant), kills=6) != []
