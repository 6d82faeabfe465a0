"""What a task shows of earlier ones: the plan to who approves it, why it came back to who reworks it."""

from __future__ import annotations

from typing import Any

from engine.assembly import Redress
from engine.cases.registration import register_complaint
from engine.quality.supervision.inspections import begin_inspection
from engine.runtime.commands import claim
from engine.runtime.form_context import task_form
from tests.driving import do, open_tasks, open_tasks_of
from tests.world import actor

INTAKE = {
    "channel": "hotline",
    "content": "示例：扣款金額與合同不符。",
    "customer": {"name": "示例客戶", "phone": "13800000000"},
    "category": "business",
    "grade": 3,
}
MEASURE = {
    "measure_type": "compensation",
    "department": "loan-operations",
    "person": "handler",
    "due_date": "2026-12-01",
    "description": "退還多收的手續費",
}


def to_approval(redress: Redress, **intake: Any) -> str:
    given = {**INTAKE, **intake}
    no = register_complaint(redress.runtime, actor(redress, "agent"), given).complaint_no
    do(redress, open_tasks(redress, no)[0], "handler", finding="partly")
    do(
        redress,
        open_tasks(redress, no)[0],
        "handler",
        plan_summary="退還並致歉",
        cost=120.5,
        measures=[MEASURE],
    )
    return no


def seen(redress: Redress, no: str, username: str) -> dict[str, Any]:
    (task,) = open_tasks(redress, no)
    who = actor(redress, username)
    claim(redress.runtime, who, task.id)
    with redress.sessions.read() as session:
        return task_form(redress.runtime, session, who, task.id, "en").values


def test_who_approves_sees_the_plan_and_what_was_found(redress: Redress) -> None:
    values = seen(redress, to_approval(redress), "supervisor")
    assert values["finding"] == "partly"
    assert values["plan_summary"] == "退還並致歉"
    assert values["cost"] == 120.5
    assert values["measures"] == [MEASURE]
    assert "plan_decision" not in values


def test_who_reworks_a_returned_plan_sees_it_and_the_comment(redress: Redress) -> None:
    no = to_approval(redress)
    do(
        redress,
        open_tasks(redress, no)[0],
        "supervisor",
        plan_decision="return",
        approval_comment="金額依據不足",
    )
    values = seen(redress, no, "handler")
    assert values["approval_comment"] == "金額依據不足"
    assert values["plan_summary"] == "退還並致歉"
    assert values["measures"] == [MEASURE]


def test_a_second_approval_shows_the_new_plan_and_asks_afresh(redress: Redress) -> None:
    no = to_approval(redress)
    do(
        redress,
        open_tasks(redress, no)[0],
        "supervisor",
        plan_decision="return",
        approval_comment="金額依據不足",
    )
    do(
        redress,
        open_tasks(redress, no)[0],
        "handler",
        plan_summary="改為全額退還",
        measures=[MEASURE, MEASURE],
    )
    values = seen(redress, no, "supervisor")
    assert values["plan_summary"] == "改為全額退還"
    assert values["measures"] == [MEASURE, MEASURE]
    assert "plan_decision" not in values
    assert "approval_comment" not in values


def test_a_second_management_review_starts_empty_beside_what_the_first_one_said(redress: Redress) -> None:
    no = to_approval(redress, grade=1)
    do(redress, open_tasks(redress, no)[0], "supervisor", plan_decision="approve", approval_comment="同意")
    said = {"minutes": "第一次會議紀要", "review_comment": "賠償依據不足"}
    members = [{"member": "management"}, {"member": "management2"}]
    do(redress, open_tasks(redress, no)[0], "management", review_decision="return", members=members, **said)
    values = seen(redress, no, "handler")
    assert values["review_comment"] == "賠償依據不足"
    assert "approval_comment" not in values, "what an approving supervisor said is no reason to rework"
    do(redress, open_tasks(redress, no)[0], "handler", measures=[MEASURE])
    do(redress, open_tasks(redress, no)[0], "supervisor", plan_decision="approve")
    values = seen(redress, no, "management")
    assert values["last_minutes"] == "第一次會議紀要"
    assert values["last_review_comment"] == "賠償依據不足"
    assert not any(row.get("member") for row in values["members"])
    assert not {"minutes", "review_comment", "review_decision", "minutes_files"} & values.keys()


def test_who_answers_sees_how_the_customer_wants_to_be_answered(redress: Redress) -> None:
    no = to_approval(redress)
    do(redress, open_tasks(redress, no)[0], "supervisor", plan_decision="approve")
    do(redress, open_tasks(redress, no)[0], "handler")
    assert seen(redress, no, "handler")["preferred_contact"] == "phone"


def test_what_is_asked_afresh_stays_empty_even_where_a_condition_of_the_form_reads_it(
    redress: Redress,
) -> None:
    no = begin_inspection(redress.runtime, actor(redress, "monitor"), seed="1").no
    register_complaint(redress.runtime, actor(redress, "agent"), INTAKE)
    plan = {"period_from": "2026-03-01", "period_until": "2026-03-31", "cases": "both", "size": 1}
    do(redress, open_tasks_of(redress, no)[0], "monitor", **plan)
    do(redress, open_tasks_of(redress, no)[0], "management", plan_decision="return")
    do(redress, open_tasks_of(redress, no)[0], "monitor", **plan)
    (task,) = open_tasks_of(redress, no)
    claim(redress.runtime, actor(redress, "management"), task.id)
    with redress.sessions.read() as session:
        form = task_form(redress.runtime, session, actor(redress, "management"), task.id, "en")
    assert form.values["size"] == 1
    assert "plan_decision" not in form.values
