"""The calendar against two packages that others keep, and against itself."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.domain.calendar import LONGEST_COUNT, DayKind, NamedDay
from engine.domain.calendar_table import shipped_calendar, statutory_days
from engine.errors import InvalidInput

CALENDAR = shipped_calendar()
ANY_DAY = st.dates(date(2015, 1, 1), date(2040, 12, 31))


def published_days() -> list[date]:
    first, last = date(2019, 1, 1), date(2026, 12, 31)
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def receipt_days() -> list[date]:
    """The days whose limit of 15 working days is published too."""
    return [day for day in published_days() if day <= date(2026, 12, 7)]


def test_every_published_day_is_what_chinesecalendar_says() -> None:
    differing = [
        day for day in published_days() if CALENDAR.is_working_day(day) != chinese_calendar.is_workday(day)
    ]
    assert len(published_days()) == 2922
    assert differing == []


def test_every_published_day_is_what_holidays_says() -> None:
    china = holidays.country_holidays("CN", years=range(2019, 2027))
    differing = [day for day in published_days() if CALENDAR.is_working_day(day) != china.is_working_day(day)]
    assert differing == []


@pytest.mark.parametrize("n", [3, 7, 15])
def test_every_limit_is_what_counting_with_chinesecalendar_gives(n: int) -> None:
    working = [day for day in published_days() if chinese_calendar.is_workday(day)]
    for day in receipt_days():
        assert CALENDAR.working_days_after(day, n) == working[bisect_right(working, day) + n - 1], day


@pytest.mark.parametrize("n", [3, 7, 15])
def test_every_limit_is_what_counting_with_holidays_gives(n: int) -> None:
    china = holidays.country_holidays("CN", years=range(2019, 2027))
    for day in receipt_days():
        assert CALENDAR.working_days_after(day, n) == china.get_nth_working_day(day, n), day


def test_years_without_a_notice_have_the_days_off_that_the_regulation_gives() -> None:
    for year in range(2027, 2030):
        off = {day for day in holidays.country_holidays("CN", years=year) if day.weekday() < 5}
        days = (date(year, 1, 1) + timedelta(days=i) for i in range(365))
        ours = {day for day in days if day.weekday() < 5 and not CALENDAR.is_working_day(day)}
        assert ours == off, year


def test_the_astronomical_festivals_are_right_for_a_generation() -> None:
    for year in range(2027, 2061):
        names = holidays.country_holidays("CN", years=year, observed=False)
        assert set(statutory_days(year)) == set(names), year


def test_the_horizon_is_28_december_of_the_last_published_year() -> None:
    assert CALENDAR.horizon == date(2026, 12, 28)
    assert CALENDAR.is_published(date(2026, 12, 28))
    assert not CALENDAR.is_published(date(2026, 12, 29))
    assert not CALENDAR.is_published(date(2018, 12, 31))


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2026, 2, 14), DayKind.MAKE_UP, "春节"),
        (date(2026, 2, 17), DayKind.HOLIDAY, "春节"),
        (date(2026, 2, 24), DayKind.WORKDAY, ""),
        (date(2026, 11, 21), DayKind.WEEKEND, ""),
        (date(2027, 10, 1), DayKind.HOLIDAY, "国庆节"),
        (date(2020, 2, 3), DayKind.WORKDAY, "春节"),
    ],
)
def test_a_day_tells_why_it_counts_or_not(day: date, kind: DayKind, name: str) -> None:
    described = CALENDAR.day(day)
    assert (described.kind, described.name) == (kind, name)
    assert described.kind.is_working == CALENDAR.is_working_day(day)


@given(day=ANY_DAY, n=st.integers(1, 400))
def test_counting_forth_and_between_agree_and_land_on_a_working_day(day: date, n: int) -> None:
    last = CALENDAR.working_days_after(day, n)
    assert CALENDAR.is_working_day(last)
    assert CALENDAR.working_days_between(day, last) == n
    assert CALENDAR.working_days_between(last, day) == -n


@given(day=ANY_DAY, n=st.integers(-400, 400))
@example(day=date(2019, 1, 1), n=-1)
@example(day=date(2019, 1, 2), n=-1)
@example(day=date(2029, 12, 31), n=1)
def test_looking_up_gives_what_walking_day_by_day_gives(day: date, n: int) -> None:
    assert CALENDAR.working_days_after(day, n) == CALENDAR._walk(day, n)


@given(start=ANY_DAY, days=st.integers(0, 500))
@example(start=date(2018, 12, 31), days=3)
@example(start=date(2019, 1, 1), days=3)
@example(start=date(2029, 12, 30), days=2)
def test_counting_between_is_counting_each_day(start: date, days: int) -> None:
    end = start + timedelta(days=days)
    each = sum(CALENDAR.is_working_day(start + timedelta(days=i)) for i in range(1, days + 1))
    assert CALENDAR.working_days_between(start, end) == each


def test_counting_backwards_gives_working_days_before() -> None:
    assert CALENDAR.working_days_after(date(2026, 10, 12), -1) == date(2026, 10, 10)
    assert CALENDAR.working_days_after(date(2026, 10, 12), -3) == date(2026, 10, 8)
    assert CALENDAR.working_days_after(date(2026, 10, 12), 0) == date(2026, 10, 12)


def test_absurd_counts_are_refused_instead_of_walked() -> None:
    with pytest.raises(InvalidInput, match="too many to count"):
        CALENDAR.working_days_after(date(2026, 1, 1), LONGEST_COUNT + 1)
    with pytest.raises(InvalidInput, match="left the calendar"):
        CALENDAR.working_days_after(date(9999, 12, 30), 20)


def test_a_calendar_cannot_be_changed_after_it_was_versioned() -> None:
    with pytest.raises(TypeError):
        CALENDAR.published[date(2026, 11, 24)] = NamedDay(working=False, name="")  # type: ignore[index]
