"""Chores work in small steps and read what is due and nothing else, and so do the figures of operations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert

from engine import clock
from engine.assembly import Redress
from engine.jobs import ended
from engine.jobs.chores import DUTIES, Duty
from engine.jobs.ended import remove_ended_jobs
from engine.jobs.handlers import HANDLERS
from engine.people.actor import SYSTEM
from engine.read.operations import (
    MOST_COUNTED,
    incident_groups,
    job_list,
    operation_counts,
    timer_list,
    trouble,
)
from engine.read.standing import newest_event, standing
from engine.store.ids import least_id, new_id
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Incident
from tests.jobs.dispatched import job_states
from tests.read.plans import scans


def put_jobs(redress: Redress, *states: str) -> None:
    now = clock.now()
    common = {"type": "notify", "payload": {}, "retries": 3, "attempts": 1, "run_at": now, "created_at": now}
    rows = [
        {"id": new_id(), "state": state, "ended_at": now if state in ("done", "withdrawn") else None}
        for state in states
    ]
    with redress.sessions.step() as session:
        session.execute(insert(Job), [common | row for row in rows])


def test_ended_jobs_are_kept_for_the_time_that_is_set_and_then_removed_in_small_steps(
    redress: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ended, "AT_ONCE", 2)
    put_jobs(redress, "done", "done", "done", "withdrawn", "dead", "held", "ready")
    clock.advance(timedelta(days=redress.config.keep_jobs_days, seconds=-10))
    put_jobs(redress, "done")
    assert remove_ended_jobs(redress.runtime) == 0
    clock.advance(timedelta(seconds=20))
    assert remove_ended_jobs(redress.runtime) == 4
    assert job_states(redress) == {"dead": 1, "held": 1, "ready": 1, "done": 1}


@pytest.mark.parametrize("duty", DUTIES, ids=lambda duty: duty.name)
def test_no_chore_reads_a_whole_table(redress: Redress, duty: Duty) -> None:
    assert scans(redress, lambda _: duty.work(redress.runtime)) == []


@pytest.mark.parametrize(
    "look",
    [
        lambda session: standing(session, HANDLERS, late_after=timedelta(minutes=1)),
        newest_event,
        trouble,
        operation_counts,
        incident_groups,
        *(
            lambda session, state=state: job_list(session, SYSTEM, state=state)
            for state in ("ready", "dead", "done")
        ),
        *(
            lambda session, state=state: timer_list(session, SYSTEM, state=state)
            for state in ("armed", "failed")
        ),
        lambda session: timer_list(session, SYSTEM, due_only=True),
    ],
)
def test_neither_metrics_nor_doctor_nor_operations_read_a_whole_table(
    redress: Redress, look: Callable[[object], object]
) -> None:
    assert scans(redress, look, walked=("sqlite_autoindex_timer_1",)) == []


def test_groups_of_incidents_are_counted_up_to_a_bound(redress: Redress) -> None:
    now = clock.now()
    row = {"kind": "job", "source_id": "j", "message": "m", "state": "open", "created_at": now}
    with redress.sessions.step() as session:
        session.execute(insert(Incident), [row | {"id": new_id()} for _ in range(MOST_COUNTED + 3)])
    with redress.sessions.read() as session:
        assert [group["count"] for group in incident_groups(session)] == [MOST_COUNTED]


def test_an_identifier_sorts_behind_the_least_of_its_instant() -> None:
    now = clock.now() - clock.offset()
    assert least_id(now - timedelta(seconds=1)) < new_id() < least_id(now + timedelta(seconds=1))
