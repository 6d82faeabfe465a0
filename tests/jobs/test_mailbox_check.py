"""The daily check of the mailbox: once each calendar day, by a named person, with evidence (R7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.cases.incoming.daily_check import begin_daily_check, name_keepers
from engine.errors import Forbidden, InvalidInput
from engine.jobs.passes import run_until_quiet
from engine.read.mails import days_without_check, mailbox_checks
from engine.store.tables.channels import MailboxCheck
from engine.store.tables.people import Notification
from engine.store.tables.runtime import Task
from tests.driving import do
from tests.world import actor, pass_time


@pytest.fixture
def watched(redress: Redress) -> Redress:
    """An installation with a mailbox, which nobody reads here."""
    urls = ("imap://user:secret@127.0.0.1:1/INBOX",)
    redress.runtime.config = replace(redress.config, imap_urls=urls)
    return redress


def open_checks(redress: Redress) -> list[Task]:
    with redress.sessions.read() as session:
        found = select(Task).where(Task.process_id == "mailbox-check", Task.state == "open")
        return list(session.scalars(found.order_by(Task.id)))


def test_each_day_begins_one_check_for_whoever_is_named_and_keeps_the_evidence(watched: Redress) -> None:
    name_keepers(watched.runtime, actor(watched, "supervisor"), "agent", "agent2")
    assert begin_daily_check(watched.runtime)  # it is nine o'clock
    assert not begin_daily_check(watched.runtime)
    run_until_quiet(watched.runtime)
    (task,) = open_checks(watched)
    assert (task.element_id, task.assignee) == ("check-mailbox", "agent")
    do(watched, task, "agent")
    run_until_quiet(watched.runtime)
    pass_time(watched, days=1)
    assert begin_daily_check(watched.runtime)
    with watched.sessions.read() as session:
        second, first = mailbox_checks(session, actor(watched, "auditor"))
    assert (first["day"], first["checked_by"], first["is_late"]) == (date(2026, 3, 2), "agent", False)
    assert first["found"] == {"waiting": 0, "unread": 0, "mailboxes": ""}
    assert (second["checked_by"], second["is_late"]) == (None, False)


def test_a_check_that_nobody_did_alerts_the_supervisors_and_goes_to_the_deputy(watched: Redress) -> None:
    name_keepers(watched.runtime, actor(watched, "supervisor"), "agent", "agent2")
    begin_daily_check(watched.runtime)
    run_until_quiet(watched.runtime)
    pass_time(watched, hours=2, minutes=1)
    (task,) = open_checks(watched)
    assert (task.element_id, task.assignee) == ("deputy-check", "agent2")
    with watched.sessions.read() as session:
        assert set(session.scalars(select(Notification.kind))) >= {"mailbox-check-late"}
    do(watched, task, "agent2")
    run_until_quiet(watched.runtime)
    with watched.sessions.read() as session:
        (row,) = mailbox_checks(session, actor(watched, "auditor"))
    assert (row["checked_by"], row["is_late"]) == ("agent2", True)


def test_a_day_without_a_check_is_named_and_without_a_mailbox_there_is_none(watched: Redress) -> None:
    begin_daily_check(watched.runtime)
    clock.advance(timedelta(days=2))
    with watched.sessions.read() as session:
        assert days_without_check(session, date(2026, 3, 4)) == [date(2026, 3, 3)]
    watched.runtime.config = watched.config
    assert not begin_daily_check(watched.runtime)
    with watched.sessions.read() as session:
        assert len(session.scalars(select(MailboxCheck)).all()) == 1


def test_keepers_are_two_agents_named_by_a_superior(watched: Redress) -> None:
    superior = actor(watched, "supervisor")
    for keeper, deputy in (("agent", "agent"), ("handler", "agent"), ("nobody", "agent")):
        with pytest.raises(InvalidInput):
            name_keepers(watched.runtime, superior, keeper, deputy)
    with pytest.raises(Forbidden):
        name_keepers(watched.runtime, actor(watched, "agent"), "agent", "agent2")
