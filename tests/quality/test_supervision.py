"""The figures of supervision: satisfaction, repeats after the answer, and what shows a figure gamed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update

from engine import clock
from engine.assembly import Redress
from engine.cases.contact import record_contact
from engine.cases.public.secrets import survey_token
from engine.cases.public.survey import answer_survey
from engine.cases.regrading import regrade
from engine.domain.kpi import Proportion, read_period, spread
from engine.jobs.passes import run_until_quiet
from engine.quality.facts import gather, gather_cases
from engine.quality.figures import AMOUNTS, FIGURES
from engine.quality.measure import Measured, cases_behind, measure, reckon
from engine.quality.supervision.inspections import begin_inspection
from engine.store.tables.cases import Complaint
from engine.store.tables.measures import CaseMeasure
from engine.store.tables.runtime import Task
from tests.driving import do, drive, open_tasks, open_tasks_of
from tests.world import actor, pass_time, register

SHANGHAI = ZoneInfo("Asia/Shanghai")
MARCH = read_period("2026-03")


def figures(redress: Redress, by: str | None = None) -> dict[str, Measured]:
    with redress.sessions.read() as session:
        found = measure(session, actor(redress, "analyst"), MARCH, SHANGHAI, by=by)
    return {each.figure.name: each for each in found}


def behind(redress: Redress, name: str, part: str = "hits", **group: Any) -> list[str]:
    with redress.sessions.read() as session:
        who = actor(redress, "analyst")
        found = cases_behind(session, who, name, MARCH, SHANGHAI, part=part, limit=100, **group)
    return [row["no"] for row in found.items]


@pytest.fixture
def cases(redress: Redress) -> dict[str, str]:
    """One downgraded, urged, its plan returned, answered, praised and repeated; one in peace."""
    first = register(redress, grade=2, partner="催收甲公司", amount=100).complaint_no
    drive(redress, first, until="propose-plan")
    regrade(redress.runtime, actor(redress, "handler"), first, 3, "查明損失甚微")
    drive(redress, first, until="approve-plan")
    record_contact(
        redress.runtime, actor(redress, "agent"), first, channel="phone", direction="in", summary="何時答復？"
    )
    drive(redress, first, answers={"approve-plan": {"plan_decision": "return"}})
    other = register(redress, customer={"name": "李四"}, vulnerable=True).complaint_no
    drive(redress, other)
    token = survey_token(redress.keyring, first)
    answer_survey(redress.runtime, token, {"score": "2"})
    pass_time(redress, days=1)
    answer_survey(redress.runtime, token, {"score": "5"})
    again = register(redress).complaint_no
    gather(redress.runtime)
    return {"first": first, "other": other, "again": again}


def test_each_figure_of_supervision_counts_what_it_says(redress: Redress, cases: dict[str, str]) -> None:
    found = figures(redress)
    first = cases["first"]
    totals = {name: (each.total.hits, each.total.of) for name, each in found.items()}
    expected = {
        "satisfaction": (1, 1),
        "survey-response": (1, 2),
        "satisfaction-floor": (1, 2),
        "survey-invited": (2, 2),
        "repeats": (1, 3),
        "repeats-30": (1, 3),
        "repeats-after-answer": (1, 2),
        "identified": (2, 3),
        "urged": (1, 2),
        "plans-returned": (1, 2),
        "downgrades": (1, 3),
        "downgrades-late": (0, 1),
        "grade-1-decided": (0, 0),
        "first-time": (1, 2),
        "upheld": (2, 2),
        "registered-late": (0, 3),
        "silent": (0, 2),
    }
    assert {name: totals[name] for name in expected} == expected
    for name in ("satisfaction", "repeats-after-answer", "urged", "plans-returned", "downgrades"):
        assert behind(redress, name) == [first], name
    for name in FIGURES:
        hits, misses = behind(redress, name, "hits"), behind(redress, name, "misses")
        assert (len(hits), len(hits) + len(misses)) == totals[name], name
        assert sorted(hits + misses) == behind(redress, name, "all"), name
    assert found["satisfaction"].target == 0.9
    assert found["satisfaction"].meets is True


def test_repeats_after_the_answer_wait_until_their_window_is_over(
    redress: Redress, cases: dict[str, str]
) -> None:
    found = figures(redress)["repeats-after-answer"]
    assert found.not_before is not None
    assert found.not_before - MARCH.bounds(SHANGHAI)[1] == timedelta(days=90)
    assert found.meets is None
    clock.set_to(found.not_before)
    assert figures(redress)["repeats-after-answer"].not_before is None
    assert figures(redress)["repeats-after-answer"].meets is False


def test_figures_are_broken_down_by_partner_source_and_person(
    redress: Redress, cases: dict[str, str]
) -> None:
    by_partner = {line.value: line.proportion for line in figures(redress, "partner")["timeliness"].lines}
    assert by_partner == {"催收甲公司": Proportion(1, 1), None: Proportion(1, 1)}
    assert behind(redress, "timeliness", by="partner", value="催收甲公司") == [cases["first"]]
    assert [line.value for line in figures(redress, "source")["satisfaction"].lines] == ["self"]
    assert behind(redress, "timeliness", by="vulnerable", value="True") == [cases["other"]]
    handlers = figures(redress, "handler")["timeliness"].lines
    assert handlers
    assert not any(line.may_show for line in handlers)
    pass_time(redress, days=40)
    late = figures(redress, "overdue")["overdue"]
    assert {line.value: line.proportion for line in late.lines} == {"31-": Proportion(1, 1)}
    assert behind(redress, "overdue", by="overdue", value="31-") == [cases["again"]]


def test_amounts_are_spread_over_their_cases(redress: Redress, cases: dict[str, str]) -> None:
    with redress.sessions.read() as session:
        found = {
            each.amount.name: each for each in reckon(session, actor(redress, "analyst"), MARCH, SHANGHAI)
        }
    assert set(found) == set(AMOUNTS)
    assert found["contacts-while-handled"].total == spread([1, 0])
    assert found["days-to-answer"].total.median == 0
    assert found["hours-to-register"].total.of == 3
    assert behind(redress, "contacts-while-handled", "all") == sorted([cases["first"], cases["other"]])
    assert spread([4, 1, 3, 2]).median == 2
    assert spread([]).median is None


def test_what_is_derived_is_made_again_the_same(redress: Redress, cases: dict[str, str]) -> None:
    def rows() -> list[tuple[object, ...]]:
        with redress.sessions.read() as session:
            columns = CaseMeasure.__table__
            return [tuple(row) for row in session.execute(select(columns).order_by(columns.c.complaint_no))]

    before = rows()
    assert len(before) == len(cases)
    with redress.sessions.step() as session:
        session.execute(delete(CaseMeasure))
    gather_cases(redress.runtime, select(Complaint.no))
    assert rows() == before
    assert gather(redress.runtime) == 0


def test_a_call_back_by_somebody_who_did_not_handle_the_case_counts_beside_the_survey(
    redress: Redress, cases: dict[str, str]
) -> None:
    first, other = cases["first"], cases["other"]
    pass_time(redress, days=2)
    no = begin_inspection(redress.runtime, actor(redress, "monitor"), seed="7").no
    plan = {"period_from": "2026-03-01", "period_until": "2026-03-04", "method": "all"}
    plan |= {"call_back_percent": 100, "cases": "closed", "check_groups": ["handling"]}
    do(redress, open_tasks_of(redress, no)[0], "monitor", **plan)
    do(redress, open_tasks_of(redress, no)[0], "management")
    run_until_quiet(redress.runtime)
    for number, outcome in ((first, {"call_score": 1}), (other, {"call_outcome": "not_reached"})):
        do(redress, task_of(redress, number, "check-case"), "monitor2")
        do(redress, task_of(redress, number, "call-customer"), "monitor2", **outcome)
    gather(redress.runtime)
    found = {name: (each.total.hits, each.total.of) for name, each in figures(redress).items()}
    expected = {
        "satisfaction": (0, 1),
        "satisfaction-survey": (1, 1),
        "satisfaction-call-back": (0, 1),
        "call-back-disagreement": (1, 1),
        "call-back-reach": (1, 2),
        "satisfaction-floor": (0, 2),
        "survey-response": (1, 2),
        "repeats-180": (1, 3),
        "warned-overdue": (0, 0),
    }
    assert {name: found[name] for name in expected} == expected
    by_source = {line.value: line.proportion for line in figures(redress, "source")["satisfaction"].lines}
    assert by_source == {"callback": Proportion(0, 1)}
    assert behind(redress, "call-back-disagreement") == [first]


def task_of(redress: Redress, number: str, element: str) -> Task:
    """The open task of the supervision group about a case."""
    (task,) = (each for each in open_tasks(redress, number) if each.element_id == element)
    return task


def test_a_call_back_later_than_the_survey_may_be_changed_stands_beside_it(redress: Redress) -> None:
    number = register(redress).complaint_no
    drive(redress, number)
    answer_survey(redress.runtime, survey_token(redress.keyring, number), {"score": "5"})
    gather(redress.runtime)

    def called(score: int, days: float) -> tuple[int, int]:
        with redress.sessions.step() as session:
            at = clock.now() + timedelta(days=days)
            session.execute(update(CaseMeasure).values(call_score=score, called_at=at, call_tries=1))
        found = figures(redress)["satisfaction"].total
        return found.hits, found.of

    assert called(1, 6.9) == (0, 1)
    assert called(1, 7.1) == (1, 1)
    assert called(1, -6.9) == (1, 1)
    assert called(1, -7.1) == (0, 1)


def test_asking_the_own_customer_counts_for_nothing_and_a_warning_in_vain_is_counted(
    redress: Redress,
) -> None:
    number = register(redress).complaint_no
    drive(redress, number, until="ask-satisfaction")
    do(redress, task_of(redress, number, "ask-satisfaction"), "handler", score=5)
    late = register(redress, customer={"name": "李四", "phone": "13700000002"}).complaint_no
    pass_time(redress, days=2.7)
    pass_time(redress, days=3)
    gather_cases(redress.runtime, select(Complaint.no))
    found = figures(redress)
    assert found["satisfaction"].total == Proportion(0, 0)
    assert found["call-back-reach"].total == Proportion(0, 0)
    assert found["warned-overdue"].total == Proportion(1, 1)
    assert behind(redress, "warned-overdue") == [late]
