"""A deadline beyond the published years is provisional, and counted again when the schedule comes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.audit.verify import verify
from engine.cases.calendar_import import import_shipped, import_years
from engine.domain.calendar_table import YearTable, statutory_days, year_from_plain
from engine.domain.deadlines import last_day_of
from engine.people.actor import SYSTEM
from engine.store.tables.audit import History
from engine.store.tables.runtime import Timer
from tests.driving import complaint, elements, open_tasks
from tests.world import pass_time, register

SHANGHAI = ZoneInfo("Asia/Shanghai")


def invented_2027() -> YearTable:
    """A schedule made up for this test: the statutory days, and 4 to 8 January off as nobody would expect."""
    off = {day.isoformat() for day in statutory_days(2027)}
    off |= {(date(2027, 1, 4) + timedelta(days=i)).isoformat() for i in range(5)}
    off |= {(date(2027, 10, 1) + timedelta(days=i)).isoformat() for i in range(7)}
    plain = {
        "format": 1,
        "year": 2027,
        "notices": ["https://example.com/2027"],
        "holidays": [{"name": "x", "off": sorted(off), "work": []}],
    }
    return year_from_plain(plain, "invented")


def test_a_provisional_deadline_moves_with_its_timer_and_tasks_on_import(redress: Redress) -> None:
    clock.set_to(datetime(2026, 12, 30, 10, tzinfo=SHANGHAI))
    made = register(redress)
    before = complaint(redress, made.complaint_no)
    assert before.deadline_provisional
    done = import_years(redress.runtime, SYSTEM, [invented_2027()])
    assert (done.is_new, done.moved) == (True, 1)
    after = complaint(redress, made.complaint_no)
    assert after.due_at > before.due_at
    assert not after.deadline_provisional
    assert after.calendar_version == done.version != before.calendar_version
    assert last_day_of(after.due_at, SHANGHAI) >= date(2027, 1, 9)
    assert [task.due_at for task in open_tasks(redress, made.complaint_no)] == [after.due_at]
    with redress.sessions.read() as session:
        assert after.due_at in session.scalars(select(Timer.due_at)).all()
        kinds = session.scalars(select(History.kind).where(History.stream == made.instance_id)).all()
        assert verify(session).problems == []
    assert kinds.count("deadline.recounted") == 1
    # the warning, the limit, the investigation's share of it and the next news to the customer
    assert kinds.count("timer.rescheduled") == 4
    clock.set_to(before.due_at)
    pass_time(redress, seconds=1)
    assert elements(redress, made.complaint_no) == ["investigate"]
    clock.set_to(after.due_at)
    pass_time(redress, seconds=1)
    assert {"explain-delay", "investigate", "urge"} <= set(elements(redress, made.complaint_no))


def test_importing_the_same_years_again_changes_nothing(redress: Redress) -> None:
    made = register(redress)
    due_at = complaint(redress, made.complaint_no).due_at
    again = import_shipped(redress.runtime, SYSTEM)
    assert (again.is_new, again.moved) == (False, 0)
    assert complaint(redress, made.complaint_no).due_at == due_at


@pytest.mark.parametrize(
    ("grade", "days"), [(1, date(2026, 3, 23)), (2, date(2026, 3, 11)), (3, date(2026, 3, 5))]
)
def test_the_limit_of_each_grade_is_the_one_drawn(redress: Redress, grade: int, days: date) -> None:
    facts = {1: {"legal_risk": True}, 2: {"spread_risk": True}, 3: {}}[grade]
    made = register(redress, grade=grade, **facts)
    row = complaint(redress, made.complaint_no)
    assert last_day_of(row.due_at, SHANGHAI) == days
    assert last_day_of(row.statutory_due_at, SHANGHAI) == date(2026, 3, 17)
