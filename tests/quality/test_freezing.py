"""Frozen figures: when they are frozen, that they can be made again, and what tampering is noticed."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from sqlalchemy import select, update

from engine import clock
from engine.assembly import Redress
from engine.cases.public.secrets import survey_token
from engine.cases.public.survey import answer_survey
from engine.domain.kpi import Proportion
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.quality.contest import contest
from engine.quality.facts import gather
from engine.quality.freezing import (
    correct,
    freeze_due,
    frozen,
    frozen_versions,
    handlers_of,
    verify_all_frozen,
)
from engine.quality.period_figures import frozen_cases, vulnerable_gaps
from engine.quality.sheets import check_file, check_signed, export_sheet, public_key, sheet_of, sign_file
from engine.quality.summary import months_back, sum_up, summary, totals
from engine.runtime.commands import claim
from engine.store.tables.cases import Complaint
from engine.store.tables.measures import FrozenCase, FrozenPeriod, MonthSummary
from tests.driving import drive, open_tasks
from tests.world import actor, register

CLOSING = datetime(2026, 4, 15, 16, tzinfo=UTC)
"""The end of the tenth working day after March 2026; 6 April is a holiday."""


@pytest.fixture
def answered(redress: Redress) -> str:
    """A case of March that was answered in March."""
    number = register(redress).complaint_no
    drive(redress, number)
    return number


def test_a_month_is_frozen_ten_working_days_after_its_end_and_again_when_repeats_can_be_told(
    redress: Redress, answered: str
) -> None:
    rt = redress.runtime
    clock.set_to(datetime(2026, 4, 15, 15, 59, tzinfo=UTC))
    assert freeze_due(rt) == 0
    clock.set_to(CLOSING)
    assert freeze_due(rt) == 3  # with the empty January and February, which the quarter's return covers
    assert freeze_due(rt) == 0
    with redress.sessions.read() as session:
        assert frozen(session, "2026-01")["body"]["figures"]["timeliness"]["of"] == 0
        first = frozen(session, "2026-03")
        assert verify_all_frozen(session) == []
        with pytest.raises(NotFound):
            frozen(session, "2026-04")
    assert (first["version"], first["reason"], first["frozen_by"]) == (1, "closed", "system")
    timeliness = first["body"]["figures"]["timeliness"]
    assert (timeliness["of"], timeliness["hits"]) == (1, 1)
    assert timeliness["by"]["handler"] == {"handler": [1, 1]}
    assert set(first["body"]["waiting"]) == {"repeats-after-answer", "first-time"}
    clock.set_to(datetime(2026, 7, 1, tzinfo=UTC))
    assert freeze_due(rt) >= 1
    with redress.sessions.read() as session:
        again = frozen(session, "2026-03")
        items = frozen_versions(session, actor(redress, "analyst")).items
        assert [row["period"] for row in items].count("2026-03") == 2
    assert (again["version"], again["reason"], again["body"]["waiting"]) == (2, "window", {})


def test_a_correction_is_a_further_version_with_its_reason(redress: Redress, answered: str) -> None:
    rt, analyst = redress.runtime, actor(redress, "analyst")
    with pytest.raises(InvalidInput):
        correct(rt, analyst, "2026-03", "too early")
    clock.set_to(CLOSING)
    freeze_due(rt)
    with pytest.raises(Conflict, match="nothing has changed"):
        correct(rt, analyst, "2026-03", "to be sure")
    answer_survey(rt, survey_token(redress.keyring, answered), {"score": "1"})
    for wrong, reason in (("2026", "a year"), ("2026-03", " ")):
        with pytest.raises(InvalidInput):
            correct(rt, analyst, wrong, reason)
    with pytest.raises(Forbidden):
        correct(rt, actor(redress, "handler"), "2026-03", "not mine to do")
    assert correct(rt, analyst, "2026-03", "a late answer to the survey") == 2
    with redress.sessions.read() as session:
        before, after = frozen(session, "2026-03", 1), frozen(session, "2026-03")
        cases = frozen_cases(session, analyst, [after], "satisfaction", "misses")
        assert frozen_cases(session, analyst, [before], "satisfaction", "all").items == []
        assert verify_all_frozen(session) == []
    assert (before["body"]["figures"]["satisfaction"]["of"], after["frozen_by"]) == (0, "analyst")
    assert [row["complaint_no"] for row in cases.items] == [answered]


def test_the_cases_of_a_frozen_group_are_those_that_were_counted_in_it(
    redress: Redress, answered: str
) -> None:
    clock.set_to(CLOSING)
    freeze_due(redress.runtime)
    analyst = actor(redress, "analyst")
    with redress.sessions.read() as session:
        month = frozen(session, "2026-03")

        def listed(name: str, by: str, value: str = "") -> list[str]:
            found = frozen_cases(session, analyst, [month], name, "all", by=by, value=value)
            return [row["complaint_no"] for row in found.items]

        for by, lines in month["body"]["figures"]["timeliness"]["by"].items():
            for value in lines:
                assert listed("timeliness", by, value) == [answered], by
            assert listed("timeliness", by, "something else") == [], by
        assert listed("days-to-answer", "grade", "3") == [answered]
        assert listed("timeliness", "vulnerable", "false") == [answered]
        gap = vulnerable_gaps(month["body"])["timeliness"]
        assert (gap.before, gap.after, gap.difference) == (Proportion(1, 1), Proportion(0, 0), None)
        older = month["body"] | {"groups": ["grade"]}
        assert vulnerable_gaps(older) == {}
        assert listed("compensation-paid", "grade", "1") == []
        for name, by in (("happiness", "grade"), ("timeliness", "source")):
            with pytest.raises((NotFound, InvalidInput)):
                listed(name, by)


def test_whoever_changes_what_was_frozen_is_found_out(redress: Redress, answered: str) -> None:
    clock.set_to(CLOSING)
    freeze_due(redress.runtime)
    with redress.sessions.step() as session:
        session.execute(update(FrozenCase).values(hit=0))
    with redress.sessions.read() as session:
        problems = " ".join(verify_all_frozen(session))
    assert "cases are not those" in problems
    assert "do not follow" in problems
    with redress.sessions.step() as session:
        row = session.scalars(select(FrozenPeriod).where(FrozenPeriod.period == "2026-03")).one()
        row.body = row.body | {"order": row.body["order"]}
        row.digest = "0" * 64
    with redress.sessions.read() as session:
        assert "the trail does not hold its digest" in " ".join(verify_all_frozen(session))


def test_a_version_left_half_way_is_made_anew(redress: Redress, answered: str) -> None:
    clock.set_to(CLOSING)
    freeze_due(redress.runtime)
    with redress.sessions.step() as session:
        left = update(FrozenPeriod).where(FrozenPeriod.period == "2026-03")
        session.execute(left.values(state="building"))
    assert freeze_due(redress.runtime) == 1
    with redress.sessions.read() as session:
        assert frozen(session, "2026-03")["version"] == 1
        assert verify_all_frozen(session) == []


def test_a_score_sheet_is_checked_without_the_database(redress: Redress, answered: str) -> None:
    clock.set_to(CLOSING)
    freeze_due(redress.runtime)
    mine, key = actor(redress, "handler"), public_key(redress.keyring)
    with redress.sessions.step() as session:
        found = frozen(session, "2026-03")
        content = export_sheet(session, redress.keyring, mine, found, "person", "handler")
        with pytest.raises(Forbidden):
            export_sheet(session, redress.keyring, mine, found, "person", "handler2")
        with pytest.raises(InvalidInput):
            export_sheet(session, redress.keyring, actor(redress, "analyst"), found, "team", "x")
    statement = check_signed(content, key)
    timeliness = statement["figures"]["timeliness"]
    assert {key: timeliness[key] for key in ("clause", "of", "hits", "comparable")} == {
        "clause": "R45",
        "of": 1,
        "hits": 1,
        "comparable": False,
    }
    assert statement["cases"][answered]["timeliness"] is True
    waiting = statement["figures"]["repeats-after-answer"]
    assert (waiting["of"], waiting["share"], waiting["interval"], waiting["comparable"]) == (
        1,
        None,
        None,
        False,
    )
    assert waiting["waits_until"] > "2026-06-29"  # 90 days after March
    changed = orjson.loads(content)
    changed["statement"]["figures"]["timeliness"]["hits"] = 0
    with pytest.raises(Forbidden, match="does not fit"):
        check_signed(orjson.dumps(changed), key)
    with pytest.raises(InvalidInput):
        check_signed(b"{}", key)
    signed = sign_file(redress.keyring, b"%PDF-1.7 figures %%EOF\n")
    check_file(signed, key)
    for damaged in (signed.replace(b"figures", b"figured"), signed.replace(b"figures", b"figures\n%x")):
        with pytest.raises(Forbidden, match="does not fit"):
            check_file(damaged, key)
    for unsigned in (b"%PDF-1.7\n", signed + b"more"):
        with pytest.raises(InvalidInput):
            check_file(unsigned, key)


def test_there_is_a_sheet_of_whoever_had_a_case_without_what_is_about_themselves(
    redress: Redress, answered: str
) -> None:
    rt, analyst = redress.runtime, actor(redress, "analyst")
    clock.set_to(datetime(2026, 3, 31, 2, tzinfo=UTC))
    later = register(redress, grade=1).complaint_no  # its dates lie in April
    claim(rt, actor(redress, "handler2"), open_tasks(redress, later)[0].id)
    clock.set_to(CLOSING)
    with redress.sessions.step() as session:
        session.execute(
            update(Complaint).where(Complaint.no == answered).values(department_id="customer-service")
        )
    freeze_due(rt)
    with redress.sessions.step() as session:
        month = frozen(session, "2026-03")
        assert month["body"]["figures"]["timeliness"]["by"]["department"] == {"customer-service": [1, 1]}
        assert set(month["body"]["figures"]["timeliness"]["by"]["handler"]) == {"handler"}
        assert handlers_of(session, month["id"]) == ["handler", "handler2"]
        assert list(sheet_of(session, analyst, month, "person", "handler2")["cases"]) == [later]
        accused = update(Complaint).where(Complaint.no == answered).values(accused="handler")
        session.execute(accused)
    mine = actor(redress, "handler")
    with redress.sessions.read() as session:
        for who in (mine, analyst):
            sheet = sheet_of(session, who, month, "person", "handler")
            assert (sheet["cases"], sheet["figures"]["timeliness"]["of"]) == ({}, 0)
        for who, listed in ((mine, []), (analyst, [answered])):
            department = sheet_of(session, who, month, "department", "customer-service")
            assert [each for each in department["cases"] if each == answered] == listed
            assert department["figures"]["timeliness"]["of"] == 1
    with pytest.raises(InvalidInput) as refused:
        contest(rt, mine, "2026-03", 1, "timeliness", answered, "示例")
    assert list(refused.value.errors) == ["complaint_no"]


def test_months_are_summed_up_for_overviews(redress: Redress, answered: str) -> None:
    gather(redress.runtime)
    assert sum_up(redress.runtime) == 1
    clock.set_to(CLOSING)
    assert sum_up(redress.runtime) == 2
    months = months_back(CLOSING.date(), 3)
    with redress.sessions.read() as session:
        found = totals(session, months)
        body, empty = (summary(redress.runtime, session, months[back]) for back in (1, 2))
    assert set(found) == {"2026-03", "2026-04"}
    assert found["2026-03"]["figures"]["timeliness"] == [1, 1]
    assert found["2026-03"]["medians"]["days-to-answer"] == 0
    assert body["figures"]["timeliness"]["by"]["channel"] == {"hotline": [1, 1]}
    assert empty["cases"]["count"] == 0
    with redress.sessions.step() as session:
        row = session.get_one(MonthSummary, months[1].name)
        row.body = row.body | {"versions": {"timeliness": 0}, "figures": {}}
    with redress.sessions.read() as session:  # summed up by an older version of the definitions
        assert "timeliness" in summary(redress.runtime, session, months[1])["figures"]
