"""Two at the same moment: one wins, the other is told, nothing is done twice."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from engine.assembly import Redress, assemble
from engine.audit.verify import verify
from engine.errors import Conflict, Forbidden, FormRefused
from engine.runtime.commands import assign, claim, complete, delegate, release
from engine.runtime.form_context import task_form
from engine.store.tables.audit import History
from engine.store.tables.runtime import Task
from tests.at_once import at_once
from tests.driving import drive, open_tasks
from tests.filling import fill
from tests.world import actor, register


def test_of_two_who_claim_one_gets_the_task(redress: Redress) -> None:
    task = open_tasks(redress, register(redress).complaint_no)[0]
    people = [actor(redress, "handler"), actor(redress, "handler2")]
    outcomes = at_once(*[lambda who=who: claim(redress.runtime, who, task.id) for who in people])
    assert sorted(type(item).__name__ for item in outcomes) == ["Conflict", "NoneType"]


def test_of_many_who_complete_one_does(redress: Redress) -> None:
    task = open_tasks(redress, register(redress).complaint_no)[0]
    who = actor(redress, "handler")
    claim(redress.runtime, who, task.id)
    with redress.sessions.read() as session:
        form = task_form(redress.runtime, session, who, task.id, "en")
    values = fill(form.schema, form.values)
    second = assemble(redress.config)  # as another process would be: with its own memory
    rts = [redress.runtime, second.runtime] * 3
    outcomes = at_once(*[lambda rt=rt: complete(rt, who, task.id, values) for rt in rts])
    second.close()
    assert [item for item in outcomes if item == "active"] == ["active"]
    assert all(isinstance(item, Conflict) for item in outcomes if item != "active")
    with redress.sessions.read() as session:
        done = select(func.count()).where(
            History.kind == "task.completed", History.element_id == task.element_id
        )
        assert session.scalar(done) == 1
        assert verify(session).problems == []


def test_two_processes_take_turns_on_one_instance(redress: Redress) -> None:
    made = register(redress)
    second = assemble(redress.config)
    try:
        drive(redress, made.complaint_no, until="propose-plan")
        drive(second, made.complaint_no, until="approve-plan")
        assert drive(redress, made.complaint_no)[-1] == "archive"
    finally:
        second.close()


def test_a_refused_form_changes_nothing(redress: Redress) -> None:
    task = open_tasks(redress, register(redress).complaint_no)[0]
    who = actor(redress, "handler")
    claim(redress.runtime, who, task.id)
    with pytest.raises(FormRefused) as refused:
        complete(redress.runtime, who, task.id, {"finding": "nonsense", "__class__": "x"})
    assert {"finding", "root_cause", "__class__"} <= set(refused.value.errors)
    assert [item.element_id for item in open_tasks(redress, task.complaint_no)] == ["investigate"]


def test_the_author_of_a_plan_may_not_approve_it(redress: Redress) -> None:
    made = register(redress)
    drive(redress, made.complaint_no, until="approve-plan")
    task = open_tasks(redress, made.complaint_no)[0]
    with pytest.raises(Forbidden):
        claim(redress.runtime, actor(redress, "handler"), task.id)
    with redress.sessions.step() as session:
        plan = session.scalars(select(Task).where(Task.element_id == "propose-plan")).one()
        plan.completed_by = "supervisor"
    with pytest.raises(Forbidden, match="four eyes"):
        claim(redress.runtime, actor(redress, "supervisor"), task.id)


def test_a_delegated_task_comes_back(redress: Redress) -> None:
    task = open_tasks(redress, register(redress).complaint_no)[0]
    one, two = actor(redress, "handler"), actor(redress, "handler2")
    claim(redress.runtime, one, task.id)
    delegate(redress.runtime, one, task.id, "handler2")
    assert open_tasks(redress, task.complaint_no)[0].assignee == "handler2"
    release(redress.runtime, two, task.id)
    assert open_tasks(redress, task.complaint_no)[0].assignee == "handler"
    assign(redress.runtime, actor(redress, "supervisor"), task.id, "handler2")
    assert open_tasks(redress, task.complaint_no)[0].assignee == "handler2"
    with pytest.raises(Forbidden):
        assign(redress.runtime, one, task.id, "handler")
