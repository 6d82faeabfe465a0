"""Reading calendar tables, and refusing those that would move deadlines silently."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from engine.domain.calendar_table import (
    build_calendar,
    calendar_from_plain,
    digest,
    read_year,
    shipped_calendar,
    shipped_years,
    year_from_plain,
)
from engine.errors import InvalidInput


def table_of(year: int) -> dict[str, Any]:
    return next(table for table in shipped_years() if table.year == year).plain()


def as_holiday_cn(plain: dict[str, Any]) -> dict[str, Any]:
    days = [
        {"name": holiday["name"], "date": day, "isOffDay": key == "off"}
        for holiday in plain["holidays"]
        for key in ("off", "work")
        for day in holiday[key]
    ]
    return {"year": plain["year"], "papers": plain["notices"], "days": days}


def test_the_shipped_years_are_2019_to_2026_each_with_its_notice() -> None:
    assert [table.year for table in shipped_years()] == list(range(2019, 2027))
    assert all(
        url.startswith(("http://www.gov.cn/", "https://www.gov.cn/"))
        for t in shipped_years()
        for url in t.notices
    )
    assert all(table.notices for table in shipped_years())


def test_the_make_up_days_of_2026_are_those_of_the_notice() -> None:
    table = next(table for table in shipped_years() if table.year == 2026)
    make_up = sorted(day for day, named in table.days.items() if named.working)
    assert make_up == [date(2026, *parts) for parts in [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]]


def test_the_version_depends_on_the_facts_alone() -> None:
    stored = {str(table.year): json.loads(json.dumps(table.plain())) for table in reversed(shipped_years())}
    assert calendar_from_plain(stored).version == shipped_calendar().version
    changed = json.loads(json.dumps(stored))
    changed["2026"]["holidays"][0]["work"] = []
    assert calendar_from_plain(changed).version != shipped_calendar().version
    assert len(shipped_calendar().version) <= 32


def test_the_shape_of_holiday_cn_is_read_as_the_same_facts() -> None:
    ours = year_from_plain(table_of(2026), "cn-2026.json")
    theirs = read_year(json.dumps(as_holiday_cn(table_of(2026))), "2026.json")
    assert digest([theirs]) == digest([ours])


def test_a_further_year_moves_the_horizon() -> None:
    shifted = [{**holiday, "off": [], "work": []} for holiday in table_of(2026)["holidays"]]
    shifted[0]["off"] = ["2027-01-01", *(f"2027-02-{day:02}" for day in range(5, 13)), "2027-04-05"]
    shifted[1]["off"] = ["2027-05-01", "2027-05-03", "2027-06-09", "2027-09-15"]
    shifted[2]["off"] = [f"2027-10-{day:02}" for day in range(1, 8)]
    shifted[2]["work"] = ["2027-10-09"]
    table = year_from_plain(
        {"year": 2027, "notices": ["https://www.gov.cn/example"], "holidays": shifted}, "made-up"
    )
    calendar = build_calendar([*shipped_years(), table])
    assert calendar.horizon == date(2027, 12, 28)
    assert calendar.is_working_day(date(2027, 10, 9))
    assert calendar.is_working_day(date(2027, 5, 4))  # was expected to be off, and is not in the table
    assert not shipped_calendar().is_working_day(date(2027, 10, 9))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.update(holidays=[]), "0 days off"),
        (lambda t: t.pop("year"), "is no calendar table"),
        (lambda t: t["holidays"][0]["off"].append("2026-13-01"), "is no calendar table"),
        (lambda t: t["holidays"][0]["off"].append("2028-01-01"), "does not belong to the table of 2026"),
        (lambda t: t["holidays"][0]["off"].append("2026-01-04"), "names 2026-01-04 twice"),
        (lambda t: t["holidays"][5]["off"].remove("2026-10-01"), "2026-10-01 is a statutory day"),
        (lambda t: t["holidays"].append("x"), "is no calendar table"),
    ],
)
def test_a_table_that_no_notice_could_be_is_refused(change: Any, message: str) -> None:
    plain = table_of(2026)
    plain["holidays"].sort(key=lambda holiday: holiday["off"])
    plain["holidays"].sort(key=lambda holiday: holiday["name"] == "国庆节")
    plain["holidays"].insert(5, plain["holidays"].pop())
    change(plain)
    with pytest.raises(InvalidInput, match=message):
        year_from_plain(plain, "upload.json")


def test_text_that_is_no_json_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match=r"upload\.json is no JSON"):
        read_year(b"<html>", "upload.json")


def test_an_empty_year_as_published_ahead_by_others_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not the whole notice"):
        read_year('{"year": 2027, "papers": [], "days": []}', "2027.json")


def test_a_calendar_with_a_gap_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"lacks the years \[2022\]"):
        build_calendar(table for table in shipped_years() if table.year != 2022)
    with pytest.raises(InvalidInput, match="at least one year"):
        build_calendar([])
