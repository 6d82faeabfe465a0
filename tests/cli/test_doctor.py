"""`redress doctor`: each thing that can be wrong is found, on either database, with what to do about it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text, update

from engine import clock
from engine.assembly import Redress
from engine.audit import note
from engine.cli.doctor import Finding
from engine.cli.examination import examine, untrained
from engine.config import Config
from engine.runtime.incidents import open_incident
from engine.runtime.outbox import MESSAGE_JOB
from engine.store.ids import new_id
from engine.store.tables.jobs import Job
from engine.store.tables.people import Person
from tests.world import MONDAY, register

Wrong = Callable[..., list[str]]


@pytest.fixture
def wrong(redress: Redress) -> Wrong:
    """Give what is wrong with an installation whose worker has just worked and whose clock is not new."""
    (redress.config.data_dir / "worker.alive").touch()

    def found(settings: Config = redress.config) -> list[str]:
        moved, before = redress.config.data_dir / "clock.json", time.time() - 120
        if moved.exists():
            os.utime(moved, (before, before))
        return [f"{each.what}: {each.do}" for each in examine(settings) if each.wrong]

    return found


def job(redress: Redress, job_type: str, waits: timedelta) -> None:
    with redress.sessions.step() as session:
        at = clock.now() - waits
        row = {"id": new_id(), "type": job_type, "payload": {}, "state": "ready", "run_at": at}
        session.execute(insert(Job).values(row | {"attempts": 0, "retries": 3, "created_at": at}))


def revision(redress: Redress, name: str) -> None:
    with redress.sessions.step() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :name"), {"name": name})


def test_nothing_is_wrong_with_what_works(redress: Redress, wrong: Wrong) -> None:
    register(redress)
    job(redress, MESSAGE_JOB, timedelta(seconds=5))
    job(redress, "outside", timedelta(minutes=5))
    assert wrong() == []


def test_a_worker_that_has_stopped(redress: Redress, wrong: Wrong) -> None:
    alive, before = redress.config.data_dir / "worker.alive", time.time() - 60
    os.utime(alive, (before, before))
    assert ["redress work" in each for each in wrong()] == [True]


def test_a_stuck_queue(redress: Redress, wrong: Wrong) -> None:
    job(redress, MESSAGE_JOB, timedelta(minutes=5))
    assert ["1 job(s) wait, the oldest for 5 minutes: the queue is stuck" in each for each in wrong()] == [
        True
    ]


def test_jobs_that_no_worker_outside_takes(redress: Redress, wrong: Wrong) -> None:
    job(redress, "outside", timedelta(hours=3))
    assert ["jobs/activate" in each for each in wrong()] == [True]


def test_timers_that_are_late_because_the_tick_stands_still(redress: Redress, wrong: Wrong) -> None:
    register(redress)
    clock.advance(timedelta(days=5))
    (found,) = wrong()
    assert "timer(s) are late" in found
    assert "redress work" in found


def test_a_clock_that_was_moved_just_now_leaves_the_worker_a_minute(redress: Redress, wrong: Wrong) -> None:
    register(redress)
    clock.advance(timedelta(days=5))
    (redress.config.data_dir / "worker.alive").touch()
    found = list(examine(redress.config))
    assert [each for each in found if each.wrong] == []
    assert any("moved just now" in each.what for each in found)


def test_incidents_that_wait(redress: Redress, wrong: Wrong) -> None:
    with redress.sessions.step() as session:
        open_incident(session, "job", new_id(), None, "notify", "the mail server did not answer")
    assert ["1 incident(s) are open" in each for each in wrong()] == [True]


def test_a_missing_migration_and_one_of_a_newer_version(redress: Redress, wrong: Wrong) -> None:
    revision(redress, "0001_first_tables")
    assert ["migration(s) are not applied" in each and "redress init" in each for each in wrong()] == [True]
    revision(redress, "9999_of_tomorrow")
    assert ["9999_of_tomorrow" in each for each in wrong()] == [True]


def test_a_disk_that_is_full(redress: Redress, wrong: Wrong) -> None:
    (found,) = wrong(replace(redress.config, disk_reserve_bytes=2**60))
    assert "MB left" in found
    assert "REDRESS_DATA_DIR" in found


def test_a_year_ahead_without_holidays(redress: Redress, wrong: Wrong) -> None:
    clock.set_to(datetime(2026, 12, 20, tzinfo=UTC))
    assert ["calendar import" in each for each in wrong()] == [True]
    clock.set_to(datetime(2026, 11, 20, tzinfo=UTC))
    assert wrong() == []
    notes = [each for each in examine(redress.config) if not each.wrong]
    assert any("calendar import" in each.do for each in notes)


def test_a_clock_behind_what_has_happened(redress: Redress, wrong: Wrong) -> None:
    clock.set_to(datetime.now(UTC) + timedelta(days=1))
    with redress.sessions.step() as session:
        note(session, "system", "token.created", {"user": "agent"})
    clock.set_to(MONDAY)
    assert wrong() == []  # in a demo, that is what going back does
    in_production = wrong(replace(redress.config, environment="production"))
    assert any("something happened at" in each and "NTP" in each for each in in_production)


def test_a_damaged_setting_of_the_clock(redress: Redress, wrong: Wrong) -> None:
    (redress.config.data_dir / "clock.json").write_text("{")
    assert ["clock.json is damaged" in each for each in wrong()] == [True]


def test_a_database_that_does_not_answer(redress: Redress, wrong: Wrong, tmp_path: Path) -> None:
    away = f"sqlite:///{tmp_path}" if redress.config.is_sqlite else "postgresql+psycopg://127.0.0.1:1/nothing"
    found = wrong(replace(redress.config, database_url=away))
    assert any("the database does not answer" in each for each in found), found


def test_a_finding_is_wrong_unless_it_says_otherwise() -> None:
    assert Finding("what", "do").wrong


def test_people_who_handle_complaints_without_valid_training_are_named(redress: Redress) -> None:
    def told() -> list[str]:
        with redress.sessions.read() as session:
            return [each.what for each in untrained(session)]

    assert told() == []
    with redress.sessions.step() as session:
        expired = update(Person).where(Person.username.in_(["handler", "handler2"]))
        session.execute(expired.values(training_valid_until=clock.now()))
        session.execute(update(Person).where(Person.username == "handler2").values(active=False))
    assert told() == ["1 people who handle complaints hold no valid training: handler"]
