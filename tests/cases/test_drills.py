"""Drills of the emergency plan: held like the real thing, and reminded of when they are due (R12)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine import clock
from engine.assembly import Redress
from engine.cases.drills import drill_due, last_drill, remind_of_drill
from engine.errors import FormRefused
from engine.jobs.passes import run_until_quiet
from engine.runtime.commands import complete, start_instance
from engine.runtime.form_context import task_form
from engine.store.tables.people import Notification
from engine.store.tables.runtime import Task
from tests.driving import do
from tests.world import actor


def reminders(redress: Redress) -> int:
    with redress.sessions.read() as session:
        query = select(func.count()).select_from(Notification).where(Notification.kind == "drill-due")
        return int(session.scalar(query) or 0)


def tasks(redress: Redress, instance_id: str) -> list[Task]:
    with redress.sessions.read() as session:
        query = select(Task).where(Task.instance_id == instance_id, Task.state == "open")
        return list(session.scalars(query.order_by(Task.id)))


def shown_steps(redress: Redress, steps: list[Task], language: str) -> list[str]:
    who = actor(redress, "supervisor2")
    with redress.sessions.read() as session:
        return [task_form(redress.runtime, session, who, each.id, language).values["step"] for each in steps]


def test_a_drill_runs_the_plan_step_by_step_and_says_what_it_showed(redress: Redress) -> None:
    given = {"drill": True, "complainants": 30}
    instance = start_instance(redress.runtime, actor(redress, "supervisor"), "emergency-plan", given)
    (team,) = tasks(redress, instance)
    do(redress, team, "supervisor")
    steps = tasks(redress, instance)
    assert {task.element_id for task in steps} == {"emergency-step"}
    assert "Agree on what is said to the outside" in shown_steps(redress, steps, "en")
    assert "统一对外口径" in shown_steps(redress, steps, "zh-Hans")
    assert "統一對外口徑" in shown_steps(redress, steps, "zh-Hant")
    for task in steps:
        do(redress, task, "supervisor2")
    (closing,) = tasks(redress, instance)
    without = {"emergency_outcome": "confirm", "emergency_summary": "演練完畢"}
    with pytest.raises(FormRefused) as refused:
        complete(redress.runtime, actor(redress, "supervisor"), closing.id, without)
    assert list(refused.value.errors) == ["drill_findings"]
    do(redress, closing, "supervisor", drill_findings="對外口徑太晚")
    with redress.sessions.read() as session:
        assert last_drill(session) is not None


def test_a_year_without_a_drill_is_told_once_a_month_until_one_is_held(redress: Redress) -> None:
    rt = redress.runtime
    clock.advance(timedelta(days=364))
    assert remind_of_drill(rt) == 0
    clock.advance(timedelta(days=2))
    told = remind_of_drill(rt)
    assert told == reminders(redress) >= 5
    assert remind_of_drill(rt) == 0
    clock.advance(timedelta(days=31))
    assert remind_of_drill(rt) == told
    instance = start_instance(rt, actor(redress, "supervisor"), "emergency-plan", {"drill": True})
    while waiting := tasks(redress, instance):
        do(redress, waiting[0], "supervisor", drill_findings="無")
        run_until_quiet(rt)
    clock.advance(timedelta(days=31))
    assert remind_of_drill(rt) == 0
    with redress.sessions.read() as session:
        due = drill_due(rt, session)
    assert due is not None
    assert due > clock.now() + timedelta(days=300)
