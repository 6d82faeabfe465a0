"""Timers fire when they are due, once, also when nothing ran meanwhile; a bad one becomes an incident."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from engine import clock
from engine.assembly import Redress, assemble
from engine.jobs.passes import TIMER_ATTEMPTS, run_due_timers, run_ready_jobs, run_until_quiet
from engine.runtime.commands import fire_timer
from engine.store.tables.audit import History
from engine.store.tables.jobs import Job
from engine.store.tables.people import Notification
from engine.store.tables.runtime import Incident, Instance, Timer
from tests.driving import complaint, drive, elements
from tests.world import MONDAY, pass_time, register

SHANGHAI = ZoneInfo("Asia/Shanghai")
OVERDUE = ["explain-delay", "investigate", "urge"]


def fired(redress: Redress, instance_id: str) -> list[str]:
    with redress.sessions.read() as session:
        query = select(History.element_id).where(History.stream == instance_id, History.kind == "timer.fired")
        return [str(name) for name in session.scalars(query.order_by(History.seq))]


def test_nothing_happens_before_the_limit_and_once_after_it(redress: Redress) -> None:
    made = register(redress)
    due = complaint(redress, made.complaint_no).due_at
    assert due == datetime(2026, 3, 6, tzinfo=SHANGHAI)
    clock.set_to(due - timedelta(seconds=5))
    run_until_quiet(redress.runtime)
    assert elements(redress, made.complaint_no) == ["investigate"]
    pass_time(redress, seconds=10)
    for _ in range(3):
        pass_time(redress, hours=1)
    assert elements(redress, made.complaint_no) == OVERDUE
    assert fired(redress, made.instance_id) == ["warning-grade-3", "investigation-late", "limit-grade-3"]


def test_a_limit_that_passed_while_nothing_ran_fires_once_afterwards(redress: Redress) -> None:
    made = register(redress)
    redress.close()  # everything is stopped over the limit
    clock.set_to(MONDAY + timedelta(days=5))
    started_again = assemble(redress.config)
    clock.set_to(MONDAY + timedelta(days=5))
    try:
        run_until_quiet(started_again.runtime)
        run_until_quiet(started_again.runtime)
        assert elements(started_again, made.complaint_no) == OVERDUE
        assert sorted(fired(started_again, made.instance_id)) == [
            "investigation-late",
            "limit-grade-3",
            "warning-grade-3",
        ]
    finally:
        started_again.close()


def test_answering_in_time_disarms_the_limit(redress: Redress) -> None:
    made = register(redress)
    drive(redress, made.complaint_no, until="ask-satisfaction")
    with redress.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Timer)) == 0
    pass_time(redress, days=30)
    assert elements(redress, made.complaint_no) == ["ask-satisfaction"]


def test_a_warning_leaves_one_notice_for_the_handler_and_each_supervisor(redress: Redress) -> None:
    made = register(redress)
    drive(redress, made.complaint_no, until="propose-plan")
    clock.set_to(datetime(2026, 3, 5, tzinfo=SHANGHAI))
    assert run_due_timers(redress.runtime) == 1
    assert run_ready_jobs(redress.runtime) == 1
    assert run_ready_jobs(redress.runtime) == 0
    with redress.sessions.read() as session:
        kinds = session.scalars(
            select(Notification.kind).where(Notification.complaint_no == made.complaint_no)
        ).all()
    assert kinds == ["deadline-warning"] * 3


def test_a_timer_is_never_fired_early_or_twice(redress: Redress) -> None:
    register(redress)
    with redress.sessions.read() as session:
        first = session.scalars(select(Timer.id).order_by(Timer.due_at)).first()
    assert first is not None
    assert not fire_timer(redress.runtime, first)
    clock.advance(timedelta(days=30))
    assert fire_timer(redress.runtime, first)
    assert not fire_timer(redress.runtime, first)


def test_an_instance_that_cannot_go_on_becomes_an_incident_and_others_go_on(redress: Redress) -> None:
    bad, good = register(redress), register(redress)
    with redress.sessions.step() as session:
        session.execute(update(Instance).where(Instance.id == bad.instance_id).values(workflow=b"{}"))
    redress.runtime.workflows.drop(bad.instance_id)
    clock.advance(timedelta(days=5))  # the policy's limit is past, the law's is not
    for _ in range(TIMER_ATTEMPTS + 1):
        run_due_timers(redress.runtime)
        clock.advance(timedelta(minutes=10))  # tried again after a while
    with redress.sessions.read() as session:
        found = session.execute(select(Incident.instance_id, Incident.kind, Incident.state)).all()
    assert {tuple(row) for row in found} == {(bad.instance_id, "timer", "open")}
    assert elements(redress, good.complaint_no) == OVERDUE


def test_a_job_that_fails_is_tried_later_and_then_an_incident(redress: Redress) -> None:
    made = register(redress)
    clock.set_to(datetime(2026, 3, 5, tzinfo=SHANGHAI))
    run_due_timers(redress.runtime)
    with redress.sessions.step() as session:
        session.execute(update(Instance).where(Instance.id == made.instance_id).values(workflow=b"{}"))
    redress.runtime.workflows.drop(made.instance_id)
    for _ in range(6):
        run_ready_jobs(redress.runtime)
        clock.advance(timedelta(hours=2))
    with redress.sessions.read() as session:
        jobs = session.execute(select(Job.state, Job.attempts, Job.retries)).all()
        incidents = session.execute(select(Incident.kind, Incident.state)).all()
    assert jobs, "the warnings of the limit and of the investigation"
    assert all((state, attempts) == ("dead", retries) for state, attempts, retries in jobs)
    assert [tuple(each) for each in incidents] == [("job", "open")] * len(jobs)
