"""Second coding: drawn by chance, coded by who knows nothing of the first, and what both come to."""

from __future__ import annotations

import json
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from engine.assembly import Redress
from engine.cases.regrading import regrade
from engine.domain.kpi import Proportion, read_period
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.quality.agreement import agreement_of, coded_apart, coded_in_open_samples
from engine.quality.measure import asked_of
from engine.quality.records import records_behind, records_of
from engine.quality.supervision.coding import (
    case_to_code,
    enter_coding,
    samples_to_code,
    sub_codes_in_force,
)
from engine.quality.supervision.coding_samples import (
    CODING,
    close_sample,
    draw_sample_to_code,
    draws_the_same,
)
from engine.quality.supervision.definitions import definitions_in_force
from engine.read.notices import notice_list
from engine.store.tables.audit import History
from tests.at_once import at_once
from tests.driving import drive
from tests.world import MONDAY, actor, register

ASKED = asked_of(read_period("2026"), ZoneInfo("Asia/Shanghai"))
CODES = {"category": "business", "sub_code": "", "grade": "3"}


def closed(redress: Redress, *customers: str, **changes: str) -> list[str]:
    made = []
    for place, name in enumerate(customers):
        customer = {"name": name, "phone": f"1370000001{place}"}
        made.append(register(redress, customer=customer, **changes).complaint_no)
    return made


def test_a_case_is_coded_again_by_somebody_who_knows_nothing_of_the_first_coding(redress: Redress) -> None:
    rt, analyst, monitor = redress.runtime, actor(redress, "analyst"), actor(redress, "monitor")
    graver, plain = closed(redress, "甲客戶", "乙客戶")
    regrade(rt, actor(redress, "supervisor"), graver, 2, "影響擴大")
    for each in (graver, plain):
        drive(redress, each)
    (open_one,) = closed(redress, "丙客戶")
    (about,) = closed(redress, "丁客戶", accused="monitor")
    drive(redress, about)
    with pytest.raises(Forbidden):
        draw_sample_to_code(rt, actor(redress, "handler"), "2026", 9)
    with pytest.raises(InvalidInput) as refused:
        draw_sample_to_code(rt, analyst, "2026", "0")
    assert list(refused.value.errors) == ["size"]
    sample = draw_sample_to_code(rt, analyst, "2026", 9, seed="4711")
    with pytest.raises(InvalidInput, match="no closed case"):  # none is drawn twice
        draw_sample_to_code(rt, analyst, "2026", 9)
    with redress.sessions.read() as session:
        rows = {row.complaint_no: row for row in session.execute(select(CODING))}
        (seen,) = samples_to_code(session, monitor)
        assert samples_to_code(session, analyst)[0].waiting == []  # who draws need not be one who codes
        assert samples_to_code(session, actor(redress, "agent"))[0].waiting == []  # registered them all
        assert draws_the_same(session, sample)
        with pytest.raises(NotFound):
            draws_the_same(session, "none")
        told = {
            who: [each["kind"] for each in notice_list(session, actor(redress, who)).items]
            for who in ("monitor", "agent", "agent2", "analyst")
        }
        assert "repayment" in sub_codes_in_force(rt, session)
    assert set(rows) == {graver, plain, about}
    assert "coding" in told["monitor"]
    assert "coding" in told["agent2"]
    assert "coding" not in told["agent"]  # knows every case that was drawn
    assert "coding" not in told["analyst"]
    assert open_one not in rows
    assert (rows[graver].first_category, rows[graver].first_sub_code, rows[graver].first_grade) == (
        *("business", ""),
        3,  # as first registered: it is 2 since
    )
    assert (seen.size, seen.frame_cases, seen.coded) == (3, 3, 0)
    assert set(seen.waiting) == {rows[graver].position, rows[plain].position}
    with redress.sessions.read() as session:
        shown = case_to_code(session, monitor, sample, rows[graver].position)
        assert shown.content.startswith("personal:")
        assert not {"grade", "category", "suggested_grade"} & set(shown.facts)
        for name, no in (("monitor", about), ("agent", plain)):
            with pytest.raises(Forbidden, match="had to do"):
                case_to_code(session, actor(redress, name), sample, rows[no].position)
        with pytest.raises(NotFound):
            case_to_code(session, monitor, sample, 4)
    with pytest.raises(InvalidInput) as refused:
        enter_coding(rt, monitor, sample, rows[graver].position, {"category": "x", "sub_code": "x"})
    assert set(refused.value.errors) == {"category", "sub_code", "grade"}
    enter_coding(rt, monitor, sample, rows[graver].position, CODES | {"grade": "1", "sub_code": "fees"})
    enter_coding(rt, actor(redress, "monitor2"), sample, rows[plain].position, CODES)
    with pytest.raises(Conflict, match="already"):
        enter_coding(rt, actor(redress, "monitor2"), sample, rows[graver].position, CODES)
    slip = CODES | {"grade": "2"}
    assert enter_coding(rt, actor(redress, "monitor2"), sample, rows[plain].position, slip)
    assert enter_coding(rt, actor(redress, "monitor2"), sample, rows[plain].position, CODES)
    with redress.sessions.read() as session:
        corrected = select(History.data).where(History.kind == "coding.corrected").order_by(History.seq)
        there, back = (json.loads(text) for text in session.scalars(corrected))
        assert (there["before"]["grade"], there["grade"], back["before"]["grade"]) == ("3", 2, "2")
        own = samples_to_code(session, actor(redress, "monitor2"))[0].own
        assert own == [rows[plain].position]
        assert agreement_of(session, analyst, ASKED)["grade"].pairs == {}  # nothing of an open sample counts
        assert coded_in_open_samples(session, analyst, ASKED) == 2
    with pytest.raises(Forbidden):
        close_sample(rt, actor(redress, "agent2"), sample)
    close_sample(rt, analyst, sample)
    for late in (
        lambda: close_sample(rt, analyst, sample),
        lambda: enter_coding(rt, monitor, sample, 1, CODES),
    ):
        with pytest.raises(Conflict, match="is closed"):
            late()
    with redress.sessions.read() as session:
        found = agreement_of(session, analyst, ASKED)
        (apart,) = coded_apart(session, analyst, ASKED)
        shares = records_of(session, analyst, ASKED).shares
        listed = records_behind(session, analyst, "coded-alike-grade", ASKED)
        with pytest.raises(Forbidden):
            agreement_of(session, actor(redress, "handler"), ASKED)
    assert found["grade"].pairs == {("3", "1"): 1, ("3", "3"): 1}
    assert {each.silent for each in found.values()} == {"few"}
    assert (apart.complaint_no, apart.apart, apart.coder) == (graver, ["sub_code", "grade"], "monitor")
    assert shares["coded-alike-category"] == Proportion(2, 2)
    assert shares["coded-alike-grade"] == Proportion(1, 2)
    assert [(each.name, each.hits) for each in listed] == [(graver, 0), (plain, 1)]


def test_two_who_code_one_case_at_the_same_moment_leave_one_coding_and_one_conflict(redress: Redress) -> None:
    rt, analyst = redress.runtime, actor(redress, "analyst")
    for each in closed(redress, "甲客戶", "乙客戶"):
        drive(redress, each)
    sample = draw_sample_to_code(rt, analyst, "2026", 1, seed="7")
    coders = [actor(redress, name) for name in ("monitor", "monitor2", "agent2")]

    def enter(place: int) -> bool:
        return enter_coding(rt, coders[place], sample, 1, CODES | {"grade": str(place + 1)})

    answers = at_once(*(partial(enter, place) for place in range(len(coders))))
    (first,) = (place for place, answer in enumerate(answers) if answer is False)
    assert [type(each) for each in answers].count(Conflict) == len(coders) - 1
    with redress.sessions.read() as session:
        row = session.execute(select(CODING)).one()
        entered = select(History.actor).where(History.kind == "coding.entered")
        assert (row.coder, row.grade) == (coders[first].username, first + 1)
        assert list(session.scalars(entered)) == [coders[first].username]


def test_two_who_draw_at_the_same_moment_draw_no_case_twice(redress: Redress) -> None:
    rt, analyst = redress.runtime, actor(redress, "analyst")
    for each in closed(redress, "甲客戶", "乙客戶"):
        drive(redress, each)
    draws = [partial(draw_sample_to_code, rt, analyst, "2026", 2, seed=seed) for seed in ("1", "2")]
    drawn = at_once(*draws)
    (sample,) = (each for each in drawn if isinstance(each, str))
    (refused,) = (each for each in drawn if each is not sample)
    assert isinstance(refused, (Conflict, InvalidInput))  # as it had read the frame already, or not yet
    with redress.sessions.read() as session:
        assert {row.sample_id for row in session.execute(select(CODING))} == {sample}
        assert draws_the_same(session, sample)


def test_the_definitions_beside_the_form_are_those_of_the_decision_tables(redress: Redress) -> None:
    with redress.sessions.read() as session:
        classes, grades = definitions_in_force(redress.runtime, session, MONDAY, "en")
    assert set(classes) == {"business", "service", "product", "other"}
    assert "服務態度、響應時間、處理結果" in [each.text for each in classes["service"]]
    assert set(grades) == {"1", "2", "3"}
    said = {each.text: [(limit.fact, limit.under) for limit in each.limits] for each in grades["1"]}
    assert said["Major loss"] == [("amount", None)]
    assert said["Legal dispute likely"] == []
    (group,) = (each for each in grades["2"] if each.text == "Many complainants")
    assert (group.limits[0].fact, group.limits[0].least) == ("complainants", 5)
