"""A database that crashes under the workers: they go on by themselves, and nothing becomes an incident."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from engine import clock
from engine.assembly import assemble
from engine.jobs.handlers import HANDLERS, Handler
from tests.jobs.dispatched import begin, incidents, put_service, put_waiting, states, until, working
from tests.postgres import Cluster
from tests.world import MONDAY, furnish, settings


@pytest.mark.parametrize("dispatcher", ["local", "cluster"])
def test_workers_go_on_after_postgresql_has_crashed(
    dispatcher: str, crashing_postgres: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HANDLERS, "noted", Handler(record=lambda _rt, _session, _job: None))  # type: ignore[arg-type]
    with crashing_postgres.database() as url:
        furnish(tmp_path, url)
        given = replace(settings(tmp_path, url), dispatcher=dispatcher)
        with closing(assemble(given)) as redress:
            clock.set_to(MONDAY)
            put_waiting(redress)
            put_service(redress, "noted")
            begin(redress, "served")
            with working(redress):
                until(lambda: states(redress, "served") == {"completed": 1}, "the first job is done")
                begin(redress, "waiting")
                crashing_postgres.crash()
                with pytest.raises(OperationalError):
                    begin(redress, "served")
                clock.advance(timedelta(hours=1))  # falls due while the database is away
                crashing_postgres.start()
                until(lambda: states(redress, "waiting") == {"completed": 1}, "the timer fires")
                begin(redress, "served")
                until(lambda: states(redress, "served") == {"completed": 2}, "the next job is done")
            assert incidents(redress) == []
