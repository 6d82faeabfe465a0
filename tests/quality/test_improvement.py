"""Improvement measures: what they must name, who may do what, and that none ends without an effect."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.cases.leaving import leave
from engine.cases.withdrawal import withdraw
from engine.errors import Conflict, Forbidden, FormRefused, InvalidInput, NotFound
from engine.quality.facts import gather_cases
from engine.quality.improvement.comparison import compare_effect
from engine.quality.improvement.measures import propose_measure
from engine.quality.improvement.register import quality_entries
from engine.quality.kinds import IMPROVEMENT
from engine.quality.reading import file_list, one_file
from engine.runtime.commands import claim, move_token
from engine.store.tables.cases import Complaint
from engine.store.tables.runtime import Instance
from tests.driving import do, open_tasks, open_tasks_of
from tests.world import actor, pass_time, register

DEFINED = {
    "metric": "share",
    "target": 10,
    "scope_category": "business",
    "scope_product": "消費貸款",
    "person": "handler",
}


def proposed(redress: Redress) -> str:
    """A measure after some complaints of the month before."""
    for category in ("business", "business", "service"):
        long_ago = (clock.now() - timedelta(days=14)).isoformat()
        no = register(redress, category=category, received_at=long_ago).complaint_no
        withdraw(redress.runtime, actor(redress, "agent"), no, "示例")
    pass_time(redress, days=1)
    return propose_measure(redress.runtime, actor(redress, "monitor"), "CANARY-PROBLEM 13912345678").no


def test_a_measure_names_a_metric_that_counts_something_and_a_target_that_is_better(redress: Redress) -> None:
    with pytest.raises(InvalidInput):
        propose_measure(redress.runtime, actor(redress, "analyst"), "  ")
    with pytest.raises(Forbidden):
        propose_measure(redress.runtime, actor(redress, "handler"), "x")
    with pytest.raises(InvalidInput) as refused:
        propose_measure(redress.runtime, actor(redress, "analyst"), "x", parent_no="9" * 30)
    assert list(refused.value.errors) == ["parent_no"]
    no = proposed(redress)
    (task,) = open_tasks_of(redress, no)
    for wrong, field in (
        ({"target": 90}, "target"),
        ({"metric": "satisfaction"}, "metric"),
        ({"metric": "cause"}, "metric"),
        ({"due_date": (clock.now() - timedelta(days=1)).date().isoformat()}, "due_date"),
    ):
        with pytest.raises(FormRefused) as refused:
            do(redress, task, "analyst", **DEFINED | wrong)
        assert list(refused.value.errors) == [field]
    do(redress, task, "analyst", **DEFINED)
    with redress.sessions.read() as session:
        file = one_file(session, actor(redress, "analyst"), no)
    assert (file["owner"], file["facts"]["baseline_hits"], file["facts"]["baseline_of"]) == ("handler", 2, 3)
    assert "CANARY" not in str(file["facts"]) + str(file["personal"])
    (task,) = open_tasks_of(redress, no)
    assert task.element_id == "approve-measure"
    assert "CANARY" not in str([task.name, task.labels])


def test_whoever_carries_it_out_sees_it_and_does_not_judge_it(redress: Redress) -> None:
    no = proposed(redress)
    do(redress, open_tasks_of(redress, no)[0], "analyst", **DEFINED | {"person": "analyst"})
    do(redress, open_tasks_of(redress, no)[0], "management")
    do(redress, open_tasks_of(redress, no)[0], "analyst")
    do(redress, open_tasks_of(redress, no)[0], "analyst", entry_kind="revised", document="扣款通知規範")
    pass_time(redress, days=91)
    (task,) = open_tasks_of(redress, no)
    with pytest.raises(Forbidden):  # the only one of complaint management is the owner
        claim(redress.runtime, actor(redress, "analyst"), task.id)
    with redress.sessions.read() as session:
        with pytest.raises(NotFound):
            one_file(session, actor(redress, "handler"), no)
        assert file_list(session, actor(redress, "handler"), IMPROVEMENT).items == []
        (seen,) = file_list(session, actor(redress, "auditor"), IMPROVEMENT, status="open").items
        (entry,) = quality_entries(session, actor(redress, "auditor")).items
    assert (seen["no"], entry["no"], entry["document"]) == (no, no, "扣款通知規範")


def test_a_measure_whose_owner_left_waits_for_their_colleagues_and_counts_its_attempts(
    redress: Redress,
) -> None:
    no = proposed(redress)
    do(redress, open_tasks_of(redress, no)[0], "analyst", **DEFINED)
    do(redress, open_tasks_of(redress, no)[0], "management", measure_decision="return")
    do(redress, open_tasks_of(redress, no)[0], "analyst", **DEFINED)
    with redress.sessions.read() as session:
        file = one_file(session, actor(redress, "analyst"), no)
    assert file["facts"]["round"] == 1, "what was sent back was no attempt"
    leave(redress.runtime, actor(redress, "admin"), "handler")
    do(redress, open_tasks_of(redress, no)[0], "management")
    (task,) = open_tasks_of(redress, no)
    assert (task.element_id, task.assignee) == ("carry-out-measure", None)
    do(redress, task, "handler2")


def test_an_effect_is_compared_by_all_that_was_recorded_until_then(redress: Redress) -> None:
    no = proposed(redress)
    cases = [register(redress).complaint_no for _ in range(2)]
    do(redress, open_tasks(redress, cases[0])[0], "handler", root_cause="process")
    pass_time(redress, days=1)
    gather_cases(redress.runtime, select(Complaint.no))
    measured = {"metric": "cause", "root_cause": "process", "target": 10, "person": "handler"}
    do(redress, open_tasks_of(redress, no)[0], "analyst", scope_product="消費貸款", **measured)
    do(redress, open_tasks_of(redress, no)[0], "management")
    do(redress, open_tasks_of(redress, no)[0], "handler")
    clock.advance(timedelta(days=2))
    after = register(redress).complaint_no
    do(redress, open_tasks(redress, after)[0], "handler", root_cause="staff")
    clock.advance(timedelta(days=2))
    with redress.sessions.step() as session:
        found = compare_effect(redress.runtime, session, no)
    assert (found["after_hits"], found["after_of"]) == (0, 1)


def test_even_an_operator_cannot_move_a_measure_to_its_good_end(redress: Redress) -> None:
    no = proposed(redress)
    with redress.sessions.read() as session:
        instance = session.scalars(select(Instance).where(Instance.business_key == no)).one()
    with pytest.raises(Conflict, match="R59"):
        move_token(
            redress.runtime,
            actor(redress, "admin"),
            instance.id,
            "define-measure",
            "measure-effective",
            "closing it for the statistics",
        )
    assert clock.now() - instance.started_at < timedelta(days=1)
    with redress.sessions.read() as session:
        assert one_file(session, actor(redress, "analyst"), no)["status"] == "proposed"
