"""The database fails: its answers are lost, its connections cut, it crashes, its disk is full."""

from __future__ import annotations

from tests.faults.conftest import Installing
from tests.faults.scenarios import ROUNDS, failing_database, full_disk
from tests.postgres import Cluster


def test_what_was_acknowledged_outlives_a_database_that_fails(
    installing: Installing, durable_cluster: Cluster
) -> None:
    assert failing_database(installing("postgresql"), durable_cluster, ROUNDS) == []


def test_a_full_disk_stops_the_work_and_loses_nothing(installing: Installing) -> None:
    assert full_disk(installing("sqlite")) == []
