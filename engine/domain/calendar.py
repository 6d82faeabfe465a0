"""The working-day calendar: which days count, as published, and which are only expected.

A year's days off and make-up working days (調休) are known once its notice is out. What a notice of year N
says may still touch the last days of December N-1 (it did in 2018 and 2022), so the calendar is sure up to
28 December of the last published year: its horizon. Past it, statutory days and weekends decide, and whoever
counts there is told that the answer is provisional.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from engine.errors import InvalidInput

ONE_DAY = timedelta(days=1)
YEARS_AHEAD = 3
"""How many years past the horizon are laid out for counting; further days are looked at one by one."""
LONGEST_COUNT = 3660
"""The most working days that are counted in one go: beyond this an expression went wrong."""


class DayKind(StrEnum):
    """Why a day counts or does not."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make-up"  # a Saturday or Sunday on which the country works

    @property
    def is_working(self) -> bool:
        """Whether a day of this kind counts as a working day."""
        return self in (DayKind.WORKDAY, DayKind.MAKE_UP)


@dataclass(frozen=True, slots=True)
class Day:
    """One day: what it is, the holiday it belongs to (or ''), and whether a notice says so."""

    date: date
    kind: DayKind
    name: str
    published: bool


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day that a notice or the regulation makes an exception of: off or working, and the holiday's name."""

    working: bool
    name: str


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """An immutable calendar under a version; two with the same version are the same.

    `published` holds the exceptions of the notices of the years `first` to `horizon`; `expected` the days off
    that the regulation gives for later years.
    """

    version: str
    first: date
    horizon: date
    published: Mapping[date, NamedDay] = field(repr=False, compare=False)
    expected: Mapping[date, str] = field(repr=False, compare=False)
    _days: tuple[date, ...] = field(init=False, repr=False, compare=False)
    _upto: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _base: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay out the working days once, so that counting needs two look-ups instead of a walk."""
        days: list[date] = []
        upto: list[int] = []
        day, end = self.first, date(self.horizon.year + YEARS_AHEAD, 12, 31)
        while day <= end:
            if self.is_working_day(day):
                days.append(day)
            upto.append(len(days))
            day += ONE_DAY
        object.__setattr__(self, "_days", tuple(days))
        object.__setattr__(self, "_upto", tuple(upto))
        object.__setattr__(self, "_base", self.first.toordinal())

    def is_working_day(self, day: date) -> bool:
        """Tell whether `day` is a working day; past the horizon this is an expectation (`is_published`)."""
        named = self.published.get(day)
        if named is not None:
            return named.working
        return day.weekday() < 5 and day not in self.expected

    def is_published(self, day: date) -> bool:
        """Tell whether a notice has settled what `day` is."""
        return self.first <= day <= self.horizon

    def day(self, day: date) -> Day:
        """Describe `day`: its kind, the holiday's name, and whether that is published."""
        named = self.published.get(day)
        weekend = day.weekday() >= 5
        if named is not None and named.working:
            kind = DayKind.MAKE_UP if weekend else DayKind.WORKDAY
        elif named is not None or day in self.expected:
            kind = DayKind.HOLIDAY
        else:
            kind = DayKind.WEEKEND if weekend else DayKind.WORKDAY
        name = named.name if named is not None else self.expected.get(day, "")
        return Day(day, kind, name, self.is_published(day))

    def working_days_after(self, day: date, n: int) -> date:
        """Return the n-th working day after `day`, which itself does not count (D3, D4).

        `n` may be negative: the n-th working day before `day`. Zero gives `day` itself. Raises InvalidInput
        for more than LONGEST_COUNT days.
        """
        if not -LONGEST_COUNT <= n <= LONGEST_COUNT:
            raise InvalidInput(f"{n} working days are too many to count; at most {LONGEST_COUNT} are")
        if n == 0:
            return day
        offset = day.toordinal() - self._base
        if 0 < offset < len(self._upto):
            at = self._upto[offset] + n - 1 if n > 0 else self._upto[offset - 1] + n
            if 0 <= at < len(self._days):
                return self._days[at]
        return self._walk(day, n)

    def working_days_between(self, start: date, end: date) -> int:
        """Count the working days after `start` up to and including `end`; negative when `end` is earlier.

        So `working_days_between(d, working_days_after(d, n)) == n` for every n above zero.
        """
        if end < start:
            return -self.working_days_between(end, start)
        low, high = start.toordinal() - self._base, end.toordinal() - self._base
        if low >= 0 and high < len(self._upto):
            return self._upto[high] - self._upto[low]
        return sum(self.is_working_day(start + timedelta(days=i)) for i in range(1, (end - start).days + 1))

    def span(self, start: date, end: date) -> list[Day]:
        """Describe every day from `start` to `end`, both included."""
        return [self.day(start + timedelta(days=i)) for i in range((end - start).days + 1)]

    def _walk(self, day: date, n: int) -> date:
        step, left = (ONE_DAY, n) if n > 0 else (-ONE_DAY, -n)
        try:
            while left:
                day += step
                left -= self.is_working_day(day)
        except OverflowError as error:
            raise InvalidInput(f"counting working days left the calendar at {day}") from error
        return day

    def __hash__(self) -> int:
        return hash(self.version)
