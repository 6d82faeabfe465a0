"""Timers: ISO 8601 by the calendar, the engine's clock, past dates, cycles; nothing fires by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine import clock
from engine.errors import StepFailed
from engine.runtime.spiff.timers import next_occurrence, occurrence, parse_cycle, parse_instant, parse_period
from tests.runtime.spiff.drawing import (
    END,
    START,
    at_date,
    boundary,
    cycle,
    duration,
    process,
    properties,
    users,
    z,
)
from tests.runtime.spiff.world import World, run

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
both = pytest.mark.parametrize("restored", [False, True], ids=["in memory", "restored"])


@pytest.fixture(autouse=True)
def _clock() -> None:
    clock.set_to(NOW)


def with_timer(definition: str, *, interrupting: bool, extra: str = "") -> str:
    return process(
        START
        + END
        + users("a", "o")
        + boundary(extra + definition, "a", interrupting=interrupting, name="bt")
        + '<b:endEvent id="oe"/>s->a;a->e;bt->o;o->oe;'
    )


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("P1M", "2026-01-31T10:00:00+08:00", "2026-02-28T10:00:00+08:00"),
        ("P1M", "2026-02-28T23:00:00+08:00", "2026-03-28T23:00:00+08:00"),
        ("P1Y", "2024-02-29T10:00:00+08:00", "2025-02-28T10:00:00+08:00"),
        ("P1Y2M3DT4H5M6.5S", "2026-01-01T00:00:00+08:00", "2027-03-04T04:05:06.5+08:00"),
        ("P2W", "2026-03-02T00:00:00+08:00", "2026-03-16T00:00:00+08:00"),
        ("PT36H", "2026-03-02T00:00:00+08:00", "2026-03-03T12:00:00+08:00"),
    ],
)
def test_a_duration_is_counted_by_the_calendar(text: str, start: str, expected: str) -> None:
    assert parse_period(text).after(datetime.fromisoformat(start), SHANGHAI) == datetime.fromisoformat(
        expected
    )


def test_a_month_is_that_of_the_companys_zone_not_of_utc() -> None:
    start = datetime(2026, 1, 31, 17, 0, tzinfo=UTC)  # 1 February, 01:00 in Shanghai
    assert parse_period("P1M").after(start, SHANGHAI) == datetime(2026, 2, 28, 17, 0, tzinfo=UTC)


def test_a_monthly_cycle_on_the_31st_comes_back_to_the_31st() -> None:
    monthly = parse_cycle("R/2026-01-31T00:00:00+08:00/P1M", SHANGHAI)
    days = [occurrence(monthly, NOW, number, SHANGHAI).astimezone(SHANGHAI).date() for number in range(4)]
    assert days == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_occurrences_that_passed_while_nobody_ran_are_one() -> None:
    hourly = parse_cycle("R/PT1H", SHANGHAI)
    late = NOW + timedelta(days=365, minutes=30)
    number = next_occurrence(hourly, NOW, 0, late, SHANGHAI)
    assert occurrence(hourly, NOW, number, SHANGHAI) == NOW + timedelta(days=365, hours=1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-05", datetime(2026, 3, 4, 16, tzinfo=UTC)),
        ("2026-03-05T09:00:00", datetime(2026, 3, 5, 1, tzinfo=UTC)),
        ("2026-03-05T09:00:00Z", datetime(2026, 3, 5, 9, tzinfo=UTC)),
        (date(2026, 3, 5), datetime(2026, 3, 4, 16, tzinfo=UTC)),
        (datetime(2026, 3, 5, 9, tzinfo=SHANGHAI), datetime(2026, 3, 5, 1, tzinfo=UTC)),
    ],
)
def test_a_date_without_an_offset_is_one_of_the_company(value: object, expected: datetime) -> None:
    assert parse_instant(value, SHANGHAI) == expected


@pytest.mark.parametrize("text", ["P", "PT", "3 days", "P1.5M", "", "R3/P1D"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no ISO 8601 duration"):
        parse_period(text)


@both
def test_a_cycle_ends_with_the_calendar(restored: bool) -> None:
    i = run(with_timer(cycle("R/9999-12-31T00:00:00Z/P1D"), interrupting=False), restored=restored)
    assert i.timer("bt").open == ["a", "o"]
    assert [wait.kind for wait in i.workflow.waits()] == ["user", "user"]


@pytest.mark.parametrize("text", ["R3", "R3/P0D", "R/P1D/2026-01-01", "0 0 * * *"])
def test_what_is_no_cycle_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"cycle|duration"):
        parse_cycle(text, SHANGHAI)


def about(instant: datetime | None, expected: datetime) -> bool:
    """The clock runs on between setting it and arming the timer."""
    return instant is not None and timedelta(0) <= instant - expected < timedelta(seconds=10)


@both
def test_a_timer_waits_for_its_firing_whatever_the_clock_says(restored: bool) -> None:
    instance = run(with_timer(duration("P3D"), interrupting=True), restored=restored)
    assert about(instance.wait("bt").due_at, NOW + timedelta(days=3))
    clock.advance(timedelta(days=30))
    assert instance.go().open == ["a"]
    assert instance.timer("bt").open == ["o"]
    assert instance.complete("o").done


@both
def test_a_date_from_an_expression_fires_beside_the_task(restored: bool) -> None:
    world = World(case={}, functions={"deadline": lambda received, days: NOW + timedelta(days=days)})
    drawn = with_timer(at_date("=deadline(null, 3)"), interrupting=False)
    instance = run(drawn, world=world, restored=restored)
    assert instance.wait("bt").due_at == NOW + timedelta(days=3)
    assert instance.timer("bt").open == ["a", "o"]
    assert instance.complete("a").complete("o").done


@both
def test_a_date_that_is_past_fires_within_the_same_step(restored: bool) -> None:
    past = at_date("2026-02-01T00:00:00Z")
    instance = run(with_timer(past, interrupting=False), restored=restored)
    assert instance.open == ["a", "o"]
    assert instance.kinds("timer.fired") == [("timer.fired", "bt")]
    assert [wait.kind for wait in instance.workflow.waits()] == ["user", "user"]


@both
def test_a_warning_that_is_past_is_skipped_and_told(restored: bool) -> None:
    drawn = with_timer(
        at_date("2026-02-01T00:00:00Z"), interrupting=False, extra=properties(skip_if_past="true")
    )
    instance = run(drawn, restored=restored)
    assert instance.open == ["a"]
    assert instance.kinds("timer.fired", "timer.skipped") == [("timer.skipped", "bt")]
    assert instance.complete("a").done


@both
def test_a_cycle_fires_as_often_as_it_says(restored: bool) -> None:
    instance = run(with_timer(cycle("R3/PT1H"), interrupting=False), restored=restored)
    for hours in (1, 2, 3):
        assert about(instance.wait("bt").due_at, NOW + timedelta(hours=hours))
        instance.timer("bt")
    assert instance.open == ["a", "o", "o", "o"]
    assert [wait for wait in instance.workflow.waits() if wait.kind == "timer"] == []


@both
def test_a_missed_cycle_fires_once_and_goes_on_from_now(restored: bool) -> None:
    instance = run(with_timer(cycle("R/PT1H"), interrupting=False), restored=restored)
    clock.advance(timedelta(hours=10, minutes=30))
    assert instance.timer("bt").open == ["a", "o"]
    due = instance.wait("bt").due_at
    assert due is not None
    assert timedelta(0) < due - clock.now() <= timedelta(hours=1)
    assert (due - NOW) % timedelta(hours=1) < timedelta(seconds=5)


@both
def test_a_timer_can_be_given_another_date(restored: bool) -> None:
    instance = run(with_timer(duration("P3D"), interrupting=True), restored=restored)
    wait = instance.wait("bt")
    instance.workflow.reschedule_timer(wait.token, NOW + timedelta(days=9))
    instance.go()
    assert instance.wait("bt").token == wait.token
    assert instance.wait("bt").due_at == NOW + timedelta(days=9)


def test_a_timer_beyond_the_calendar_stops_the_step() -> None:
    with pytest.raises(StepFailed, match="'bt': timer P9000Y: it lies beyond the years 1 to 9999"):
        run(with_timer(duration("P9000Y"), interrupting=False))


def test_a_timer_that_gives_no_date_stops_the_step() -> None:
    with pytest.raises(StepFailed, match="'bt': timer =missing: None is no date"):
        run(with_timer(at_date("=missing"), interrupting=True))


@both
def test_due_dates_of_tasks_are_evaluated_when_the_task_opens(restored: bool) -> None:
    task = (
        '<b:userTask id="a"><b:extensionElements><z:taskSchedule dueDate="=due" followUpDate="2026-03-05"/>'
        + z(
            "assignmentDefinition",
            assignee="=who",
            candidateGroups="handlers, supervisors",
            candidateUsers="=list",
        )
        + z("priorityDefinition", priority="=80")
        + z("formDefinition", formId="F")
        + "</b:extensionElements></b:userTask>"
    )
    due = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    drawn = process(START + END + task + "s->a;a->e;")
    wait = run(drawn, restored=restored, due=due, who="handler", list=["x", "y"]).wait("a")
    assert (wait.due_date, wait.follow_up_date) == (due, datetime(2026, 3, 4, 16, tzinfo=UTC))
    assert (wait.assignee, wait.candidate_groups, wait.candidate_users) == (
        "handler",
        ("handlers", "supervisors"),
        ("x", "y"),
    )
    assert (wait.priority, wait.form_id) == (80, "F")
