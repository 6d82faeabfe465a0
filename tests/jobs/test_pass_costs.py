"""A pass costs what is due, never what is parked, held, failed, locked or waits for workers outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from engine import clock
from engine.assembly import Redress
from engine.jobs.chores import chore_pass
from engine.jobs.pace import TICK_S
from engine.jobs.ready import job_pass
from engine.jobs.timers import run_due_starts, timer_pass
from engine.store.ids import new_id
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Timer
from tests.jobs.dispatched import begin, put_waiting, states

PARKED = 3_000


@contextmanager
def statements(redress: Redress) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements that are sent meanwhile."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    engines = {redress.sessions.read_engine, redress.sessions.step_engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def parked(redress: Redress) -> Redress:
    """Many timers and jobs, none of them for a pass: later, held, failed, locked, or not ours."""
    put_waiting(redress)
    instance_id = begin(redress, "waiting")
    now = clock.now()
    kinds = [("armed", timedelta(days=9)), ("held", timedelta(days=-9)), ("failed", timedelta(days=-9))]
    timers, jobs = [], []
    for n in range(PARKED):
        state, ahead = kinds[n % 3]
        common = {"id": new_id(), "instance_id": instance_id, "element_id": "t", "state": state}
        common |= {"process_id": ["waiting", "other"][n % 2]}
        timers.append(
            common | {"token": 1000 + n, "due_at": now + ahead, "run_at": now + ahead, "attempts": 0}
        )
        common = {"id": new_id(), "instance_id": instance_id, "element_id": "t", "payload": {}, "attempts": 0}
        common |= {"token": 9000 + n, "created_at": now, "retries": 3}
        ours = {"type": "notify", "run_at": now + timedelta(hours=1), "state": "ready"}
        other = {"type": "print", "run_at": now, "state": "ready"}
        done = {"type": "notify", "run_at": now, "state": "done"}
        jobs.append(common | [ours, other, done][n % 3])
    with redress.sessions.step() as session:
        session.execute(insert(Timer), timers)
        session.execute(insert(Job), jobs)
        session.execute(text("analyze"))
    return redress


def plans(redress: Redress, sent: list[tuple[str, Any]]) -> str:
    """Return how the database answers the queries that were sent."""
    explain = "explain query plan " if redress.sessions.is_sqlite else "explain "
    found = []
    with redress.sessions.read() as session:
        for statement, parameters in sent:
            if statement.lower().lstrip().startswith(("select", "with")):
                rows = session.connection().exec_driver_sql(explain + statement, parameters)
                found += [" ".join(map(str, row)) for row in rows]
    return "\n".join(found)


def test_an_idle_look_is_one_statement_into_an_index_however_much_is_parked(parked: Redress) -> None:
    rt = parked.runtime
    begun = clock.now()
    chore_pass(rt)
    clock.set_to(begun - timedelta(milliseconds=500))  # however long that took, nothing is due again
    with statements(parked) as sent:
        assert (timer_pass(rt).done, job_pass(rt).done, run_due_starts(rt), chore_pass(rt).done) == (0,) * 4
    selects = [each for each in sent if "select" in each[0].lower()]
    assert len(selects) == 4, [statement for statement, _ in selects]
    plan = plans(parked, selects)
    assert "ix_timer_state_process" in plan
    assert "ix_job_type_state_run" in plan
    for table in ("timer", "job"):
        assert f"SCAN {table}\n" not in plan
        assert f"Seq Scan on {table} " not in plan


def test_what_is_due_costs_the_same_with_and_without_what_is_parked(redress: Redress) -> None:
    put_waiting(redress)
    counts = []
    for _ in range(2):
        for _ in range(3):
            begin(redress, "waiting")
        clock.advance(timedelta(hours=1))
        with statements(redress) as sent:
            assert timer_pass(redress.runtime).done == 3
        counts.append(len(sent))
        _park(redress)
    assert counts[0] == counts[1]


def test_a_worker_wakes_at_the_next_due_time_and_looks_once_a_second_otherwise(redress: Redress) -> None:
    put_waiting(redress)
    begin(redress, "waiting")
    assert timer_pass(redress.runtime).wait_s == TICK_S
    clock.advance(timedelta(hours=1, seconds=-0.6))
    assert timer_pass(redress.runtime).wait_s < TICK_S


def test_a_pass_takes_a_batch_the_oldest_first_and_asks_for_the_next_at_once(redress: Redress) -> None:
    put_waiting(redress, "late", "PT1H")
    put_waiting(redress, "later", "PT2H")
    for _ in range(3):
        begin(redress, "later")
        begin(redress, "late")
    clock.advance(timedelta(hours=3))
    first = timer_pass(redress.runtime, 4)
    assert (first.done, first.wait_s) == (4, 0.0)
    assert (states(redress, "late"), states(redress, "later")) == (
        {"completed": 3},
        {"active": 2, "completed": 1},
    )
    assert timer_pass(redress.runtime, 4).done == 2


def test_one_timer_does_not_wait_for_the_flood_of_another_process(redress: Redress) -> None:
    put_waiting(redress, "flood", "PT1H")
    put_waiting(redress, "single", "PT2H")
    for _ in range(25):
        begin(redress, "flood")
    begin(redress, "single")
    clock.advance(timedelta(hours=3))
    assert timer_pass(redress.runtime, 10).done == 10
    assert states(redress, "single") == {"completed": 1}
    assert states(redress, "flood") == {"active": 16, "completed": 9}
    assert timer_pass(redress.runtime, 100).done == 16


def _park(redress: Redress) -> None:
    put_waiting(redress, "parked", "P9D")
    for _ in range(30):
        begin(redress, "parked")
