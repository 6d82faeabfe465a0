"""Each mutant is caught, and for what is wrong with it: the harness sees what it is there to see."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Storming
from tests.faults.forked import CROWD, USERS
from tests.faults.mutants import MUTANTS
from tests.postgres import Cluster

CAUGHT = {
    # mutant: the database that it harms, and a part of what the checker says of it
    "no-row-lock": ("postgresql", "unexpected IntegrityError"),
    "torn-history": ("sqlite", "the trail"),
    "at-most-once": ("sqlite", "is done, and 0 of"),
    "lost-timer": ("sqlite", "waits without a row"),
    "early-timer": ("sqlite", "before its time"),
    "kept-after-rollback": ("sqlite", "of a task that is open"),
    "acknowledged-before-commit": ("sqlite", "was acknowledged"),
    "forgotten-key": ("sqlite", "there is ["),
}
CRASHED = {"not-durable"}


def test_every_mutant_is_to_be_caught() -> None:
    assert set(CAUGHT) | CRASHED == set(MUTANTS)


@pytest.mark.parametrize("mutant", CAUGHT)
def test_the_mutant_is_caught(storming: Storming, mutant: str) -> None:
    kind, told = CAUGHT[mutant]
    users = CROWD if mutant == "no-row-lock" else USERS
    found = storming(kind, mutant=mutant, users=users).hunt(told)
    assert any(told in each for each in found), found


@pytest.mark.parametrize("mutant", sorted(CRASHED))
def test_the_mutant_is_caught_when_the_database_crashes(
    storming: Storming, durable_cluster: Cluster, mutant: str
) -> None:
    def crash() -> None:
        durable_cluster.crash()
        durable_cluster.start()

    found = storming("postgresql", mutant=mutant).hunt("was acknowledged", meanwhile=crash)
    assert any("was acknowledged" in each for each in found), found
