"""The database fails: its answers are lost, its connections cut, it crashes, its disk is full."""

from __future__ import annotations

from tests.faults.conftest import Installing
from tests.faults.filling import Filling
from tests.faults.scenarios import ROUNDS, failing_database, full_disk
from tests.postgres import Cluster


def test_what_was_acknowledged_outlives_a_database_that_fails(
    installing: Installing, durable_cluster: Cluster
) -> None:
    assert failing_database(installing("postgresql"), durable_cluster, ROUNDS) == []


def test_a_full_disk_stops_the_work_and_loses_nothing(installing: Installing) -> None:
    made = installing("sqlite")
    assert (
        full_disk(
            made,
            fill=lambda: made.limit_files(made.largest_file()),
            free=lambda: made.limit_files(None),
        )
        == []
    )


def test_a_full_disk_of_postgresql_stops_the_work_and_loses_nothing(full_postgres: Filling) -> None:
    disk = full_postgres
    assert full_disk(disk.installation, fill=disk.fill, free=disk.free, name=disk.told) == []
