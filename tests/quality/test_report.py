"""The periodic report from its draft to its signature, and contested figures."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from opencc import OpenCC
from sqlalchemy import select, update

from engine import clock
from engine.assembly import Redress
from engine.domain.clusters import clusters
from engine.domain.trends import chi_square, rate_changed, survival
from engine.errors import Conflict, Forbidden, FormRefused, InvalidInput, NotFound
from engine.jobs.passes import run_until_quiet
from engine.quality.contest import contest, countings
from engine.quality.freezing import correct, freeze_due
from engine.quality.reading import one_file
from engine.quality.report.keep import draft_due, draft_missing, missing_reports, report, reports
from engine.quality.report.measures import measure_for_problem, measures_of, proposed
from engine.runtime.form_context import task_form
from engine.store.tables.cases import Complaint
from engine.store.tables.measures import FrozenPeriod
from engine.store.tables.people import Notification
from tests.at_once import at_once
from tests.driving import do, drive, open_tasks_of
from tests.world import actor, register

TEXTS = (
    "還款當日重複扣款，要求退回多扣的金額",
    "系統重複扣款兩次，客服說三天退回，至今未退",
    "這個月重複扣款，請儘快退回",
    "催收人員態度惡劣，半夜打電話",
    "半夜接到催收電話，催收人員態度很差",
    "催收人員態度不好，多次半夜來電",
    "Charged twice for the same repayment, refund never arrived",
    "The repayment was charged twice and the refund is missing",
    "App charged twice; asked for a refund of the repayment",
    "想了解一下提前還清的手續",
)


def test_similar_texts_are_found_together_in_chinese_and_english() -> None:
    found = clusters(TEXTS)
    assert [each.members for each in found] == [(0, 1, 2), (3, 4, 5), (6, 7, 8)]
    assert "重複扣款" in found[0].terms[0] or found[0].terms[0] in "重複扣款退回"
    assert {"charged", "twice"} & set(found[2].terms)
    assert clusters(["", "  ", "的"]) == []


def test_the_same_problem_in_traditional_and_simplified_writing_is_one() -> None:
    texts = (
        "貸款還款記錄錯誤，徵信報告異常",
        "贷款还款记录错误，征信报告异常",
        "贷款还款记录错误，要求更正征信报告",
    )
    (found,) = clusters(texts, fold=OpenCC("t2s").convert)
    assert found.members == (0, 1, 2)
    assert any("还款" in term for term in found.terms)  # as two of the three write it
    (other,) = clusters((texts[0], *texts[:2]), fold=OpenCC("t2s").convert)
    assert any("還款" in term for term in other.terms)
    assert clusters(texts) == []


def test_changes_are_told_from_chance() -> None:
    assert rate_changed(10, 10, 30, 30) == pytest.approx(1.0)
    assert rate_changed(20, 5, 30, 30) == pytest.approx(0.0040773, abs=1e-6)
    assert rate_changed(0, 0, 30, 30) is None
    found = chi_square([[10, 20, 30], [30, 20, 10]])
    assert found is not None
    assert found.statistic == pytest.approx(20.0)
    assert found.freedom == 2
    assert found.p == pytest.approx(4.54e-5, rel=1e-3)
    assert chi_square([[1, 2], [2, 1]]) is None
    for statistic, freedom in ((3.841, 1), (5.991, 2), (7.815, 3), (18.307, 10), (24.996, 15)):
        assert survival(statistic, freedom) == pytest.approx(0.05, abs=1e-4)


@pytest.fixture
def answered(redress: Redress) -> str:
    """Cases of March, one of them answered; in the middle of April March is frozen."""
    numbers = [
        register(redress, content=text, customer={"name": f"客戶{place}", "phone": f"1390000{place:04d}"})
        for place, text in enumerate(TEXTS[:6])
    ]
    drive(redress, numbers[0].complaint_no)
    clock.set_to(datetime(2026, 4, 16, 1, tzinfo=UTC))
    freeze_due(redress.runtime)
    return numbers[0].complaint_no


def test_a_clock_that_jumps_leaves_no_month_without_figures_and_no_report_undrafted(redress: Redress) -> None:
    rt, analyst = redress.runtime, actor(redress, "analyst")
    for at in (datetime(2025, 11, 5, tzinfo=UTC), datetime(2025, 12, 5, tzinfo=UTC), None):
        given = {"received_at": at} if at else {}
        register(redress, customer={"name": "客戶", "phone": "13900000001"}, **given)
    clock.set_to(datetime(2026, 6, 18, 1, tzinfo=UTC))  # nothing ran for months
    assert (freeze_due(rt), draft_due(rt), draft_due(rt)) == (8, 4, 0)
    with redress.sessions.read() as session:
        drafted = [row["period"] for row in reports(session, analyst).items]
        missing = missing_reports(rt, session, analyst)
        with pytest.raises(Forbidden):
            missing_reports(rt, session, actor(redress, "handler"))
    assert sorted(drafted) == ["2026-02", "2026-03", "2026-04", "2026-05"]  # was due since models are here
    assert [each.period.name for each in missing] == ["2026-01", "2025-12", "2025-11"]
    assert not any(each.unfrozen for each in missing)
    no = draft_missing(rt, analyst, "2025-12")
    for wrong, why in (("2025-12", "no report of this period is missing"), ("2025-Q4", "is missing")):
        with pytest.raises(InvalidInput, match=why):
            draft_missing(rt, analyst, wrong)
    with pytest.raises(Forbidden):
        draft_missing(rt, actor(redress, "management"), "2025-11")
    with redress.sessions.read() as session:
        assert report(rt, session, analyst, no)["period"] == "2025-12"
        assert len(missing_reports(rt, session, analyst)) == 2
    both = at_once(*(lambda: draft_missing(rt, analyst, "2026-01"),) * 2)
    assert sorted(isinstance(each, Conflict | InvalidInput) for each in both) == [False, True]
    with redress.sessions.step() as session:
        again = update(FrozenPeriod).where(FrozenPeriod.period == "2025-11")
        session.execute(again.values(state="building"))  # a worker was killed over it
    with redress.sessions.read() as session:
        assert missing_reports(rt, session, analyst)[-1].unfrozen == ("2025-11",)
    with pytest.raises(Conflict, match="2025-11 are not frozen yet"):
        draft_missing(rt, analyst, "2025-11")


def test_a_month_that_somebody_froze_before_the_first_complaint_can_have_the_first_report(
    redress: Redress,
) -> None:
    register(redress)
    correct(redress.runtime, actor(redress, "analyst"), "2026-01", "示例")
    assert (draft_due(redress.runtime), draft_due(redress.runtime)) == (1, 0)
    with redress.sessions.read() as session:
        (row,) = reports(session, actor(redress, "analyst")).items
    assert row["period"] == "2026-01"


def test_a_report_is_drafted_once_commented_and_signed_by_another(redress: Redress, answered: str) -> None:
    assert draft_due(redress.runtime) == 1
    assert draft_due(redress.runtime) == 0
    analyst, management = actor(redress, "analyst"), actor(redress, "management")
    with redress.sessions.read() as session:
        (row,) = reports(session, analyst).items
        found = report(redress.runtime, session, analyst, row["no"])
        with pytest.raises(Forbidden):
            report(redress.runtime, session, actor(redress, "handler"), row["no"])
    body = found["body"]
    assert (row["period"], row["status"], body["volume"]["count"]) == ("2026-03", "drafted", 6)
    assert body["distribution"]["channel"]["rows"][0] == {
        "value": "hotline",
        "count": 6,
        "before": None,
        "p": None,
    }
    assert [each["count"] for each in body["clusters"]] == [3, 3]
    assert "客戶" not in str(body["clusters"])
    assert {"survey-response", "satisfaction-floor", "identified", "not-a-complaint"} <= set(body["figures"])
    assert body["pareto"][0]["cumulative"] == 1
    assert body["problems"][0] == {"id": "2026-03-P1", "kind": "target", "figure": "timeliness", "value": ""}
    (task,) = open_tasks_of(redress, row["no"])
    do(redress, task, "analyst", commentary="扣款系統須修正，詳見問題一。")
    (task,) = open_tasks_of(redress, row["no"])
    with pytest.raises(Forbidden):
        do(redress, task, "analyst")
    do(redress, task, "management", sign_decision="return", return_reason="請補充建議。")
    (task,) = open_tasks_of(redress, row["no"])
    do(redress, task, "analyst", commentary="扣款系統須修正，客戶 138 0013 8000 建議加設對賬。")
    do(redress, open_tasks_of(redress, row["no"])[0], "management", sign_decision="confirm")
    run_until_quiet(redress.runtime)
    with redress.sessions.read() as session:
        found = report(redress.runtime, session, management, row["no"])
    assert found["status"] == "signed"
    assert (found["signature"]["actor"], found["commentary"]["commentary"]) == (
        "management",
        "扣款系統須修正，客戶 138****8000 建議加設對賬。",
    )


def test_staff_contest_their_own_figures_and_a_superior_decides(redress: Redress, answered: str) -> None:
    rt, mine = redress.runtime, actor(redress, "handler")
    for figure, number, reason in (
        ("timeliness", "RC-NOT-MINE", "why"),
        ("happiness", answered, "why"),
        ("timeliness", answered, " "),
    ):
        with pytest.raises(InvalidInput):
            contest(rt, mine, "2026-03", 1, figure, number, reason)
    opened = contest(rt, mine, "2026-03", 1, "timeliness", answered, "當日已答復，登記有誤。")
    assert contest(rt, mine, "2026-03", 1, "timeliness", answered, "again") == opened
    (task,) = open_tasks_of(redress, opened.no)
    do(redress, task, "supervisor", contest_decision="confirm", decision_reason="屬實。")
    with redress.sessions.read() as session:
        assert one_file(session, mine, opened.no)["status"] == "accepted"
    (task,) = open_tasks_of(redress, opened.no)
    with pytest.raises(FormRefused, match="no version after 1"):
        do(redress, task, "analyst", correction_result="corrected")
    do(redress, open_tasks_of(redress, opened.no)[0], "analyst", correction_result="unchanged")
    with redress.sessions.read() as session:
        assert one_file(session, mine, opened.no)["status"] == "upheld"
        told = session.scalars(select(Notification).where(Notification.kind == "contest")).all()
    assert len(told) == 2
    with pytest.raises(InvalidInput) as refused:
        contest(rt, mine, "2026-03", 1, "timeliness", answered, "I still think so.")
    assert refused.value.errors == {
        "complaint_no": [f"this was decided already: {opened.no} says how and why"]
    }


def test_a_correction_shows_how_the_old_and_the_new_version_count_the_case(
    redress: Redress, answered: str
) -> None:
    rt, mine, analyst = redress.runtime, actor(redress, "handler"), actor(redress, "analyst")
    opened = contest(rt, mine, "2026-03", 1, "repeats", answered, "與前案為同一事項。")
    do(redress, open_tasks_of(redress, opened.no)[0], "supervisor", contest_decision="confirm")
    with redress.sessions.step() as session:
        row = session.get_one(Complaint, answered)
        row.repeat_of = session.scalars(select(Complaint.no).where(Complaint.no != answered)).first()
    assert correct(rt, analyst, "2026-03", "The link to the case before was missing.") == 2
    (task,) = open_tasks_of(redress, opened.no)
    do(redress, task, "analyst", correction_result="corrected")
    with redress.sessions.read() as session:
        facts = one_file(session, mine, opened.no)["facts"]
        found = countings(session, "2026-03", "repeats", answered)
        unasked = countings(session, "2026-03", "reviewed", "RC-NOWHERE")
    assert facts["corrected_version"] == 2
    assert [(each.version, each.reason, each.counted) for each in found] == [
        (1, "closed", False),
        (2, "correction", True),
    ]
    assert [each.counted for each in unasked] == [None, None]


def test_a_problem_of_a_report_becomes_one_measure_that_knows_where_it_came_from(
    redress: Redress, answered: str
) -> None:
    rt, analyst = redress.runtime, actor(redress, "analyst")
    draft_due(rt)
    with redress.sessions.read() as session:
        (row,) = reports(session, analyst).items
        no, whole = row["no"], report(rt, session, analyst, row["no"])
    problem = whole["body"]["problems"][0]
    with pytest.raises(Forbidden):
        measure_for_problem(rt, actor(redress, "handler"), no, problem["id"], "x")
    with pytest.raises(NotFound):
        measure_for_problem(rt, analyst, no, "2026-03-P99", "x")
    with pytest.raises(NotFound):
        measure_for_problem(rt, analyst, "AR-2026-9999", problem["id"], "x")
    with pytest.raises(InvalidInput):
        measure_for_problem(rt, analyst, no, problem["id"], " ")
    opened = measure_for_problem(rt, analyst, no, problem["id"], "及時率未達目標")
    assert measure_for_problem(rt, actor(redress, "management"), no, problem["id"], "again") == opened
    with redress.sessions.read() as session:
        found = one_file(session, analyst, opened.no)
        (task,) = open_tasks_of(redress, opened.no)
        form = task_form(rt, session, analyst, task.id, "en")
        assert measures_of(session, no)[problem["id"]]["status"] == "proposed"
    assert found["parent_no"] == no
    assert found["facts"]["reported"] == {"hits": 1, "of": 6}
    assert (found["facts"]["versions"], found["facts"]["digest"]) == ({"2026-03": 1}, whole["digest"])
    assert form.values["metric"] == "timeliness"
    assert not form.values.get("root_cause")


def test_each_kind_of_problem_proposes_what_a_measure_can_be_held_to(redress: Redress) -> None:
    business = register(redress).complaint_no
    rows = [{"value": "service", "count": 6}, {"value": "business", "count": 2}]
    body = {
        "figures": {"timeliness": {"hits": 3, "of": 4}, "silent": {"hits": 1, "of": 4}},
        "distribution": {"category": {"rows": rows}, "grade": {"rows": [{"value": "1", "count": 5}]}},
        "pareto": [{"value": "system", "count": 3}, {"value": "staff", "count": 1}],
        "clusters": [{"terms": ["扣款", "退回"], "count": 3, "cases": [business]}],
        "volume": {"count": 9},
    }
    expected: dict[tuple[str, str, str], tuple[dict[str, str], tuple[int, int]]] = {
        ("target", "silent", ""): ({}, (1, 4)),
        ("cause", "cause", "system"): ({"metric": "cause", "root_cause": "system"}, (3, 4)),
        ("rise", "category", "service"): ({"metric": "share", "scope_category": "service"}, (6, 8)),
        ("rise", "grade", "1"): ({"metric": "share"}, (5, 5)),
        ("cluster", "cluster", "扣款 · 退回"): ({"metric": "share", "scope_category": "business"}, (3, 9)),
    }
    with redress.sessions.read() as session:
        for (kind, figure, value), (proposal, (hits, of)) in expected.items():
            found = proposed(session, body, {"kind": kind, "figure": figure, "value": value})
            assert found == {"proposal": proposal, "reported": {"hits": hits, "of": of}}, (kind, figure)
