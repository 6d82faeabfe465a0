"""Periods and proportions, checked against published values."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from engine.domain.kpi import Proportion, month_of, read_period
from engine.errors import InvalidInput

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "first", "following"),
    [
        ("2026-03", date(2026, 3, 1), date(2026, 4, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 4, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_a_period_is_a_month_a_quarter_or_a_year(text: str, first: date, following: date) -> None:
    period = read_period(text)
    assert (period.first, period.following) == (first, following)
    assert period.bounds(SHANGHAI)[0] == datetime(first.year, first.month, first.day, tzinfo=SHANGHAI)


@pytest.mark.parametrize("text", ["", "2026-00", "2026-13", "2026-Q5", "26-03", "2026-3", "1999-01", "9999"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_period(text)
    assert list(refused.value.errors) == ["period"]


def test_a_day_lies_in_its_month() -> None:
    assert month_of(date(2026, 2, 28)) == read_period("2026-02")


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3 (score without correction).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    interval = Proportion(hits, of).interval
    assert interval is not None
    assert interval == pytest.approx((low, high), abs=5e-5)


def test_of_nothing_there_is_no_share() -> None:
    assert Proportion(0, 0).share is None
    assert Proportion(0, 0).interval is None
    assert not Proportion(9, 9).may_rank
    assert Proportion(0, 10).may_rank
