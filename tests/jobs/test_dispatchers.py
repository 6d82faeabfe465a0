"""What holds under every dispatcher: the local one on both databases, the cluster's on PostgreSQL."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from engine import clock, config
from engine.assembly import Redress, assemble
from engine.errors import ConfigurationError
from engine.jobs import chores
from engine.jobs.handlers import HANDLERS, Handler
from engine.jobs.timers import TIMER_ATTEMPTS
from engine.store.tables.jobs import Job
from engine.store.tables.people import Notification
from engine.store.tables.runtime import Timer
from tests.jobs.dispatched import (
    KINDS,
    begin,
    count,
    incidents,
    installed,
    job_states,
    put,
    put_service,
    put_waiting,
    states,
    until,
    working,
)
from tests.runtime.spiff.drawing import END, MESSAGE, ON_MESSAGE, START, element, ext, mapping, process
from tests.world import register


@pytest.fixture(params=KINDS)
def redress(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Redress]:
    with installed(request.param, request, tmp_path / "var") as made:
        yield made


def handled(monkeypatch: pytest.MonkeyPatch, job_type: str, handler: Handler) -> None:
    monkeypatch.setitem(HANDLERS, job_type, handler)  # type: ignore[arg-type]


def test_a_timer_fires_and_the_job_behind_it_is_done_once(redress: Redress) -> None:
    made = register(redress)
    with working(redress):
        clock.advance(timedelta(days=3))  # the warning a day before the limit
        until(lambda: set(job_states(redress)) == {"done"}, "the warnings are given")
    with redress.sessions.read() as session:
        keys = session.scalars(
            select(Notification.source_key).where(Notification.complaint_no == made.complaint_no)
        ).all()
    assert len(keys) == len(set(keys)) > 0


def test_thrown_messages_reach_each_who_waits_for_them(redress: Redress) -> None:
    catcher = process(
        START + END + element("intermediateCatchEvent", "c", ON_MESSAGE) + "s->c;c->e;", "catcher"
    )
    put(redress, "catch", MESSAGE, catcher)
    payload = ext(mapping({"key": "=&quot;K-&quot; + no"}, {}))
    thrown = START + element("intermediateThrowEvent", "t", payload + ON_MESSAGE) + END + "s->t;t->e;"
    put(redress, "throw", MESSAGE, process(thrown, "thrower"))
    for n in range(10):
        begin(redress, "catcher", key=f"K-{n}")
    with working(redress):
        for n in range(10):
            begin(redress, "thrower", no=str(n))
        until(lambda: states(redress, "catcher") == {"completed": 10}, "every message is caught")
        until(lambda: job_states(redress) == {"done": 10}, "every job has ended")


def test_many_jobs_that_are_ready_at_once_are_each_done_once(
    redress: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    handled(monkeypatch, "noted", Handler(record=lambda _rt, _session, job: seen.append(job.id)))
    put_service(redress, "noted")
    for _ in range(60):
        begin(redress, "served")
    with working(redress):
        until(lambda: states(redress, "served") == {"completed": 60}, "every instance has ended")
    assert len(seen) == len(set(seen)) == 60
    assert tickets(redress) == 0


def test_a_job_that_fails_is_tried_again_after_a_while_and_becomes_an_incident(
    redress: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def fail(_rt: Any, _session: Any, job: Any) -> None:
        tried.append(job.id)
        raise RuntimeError("王小明 must not be told")

    handled(monkeypatch, "bad", Handler(record=fail))
    put_service(redress, "bad", retries=3)
    instance_id = begin(redress, "served")
    with working(redress):
        for attempt in range(1, 4):
            until(lambda n=attempt: count(redress, Job, Job.attempts == n) == 1, f"attempt {attempt}")
            clock.advance(timedelta(hours=2))
        until(lambda: len(incidents(redress)) == 1, "the incident is open")
    [incident] = incidents(redress)
    assert (incident.instance_id, incident.element_id, incident.kind) == (instance_id, "t", "job")
    assert "'bad' failed 3 time(s)" in incident.message
    assert "RuntimeError" in incident.message
    assert "retry the incident" in incident.message
    assert "王小明" not in incident.message
    assert len(tried) == 3
    assert job_states(redress) == {"dead": 1}


def test_a_slow_partner_delays_no_timer_no_other_job_and_holds_no_transaction(
    redress: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stop = threading.Event()

        def call(_rt: Any, _job: Any) -> dict[str, Any]:
            with socket.create_connection(silent.getsockname(), timeout=PATIENCE):
                stop.wait(PATIENCE)
            return {"told": True}

        handled(monkeypatch, "slow", Handler(send=call))
        handled(monkeypatch, "noted", Handler(record=lambda _rt, _session, _job: None))
        put_service(redress, "slow", "called")
        put_service(redress, "noted", "served")
        put_waiting(redress)
        for _ in range(10):
            begin(redress, "called")
        with working(redress):
            silent.settimeout(PATIENCE)
            called = [silent.accept()[0] for _ in range(2)]  # they are waited for from now on
            begin(redress, "served")
            begin(redress, "waiting")
            clock.advance(timedelta(hours=1))
            until(lambda: states(redress, "waiting") == {"completed": 1}, "the timer fires meanwhile")
            until(lambda: states(redress, "served") == {"completed": 1}, "the other job is done meanwhile")
            until(lambda: in_transaction(redress) == 0, "no call holds a transaction open")
            assert states(redress, "called") == {"active": 10}
            stop.set()
            until(lambda: states(redress, "called") == {"completed": 10}, "the calls end")
        for connection in called:
            connection.close()


def test_a_sending_whose_worker_died_is_taken_over_and_the_late_answer_is_dropped(
    redress: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, calls = threading.Event(), threading.Event(), []

    def call(_rt: Any, job: Any) -> dict[str, Any]:
        calls.append(job.id)
        if len(calls) == 1:
            begun.set()
            go_on.wait(PATIENCE)
            return {"who": "late"}
        return {"who": "second"}

    handled(monkeypatch, "slow", Handler(send=call, lock_s=60))
    put_service(redress, "slow")
    begin(redress, "served")
    with working(redress):
        assert begun.wait(PATIENCE)
        clock.advance(timedelta(seconds=61))
        until(lambda: states(redress, "served") == {"completed": 1}, "another has done it")
        go_on.set()
    assert len(calls) == 2
    assert calls[0] == calls[1]  # the stable key
    with redress.sessions.read() as session:
        values = session.execute(text("select value from history_value")).scalars().all()
    assert [value for value in values if "late" in str(value)] == []


def test_a_timer_that_cannot_fire_becomes_an_incident_and_delays_no_other(redress: Redress) -> None:
    put_waiting(redress)
    bad = begin(redress, "waiting")
    for _ in range(3):
        begin(redress, "waiting")
    with redress.sessions.step() as session:
        session.execute(text("update instance set workflow = :w where id = :i"), {"w": b"{}", "i": bad})
    redress.runtime.workflows.drop(bad)
    with working(redress):
        clock.advance(timedelta(hours=1))
        until(lambda: states(redress, "waiting") == {"completed": 3, "active": 1}, "the others fire")
        for attempt in range(1, TIMER_ATTEMPTS + 1):
            until(lambda n=attempt: count(redress, Timer, Timer.attempts == n) == 1, f"attempt {attempt}")
            clock.advance(timedelta(hours=1))
        until(lambda: len(incidents(redress)) == 1, "the incident is open")
    [incident] = incidents(redress)
    assert (incident.instance_id, incident.element_id, incident.kind) == (bad, "t", "timer")
    assert "retry the incident" in incident.message
    assert count(redress, Timer, Timer.state == "armed") == 0  # no pass looks at it any more


def test_a_job_whose_ticket_was_lost_is_found(redress: Redress, monkeypatch: pytest.MonkeyPatch) -> None:
    handled(monkeypatch, "noted", Handler(record=lambda _rt, _session, _job: None))
    put_service(redress, "noted")
    begin(redress, "served")
    if redress.config.dispatcher == "cluster":
        with redress.sessions.step() as session:
            assert session.execute(text("delete from procrastinate_jobs")).rowcount == 1  # type: ignore[attr-defined]
    with working(redress):
        clock.advance(timedelta(minutes=1))
        until(lambda: states(redress, "served") == {"completed": 1}, "it is done all the same")


def test_a_step_that_is_undone_leaves_neither_job_nor_ticket(
    redress: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    handled(monkeypatch, "noted", Handler(record=lambda _rt, _session, _job: None))
    put_service(redress, "noted")
    enqueued = redress.runtime.enqueue

    def then_fail(session: Any, jobs: Any) -> None:
        enqueued(session, jobs)
        raise RuntimeError("the step fails after the job was written")

    monkeypatch.setattr(redress.runtime, "enqueue", then_fail)
    with pytest.raises(RuntimeError):
        begin(redress, "served")
    assert job_states(redress) == {}
    assert tickets(redress) == 0


def test_a_chore_is_done_once_by_many_workers(redress: Redress) -> None:
    done: list[str] = []
    duties = [chores.Duty("count", 60, lambda _rt: done.append("x"))]
    other = assemble(redress.config)
    try:
        barrier = threading.Barrier(4)

        def work(rt: Any) -> None:
            barrier.wait()
            for _ in range(3):
                chores.chore_pass(rt, duties)

        for expected in (1, 2):
            threads = [threading.Thread(target=work, args=(each.runtime,)) for each in [redress, other] * 2]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(done) == expected
            clock.advance(timedelta(seconds=61))
        clock.advance(timedelta(days=-10))
        chores.chore_pass(redress.runtime, duties)
        assert len(done) == 3  # a clock that was set back does not put it off for ten days
    finally:
        other.close()


def test_told_to_stop_it_begins_nothing_more(redress: Redress) -> None:
    with working(redress):
        pass
    put_waiting(redress)
    begin(redress, "waiting")
    clock.advance(timedelta(hours=1))
    assert states(redress, "waiting") == {"active": 1}


def test_a_cluster_needs_postgresql(tmp_path: Path) -> None:
    environ = {"REDRESS_ENV": "test", "REDRESS_DATA_DIR": str(tmp_path), "REDRESS_DISPATCHER": "cluster"}
    with pytest.raises(ConfigurationError, match="needs PostgreSQL"):
        config.load(environ)
    with pytest.raises(ConfigurationError, match="local or cluster"):
        config.load(environ | {"REDRESS_DISPATCHER": "both"})


PATIENCE = 120


def tickets(redress: Redress) -> int:
    """Count the tickets that are left."""
    if redress.config.dispatcher == "local":
        return 0
    with redress.sessions.read() as session:
        return int(session.execute(text("select count(*) from procrastinate_jobs")).scalar_one())


def in_transaction(redress: Redress) -> int:
    """Count the connections that hold a transaction open while they do nothing in it."""
    if redress.sessions.is_sqlite:
        with redress.sessions.step():  # would wait for a writer
            return 0
    idle = (
        "select count(*) from pg_stat_activity where state like 'idle in transaction%' "
        "and pid <> pg_backend_pid() and datname = current_database() "
        "and state_change < clock_timestamp() - interval '1 second'"
    )
    with redress.sessions.read() as session:
        return int(session.execute(text(idle)).scalar_one())
