"""What a dated decision on a parameter changes: dates, gates and reports of the cases it reaches (R1)."""

from __future__ import annotations

import re
from datetime import date, timedelta

import orjson
import pytest
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.cases.policy import decide_parameter
from engine.domain.deadlines import last_day_of
from engine.domain.policy.parameters import register as parameters
from engine.errors import InvalidInput
from engine.store.tables.audit import History
from engine.store.tables.people import Notification
from tests.driving import do, elements, open_tasks
from tests.world import ROOT, actor, pass_time, register

TODAY = date(2026, 3, 2)


def decide(redress: Redress, name: str, value: int, day: date = TODAY) -> None:
    decide_parameter(
        redress.runtime, actor(redress, "owner"), name, value, effective_from=day, reason="管理層決定"
    )


def test_the_most_representatives_are_those_of_the_day_of_receipt(redress: Redress) -> None:
    register(redress, complainants=30, representatives=5)
    decide(redress, "statute.most_representatives", 3, TODAY + timedelta(days=1))
    register(redress, complainants=30, representatives=5)
    clock.advance(timedelta(days=1))
    with pytest.raises(InvalidInput) as refused:
        register(redress, complainants=30, representatives=4)
    assert list(refused.value.errors) == ["representatives"]
    assert "at most 3" in refused.value.errors["representatives"][0]


def test_registration_is_urged_and_counts_as_late_after_the_minutes_decided(redress: Redress) -> None:
    decide(redress, "registration.late_minutes", 20)
    waiting = register(redress, category=None, grade=None).complaint_no
    at_once = register(redress).complaint_no
    pass_time(redress, minutes=19)
    assert _told_of(redress, "not-registered") == set()
    pass_time(redress, minutes=2)
    assert _told_of(redress, "not-registered") == {waiting}
    (task,) = open_tasks(redress, waiting)
    do(redress, task, "agent", category="business", grade=3)
    with redress.sessions.read() as session:
        entries = session.scalars(select(History.data).where(History.kind == "complaint.registered"))
        late = {each["complaint_no"]: each["late"] for each in map(orjson.loads, entries)}
    assert late == {waiting: True, at_once: False}


def test_an_urgent_report_goes_beyond_the_management_after_the_minutes_decided(redress: Redress) -> None:
    decide(redress, "urgent.escalate_minutes", 5)
    no = register(redress, urgent=True).complaint_no
    pass_time(redress, minutes=0)
    pass_time(redress, minutes=31)
    pass_time(redress, minutes=4)
    assert "acknowledge-above" in elements(redress, no)
    pass_time(redress, minutes=2)
    assert "acknowledge-beyond" in elements(redress, no)
    assert _told_of(redress, "urgent-unanswered") == {no}


def test_the_archive_is_due_the_working_days_decided_after_the_answer(redress: Redress) -> None:
    decide(redress, "archive.days", 2)
    no = register(redress).complaint_no
    for element, who in (
        ("investigate", "handler"),
        ("propose-plan", "handler"),
        ("approve-plan", "supervisor"),
        ("carry-out", "handler"),
        ("notify-customer", "handler"),
    ):
        (task,) = [each for each in open_tasks(redress, no) if each.element_id == element]
        do(redress, task, who)
    clock.advance(timedelta(days=1))
    (asking,) = open_tasks(redress, no)
    do(redress, asking, "handler")
    (archiving,) = open_tasks(redress, no)
    assert archiving.element_id == "archive"
    due = {last_day_of(each.due_at, redress.config.timezone) for each in (asking, archiving)}
    assert due == {date(2026, 3, 4)}


def test_every_parameter_is_read_by_a_model_or_by_the_program() -> None:
    models = [path.read_text("utf-8") for path in (ROOT / "processes").glob("*/*.*mn*")]
    modelled = {
        name for text in models for name in re.findall(r"""setting\((?:"|&#34;|&quot;)([a-z._]+)""", text)
    }
    code = "".join(path.read_text("utf-8") for path in (ROOT / "engine").rglob("*.py"))
    assert [name for name in parameters() if name not in modelled and f'"{name}"' not in code] == []
    assert modelled <= set(parameters())


def _told_of(redress: Redress, kind: str) -> set[str | None]:
    with redress.sessions.read() as session:
        return set(session.scalars(select(Notification.complaint_no).where(Notification.kind == kind)))
