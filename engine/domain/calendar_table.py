"""Reading calendar tables: our own of each year, those of an import, those kept in the database.

A table is JSON: `{"format": 1, "year": 2026, "notices": [url], "holidays": [{"name", "off": [date],
"work": [date]}]}`. The shape of holiday-cn (`{"year", "papers", "days": [{"name", "date", "isOffDay"}]}`) is
read too, because that is where a new year is found first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from engine.domain.calendar import NamedDay, WorkingCalendar
from engine.errors import InvalidInput

FORMAT = 1
FEWEST_DAYS_OFF = 20
"""A published year names at least this many days off; a table with fewer is an unfinished one."""


@dataclass(frozen=True, slots=True)
class YearTable:
    """What the notices of one year say: the exceptions to "Monday to Friday"."""

    year: int
    notices: tuple[str, ...]
    days: Mapping[date, NamedDay]

    def plain(self) -> dict[str, Any]:
        """Return the table as JSON values in our own shape, the same for the same facts."""
        holidays: dict[str, dict[str, Any]] = {}
        for day, named in sorted(self.days.items()):
            holiday = holidays.setdefault(named.name, {"name": named.name, "off": [], "work": []})
            holiday["work" if named.working else "off"].append(day.isoformat())
        return {
            "format": FORMAT,
            "year": self.year,
            "notices": list(self.notices),
            "holidays": list(holidays.values()),
        }


def read_year(content: bytes | str, source: str) -> YearTable:
    """Read a table from JSON text; `source` (a file name) goes into messages.

    Raises InvalidInput where the text is no table, a date lies outside the year, or the table is incomplete.
    """
    try:
        plain = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{source} is no JSON calendar table: {error}") from error
    return year_from_plain(plain, source)


def year_from_plain(plain: Any, source: str) -> YearTable:
    """Read a table from parsed JSON, in our own shape or that of holiday-cn. Raises InvalidInput."""
    try:
        year = int(plain["year"])
        if "days" in plain:
            notices, days = plain.get("papers", []), list(_foreign_days(plain["days"]))
        else:
            notices, days = plain["notices"], list(_own_days(plain["holidays"]))
        table = YearTable(year, tuple(str(url) for url in notices), _unique(days, source))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(
            f"{source} is no calendar table ({type(error).__name__}: {error}); "
            'expected {"year": ..., "notices": [...], "holidays": [{"name", "off", "work"}]}'
        ) from error
    _check(table, source)
    return table


def build_calendar(years: Iterable[YearTable]) -> WorkingCalendar:
    """Make one calendar of consecutive years, under a version derived from all their facts.

    Raises InvalidInput where no year is given or one between the first and the last is missing.
    """
    tables = {table.year: table for table in years}
    if not tables:
        raise InvalidInput("a calendar needs at least one year; none was given")
    first, last = min(tables), max(tables)
    missing = [year for year in range(first, last + 1) if year not in tables]
    if missing:
        raise InvalidInput(
            f"the calendar lacks the years {missing} between {first} and {last}; import them first"
        )
    published: dict[date, NamedDay] = {}
    for year in range(first, last + 1):
        published |= tables[year].days
    return WorkingCalendar(
        version=f"cn-{last}-{digest(tables.values())[:16]}",
        first=date(first, 1, 1),
        horizon=date(last, 12, 28),
        published=MappingProxyType(published),
        expected=MappingProxyType({day: name for day, name in _expected_days().items() if day.year > last}),
    )


def calendar_from_plain(years: Mapping[str, Any]) -> WorkingCalendar:
    """Make a calendar of tables kept as JSON values by year. Raises InvalidInput."""
    return build_calendar(
        year_from_plain(plain, f"the stored table of {year}") for year, plain in years.items()
    )


def digest(years: Iterable[YearTable]) -> str:
    """Return the SHA-256 (hexadecimal) of the tables' facts, whatever their order or layout."""
    plain = [table.plain() for table in sorted(years, key=lambda table: table.year)]
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def shipped_years() -> tuple[YearTable, ...]:
    """Return the tables that come with Redress, oldest first."""
    names = (file.name for file in _folder().iterdir())
    tables = sorted(name for name in names if name.startswith("cn-2") and name.endswith(".json"))
    return tuple(read_year((_folder() / name).read_bytes(), name) for name in tables)


@cache
def shipped_calendar() -> WorkingCalendar:
    """Return the calendar of the tables that come with Redress."""
    return build_calendar(shipped_years())


def statutory_days(year: int) -> dict[date, str]:
    """Return the statutory days off of `year` with their names, as far as their dates are known ahead."""
    table = _statutory_table()
    days = {
        date.fromisoformat(f"{year}-{key}"): name
        for key, name in table["fixed"].items()
        if year >= table["since"].get(key, 0)
    }
    for name, text in table["festivals"].get(str(year), {}).items():
        day = date.fromisoformat(text)
        offsets = table["spring_festival_offsets"] if name == "春节" else [0]
        days |= {day + timedelta(days=offset): name for offset in offsets}
    return days


@cache
def _expected_days() -> dict[date, str]:
    """Days off in years without a notice; one on a weekend is given on the next working day (Art. 6)."""
    expected: dict[date, str] = {}
    for year in sorted(int(key) for key in _statutory_table()["festivals"]):
        days = statutory_days(year)
        expected |= days
        for day in sorted(day for day in days if day.weekday() >= 5):
            instead = day
            while instead.weekday() >= 5 or instead in expected:
                instead += timedelta(days=1)
            expected[instead] = days[day]
    return expected


@cache
def _statutory_table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((_folder() / "cn-statutory.json").read_bytes())
    return table


def _folder() -> Any:
    return resources.files("engine.domain") / "calendars"


def _own_days(holidays: Any) -> Iterable[tuple[date, NamedDay]]:
    for holiday in holidays:
        for key, working in (("off", False), ("work", True)):
            for text in holiday[key]:
                yield date.fromisoformat(text), NamedDay(working, str(holiday["name"]))


def _foreign_days(days: Any) -> Iterable[tuple[date, NamedDay]]:
    for day in days:
        if not isinstance(day["isOffDay"], bool):
            raise TypeError(f"isOffDay of {day['date']} is not true or false")
        yield date.fromisoformat(day["date"]), NamedDay(not day["isOffDay"], str(day["name"]))


def _unique(days: list[tuple[date, NamedDay]], source: str) -> dict[date, NamedDay]:
    table: dict[date, NamedDay] = {}
    for day, named in days:
        if day in table:
            raise InvalidInput(f"{source} names {day} twice")
        table[day] = named
    return table


def _check(table: YearTable, source: str) -> None:
    """Refuse what no notice ever said: it would move deadlines without anybody noticing."""
    earliest, latest = date(table.year - 1, 12, 25), date(table.year, 12, 31)
    for day in table.days:
        if not earliest <= day <= latest:
            raise InvalidInput(f"{source}: {day} does not belong to the table of {table.year}")
    off = sum(not named.working for named in table.days.values())
    if off < FEWEST_DAYS_OFF:
        raise InvalidInput(
            f"{source} gives {off} days off for {table.year}; a notice gives {FEWEST_DAYS_OFF} or more, "
            "so this table is not the whole notice"
        )
    for day, name in statutory_days(table.year).items():
        given = table.days.get(day)
        if day.weekday() < 5 and (given is None or given.working):
            raise InvalidInput(
                f"{source}: {day} is a statutory day ({name}), but the table does not make it off"
            )
