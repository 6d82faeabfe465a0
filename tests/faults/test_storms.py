"""kill -9 every few moments, in the middle of starts, completions, jobs and timers."""

from __future__ import annotations

from contextlib import closing

import pytest

from engine.assembly import assemble
from tests.faults.conftest import Installing, Storming
from tests.faults.scenarios import ROUNDS
from tests.faults.signals import told_while_killed
from tests.world import settings


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_lost_or_doubled_in_a_storm_of_kills(storming: Storming, kind: str) -> None:
    assert storming(kind).storm(8 * ROUNDS) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_each_receiver_of_a_signal_in_parts_gets_it_once(installing: Installing, kind: str) -> None:
    place = installing(kind)
    with closing(assemble(settings(place.folder, place.url))) as redress:
        assert told_while_killed(redress, place.url) == []
