"""Figures of real cases: what each counts, and that the cases behind it are exactly those."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine import clock
from engine.assembly import Redress
from engine.cases.archive.retention import place_hold
from engine.cases.withdrawal import withdraw
from engine.domain.kpi import Proportion, read_period
from engine.domain.policy.parameters import Decided, parameters_of
from engine.errors import Forbidden, InvalidInput, NotFound
from engine.quality.figures import FIGURES
from engine.quality.measure import cases_behind, measure
from engine.quality.regulator.opening import open_inquiry
from tests.driving import complaint, drive
from tests.world import actor, pass_time, register

SHANGHAI = ZoneInfo("Asia/Shanghai")
MARCH = read_period("2026-03")
OTHER = {"name": "李四", "phone": "13700000001"}


def figures(redress: Redress, by: str | None = None) -> dict[str, object]:
    with redress.sessions.read() as session:
        found = measure(session, actor(redress, "analyst"), MARCH, SHANGHAI, by=by)
    if by is None:
        return {each.figure.name: each.total for each in found}
    return {each.figure.name: {line.value: line.proportion for line in each.lines} for each in found}


def behind(redress: Redress, name: str, part: str, **group: Any) -> list[str]:
    with redress.sessions.read() as session:
        found = cases_behind(
            session, actor(redress, "analyst"), name, MARCH, SHANGHAI, part=part, limit=100, **group
        )
    return [row["no"] for row in found.items]


@pytest.fixture
def cases(redress: Redress) -> dict[str, str]:
    """In March: one answered in time, one overdue and open, one whose date is to come, one withdrawn."""
    intime = register(redress, customer=OTHER, channel="email").complaint_no
    drive(redress, intime)
    overdue = register(redress, customer={"name": "趙五", "phone": "13700000002"}).complaint_no
    withdrawn = register(redress, customer={"name": "孫六", "phone": "13700000003"}).complaint_no
    withdraw(redress.runtime, actor(redress, "agent"), withdrawn, "settled by phone")
    pass_time(redress, days=10)
    coming = register(redress, customer={"name": "周七", "phone": "13700000004"}).complaint_no
    return {"intime": intime, "overdue": overdue, "withdrawn": withdrawn, "coming": coming}


def test_open_overdue_cases_count_and_dates_to_come_do_not(redress: Redress, cases: dict[str, str]) -> None:
    assert figures(redress)["timeliness"] == Proportion(1, 2)
    assert behind(redress, "timeliness", "hits") == [cases["intime"]]
    assert behind(redress, "timeliness", "misses") == [cases["overdue"]]
    clock.set_to(datetime(2026, 3, 31, tzinfo=UTC))
    assert figures(redress)["timeliness"] == Proportion(1, 3)


def test_a_case_whose_last_day_ends_a_month_belongs_to_that_month(redress: Redress) -> None:
    clock.set_to(datetime(2026, 3, 26, 2, tzinfo=UTC))
    no = register(redress).complaint_no  # three working days: until the end of 31 March
    clock.set_to(datetime(2026, 4, 2, tzinfo=UTC))
    assert complaint(redress, no).due_at == datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert figures(redress)["timeliness"] == Proportion(0, 1)
    assert behind(redress, "timeliness", "misses") == [no]
    with redress.sessions.read() as session:
        april = measure(session, actor(redress, "analyst"), read_period("2026-04"), SHANGHAI)
    assert {each.figure.name: each.total for each in april}["timeliness"] == Proportion(0, 0)


def test_what_was_answered_is_measured_apart_and_withdrawals_stand_beside(
    redress: Redress, cases: dict[str, str]
) -> None:
    found = figures(redress)
    assert found["timeliness-closed"] == Proportion(1, 1)
    assert found["withdrawn"] == Proportion(1, 4)
    assert behind(redress, "withdrawn", "hits") == [cases["withdrawn"]]
    assert found["repeats"] == Proportion(0, 3)


def test_a_breakdown_adds_up_and_leads_to_its_cases(redress: Redress, cases: dict[str, str]) -> None:
    by_channel = figures(redress, "channel")["timeliness"]
    assert by_channel == {"email": Proportion(1, 1), "hotline": Proportion(0, 1)}
    assert behind(redress, "timeliness", "all", by="channel", value="email") == [cases["intime"]]
    by_grade = figures(redress, "grade")["timeliness"]
    assert by_grade == {3: Proportion(1, 2)}
    assert len(behind(redress, "timeliness", "all", by="grade", value="3")) == 2
    assert behind(redress, "timeliness", "all", by="handler", value="") == [cases["overdue"]]
    for wrong in ("gravest", "²", "9" * 30):
        assert behind(redress, "timeliness", "all", by="grade", value=wrong) == []


def test_every_number_is_the_length_of_its_list(redress: Redress, cases: dict[str, str]) -> None:
    assert set(figures(redress)) == set(FIGURES)
    for name, total in figures(redress).items():
        assert isinstance(total, Proportion)
        hits, misses = behind(redress, name, "hits"), behind(redress, name, "misses")
        assert (len(hits), len(hits) + len(misses)) == (total.hits, total.of), name
        assert sorted(hits + misses) == behind(redress, name, "all")


def test_what_the_regulator_the_media_and_courts_take_up_counts_as_escalated(redress: Redress) -> None:
    compliance = actor(redress, "compliance")
    sent, told, asked, sued, _ = (
        register(redress, channel=channel, customer={"name": f"客{place}", "phone": f"1370000001{place}"})
        for place, channel in enumerate(("regulator", "media", "hotline", "hotline", "hotline"))
    )
    open_inquiry(
        redress.runtime,
        compliance,
        reference="函 7",
        question="請說明。",
        received_on=date(2026, 3, 2),
        answer_by=date(2026, 3, 9),
        complaint_no=asked.complaint_no,
    )
    place_hold(redress.runtime, compliance, sued.complaint_no, ground="lawsuit", reference="(2026) 民初 7")
    found = figures(redress)
    assert found["escalated"] == Proportion(4, 5)
    for name, case in (
        ("by-regulator", sent),
        ("inquired-about", asked),
        ("in-media", told),
        ("in-court", sued),
    ):
        assert behind(redress, name, "hits") == [case.complaint_no], name


def test_an_aim_is_that_of_the_period_and_a_figure_says_whether_it_is_met(
    redress: Redress, cases: dict[str, str]
) -> None:
    def met(*decided: Decided) -> dict[str, bool | None]:
        parameters = parameters_of(decided, "aims")
        with redress.sessions.read() as session:
            found = measure(session, actor(redress, "analyst"), MARCH, SHANGHAI, parameters=parameters)
        return {each.figure.name: each.meets for each in found if each.target is not None}

    assert met() == {
        "timeliness": False,  # one of two, and 98 per cent are the aim
        "satisfaction": None,  # no customer has given a score
        "repeats": True,  # none of three, and 5 per cent are the most
        "repeats-after-answer": None,  # to be said once the window is over
    }
    assert met(Decided("target.timeliness_percent", 50, date(2026, 3, 1)))["timeliness"] is True
    assert met(Decided("target.timeliness_percent", 50, date(2026, 4, 1)))["timeliness"] is False


def test_the_day_of_the_company_decides_the_period(redress: Redress) -> None:
    last = datetime(2026, 2, 28, 16, 30, tzinfo=UTC)  # 1 March, half past midnight in Shanghai
    clock.set_to(datetime(2026, 3, 2, 1, tzinfo=UTC))
    number = register(redress, received_at=last.isoformat()).complaint_no
    assert behind(redress, "withdrawn", "misses") == [number]
    assert MARCH.first == date(2026, 3, 1)


def test_what_is_not_there_is_refused(redress: Redress) -> None:
    analyst = actor(redress, "analyst")
    with redress.sessions.read() as session:
        with pytest.raises(NotFound):
            cases_behind(session, analyst, "happiness", MARCH, SHANGHAI)
        with pytest.raises(InvalidInput):
            cases_behind(session, analyst, "timeliness", MARCH, SHANGHAI, part="some")
        with pytest.raises(InvalidInput):
            measure(session, analyst, MARCH, SHANGHAI, by="mood")
        with pytest.raises(Forbidden):
            measure(session, actor(redress, "handler"), MARCH, SHANGHAI)
