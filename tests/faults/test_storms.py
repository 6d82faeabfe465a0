"""kill -9 every few moments, in the middle of starts, completions, jobs and timers."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Storming
from tests.faults.scenarios import ROUNDS


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_lost_or_doubled_in_a_storm_of_kills(storming: Storming, kind: str) -> None:
    assert storming(kind).storm(8 * ROUNDS) == []
