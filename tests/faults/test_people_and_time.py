"""Many who want the same at the same moment; time that jumps; instances that can never go on."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Installing
from tests.faults.scenarios import LONG, ROUNDS, one_winner, poison_and_clock


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_of_many_callers_one_gets_the_task_and_the_others_are_told(installing: Installing, kind: str) -> None:
    assert one_winner(installing(kind), 2 * ROUNDS) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"] if LONG else ["sqlite"])
def test_healthy_instances_go_on_beside_poisoned_ones_whatever_the_clock_does(
    installing: Installing, kind: str
) -> None:
    assert poison_and_clock(installing(kind)) == []
