"""Who asks for a milder grade or a later date does not decide on it (R15, R39)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.assembly import Redress
from engine.cases.extension import request_extension
from engine.cases.registration import register_complaint
from engine.cases.regrading import regrade
from engine.errors import Forbidden
from engine.read import task as task_of
from engine.read.four_eyes import STARTER, Bar
from engine.read.takers import GROUP, takers
from engine.runtime.commands import claim
from tests.driving import complaint, do, open_tasks
from tests.read.plans import statements_of
from tests.staff import hire
from tests.world import actor

INTAKE = {
    "channel": "hotline",
    "content": "示例：扣款金額與合同不符。",
    "customer": {"name": "示例客戶", "phone": "13800000000"},
    "category": "business",
    "grade": 2,
}


def test_who_asks_for_a_milder_grade_does_not_approve_it(redress: Redress) -> None:
    no = register_complaint(redress.runtime, actor(redress, "agent"), INTAKE).complaint_no
    asking = actor(redress, "supervisor")
    regrade(redress.runtime, asking, no, 3, "查明損失甚微")
    (task,) = (task for task in open_tasks(redress, no) if task.element_id == "approve-regrade")
    with redress.sessions.read() as session:
        offered = {
            name: task_of(session, actor(redress, name), task.id) for name in ("supervisor", "supervisor2")
        }
        roles = {"supervisor": ["supervisors"], "supervisor2": ["supervisors"], "x": []}
        found = takers(session, roles, [task.id])
    assert {name: (row["can_claim"], row["barred"]) for name, row in offered.items()} == {
        "supervisor": (False, Bar(STARTER)),
        "supervisor2": (True, None),
    }
    assert found == {task.id: {"supervisor": Bar(STARTER), "supervisor2": None, "x": Bar(GROUP)}}
    with pytest.raises(Forbidden, match="you asked for"):
        claim(redress.runtime, asking, task.id)
    do(redress, task, "supervisor2", regrade_decision="refuse")
    assert complaint(redress, no).grade == 2


def test_who_asks_for_a_later_date_does_not_approve_it(redress: Redress) -> None:
    no = register_complaint(redress.runtime, actor(redress, "agent"), INTAKE).complaint_no
    asking = actor(redress, "supervisor")
    request_extension(
        redress.runtime,
        asking,
        no,
        reason="等待資料",
        new_date=complaint(redress, no).due_at.date() + timedelta(days=9),
    )
    (task,) = (task for task in open_tasks(redress, no) if task.element_id == "approve-extension")
    with pytest.raises(Forbidden):
        claim(redress.runtime, asking, task.id)
    do(redress, task, "supervisor2", extension_decision="refuse")
    assert complaint(redress, no).extended_until is None
    assert [task.element_id for task in open_tasks(redress, no)] == ["investigate"]


def test_who_could_have_tasks_instead_is_asked_in_as_many_statements_for_many_as_for_few(
    redress: Redress,
) -> None:
    no = register_complaint(redress.runtime, actor(redress, "agent"), INTAKE).complaint_no
    regrade(redress.runtime, actor(redress, "supervisor"), no, 3, "查明損失甚微")
    tasks = [task.id for task in open_tasks(redress, no)]
    asked = []
    for people in (["supervisor", "handler"], hire(redress, 60, trained_until=None, role="supervisors")):
        roles = dict.fromkeys(people, ("supervisors", "handlers"))
        asked.append(statements_of(redress, lambda session, who=roles: takers(session, who, tasks)))
    assert asked[0] == asked[1] > 3
