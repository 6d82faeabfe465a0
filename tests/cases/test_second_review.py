"""The second instance: who may ask when, and what whoever accepts it is told (Art. 20, D10)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.assembly import Redress
from engine.cases.second_review import request_review
from engine.errors import Conflict, Forbidden, InvalidInput
from engine.people.accounts import set_roles
from engine.read.coverage import Gap, coverage_gaps
from engine.read.tasks import task as task_of
from engine.runtime.commands import assign, claim
from engine.runtime.form_context import task_form
from engine.store.tables.runtime import Instance
from tests.driving import do, drive, open_tasks
from tests.world import actor, pass_time, register


def test_only_an_answered_complaint_is_reviewed_and_once_at_a_time(redress: Redress) -> None:
    no, agent = register(redress).complaint_no, actor(redress, "agent")
    with pytest.raises(Conflict, match="no answer yet"):
        request_review(redress.runtime, agent, no, "不接受")
    drive(redress, no)
    with pytest.raises(InvalidInput):
        request_review(redress.runtime, agent, no, "  ")
    asked = request_review(redress.runtime, agent, no, "不接受")
    with pytest.raises(Conflict, match="a review has been asked"):
        request_review(redress.runtime, agent, no, "仍不接受")
    drive(redress, no)
    with redress.sessions.read() as session:
        assert session.scalars(select(Instance.state).where(Instance.id == asked)).one() == "completed"


def test_a_request_after_the_time_allowed_is_told_to_whoever_accepts_it(redress: Redress) -> None:
    no = register(redress).complaint_no
    drive(redress, no)
    pass_time(redress, days=31)
    request_review(redress.runtime, actor(redress, "agent"), no, "不接受 CANARY")
    (task,) = open_tasks(redress, no)
    with redress.sessions.read() as session:
        values = task_form(redress.runtime, session, actor(redress, "compliance"), task.id, "en").values
    assert values["late_request"] is True
    assert values["reason"] == "不接受 CANARY"


def test_nobody_who_worked_on_the_case_reviews_it_whatever_their_roles(redress: Redress) -> None:
    with redress.sessions.step() as session:
        set_roles(session, "handler", ["handlers", "compliance"])
        set_roles(session, "supervisor", ["supervisors", "compliance"])
    no = register(redress).complaint_no
    drive(redress, no)
    request_review(redress.runtime, actor(redress, "agent"), no, "不接受")
    for step in ("accept-second-review", "conduct-second-review"):
        (task,) = open_tasks(redress, no)
        assert task.element_id == step
        for name in ("handler", "supervisor"):
            who = actor(redress, name)
            with redress.sessions.read() as session:
                shown = task_of(session, who, task.id)
            assert (shown["can_claim"], shown["barred"] is None) == (False, False)
            with pytest.raises(Forbidden, match="four eyes"):
                claim(redress.runtime, who, task.id)
            with pytest.raises(Forbidden, match="four eyes"):
                assign(redress.runtime, actor(redress, "supervisor2"), task.id, name)
        do(redress, task, "compliance")


def test_deputies_step_in_only_where_four_eyes_leave_nobody_and_are_told_of_where_they_are_none(
    redress: Redress,
) -> None:
    no = register(redress).complaint_no
    drive(redress, no)
    request_review(redress.runtime, actor(redress, "agent"), no, "不接受")
    (accept,) = open_tasks(redress, no)
    assert accept.candidate_groups == ["compliance"]
    do(redress, accept, "compliance")
    with redress.sessions.step() as session:
        set_roles(session, "compliance", ["auditors"])
        set_roles(session, "handler", ["handlers", "compliance"])
    with redress.sessions.read() as session:
        assert coverage_gaps(session) == [Gap("barred", "compliance", 1)]
    again = register(redress).complaint_no
    drive(redress, again)
    request_review(redress.runtime, actor(redress, "agent"), again, "不接受")
    (accept,) = open_tasks(redress, again)
    assert accept.candidate_groups == ["compliance", "supervision-group"]
    with pytest.raises(Forbidden, match="four eyes"):
        claim(redress.runtime, actor(redress, "handler"), accept.id)
    do(redress, accept, "monitor")
    (conduct,) = open_tasks(redress, again)
    assert conduct.candidate_groups == ["compliance", "supervision-group"]
