"""The arithmetic of the figures: periods, proportions with their uncertainty, and when a figure may be shown.

Definitions of the figures themselves: `engine.quality.figures` (R44-R47).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from math import ceil, sqrt

from engine.domain.trends import chi_square_quantile
from engine.errors import InvalidInput

LEAST_FOR_RANKING = 10
"""Below so many cases nobody is compared by a figure: chance would decide."""
LEAST_ANSWERS = 30
"""Below so many answers satisfaction ranks nobody: who answers is chance, too (K2)."""
Z_95 = 1.959963984540054
_PERIOD = re.compile(r"(\d{4})(?:-(?:(\d{2})|Q([1-4])))?")


@dataclass(frozen=True, slots=True)
class Period:
    """A month, a quarter or a year by the company's own dates."""

    name: str
    first: date
    following: date
    """The first day after it."""

    @property
    def months(self) -> int:
        """Return how many months it has."""
        first, after = self.first, self.following
        return 12 * (after.year - first.year) + after.month - first.month

    def bounds(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """Return its beginning and its exclusive end as aware instants."""
        return datetime.combine(self.first, time(), zone), datetime.combine(self.following, time(), zone)


def read_period(text: str) -> Period:
    """Read 2026-03, 2026-Q1 or 2026. Raises InvalidInput."""
    found = _PERIOD.fullmatch(text)
    year = int(found[1]) if found else 0
    if not found or not 2000 <= year <= 2200 or (found[2] and not 1 <= int(found[2]) <= 12):
        message = "a period is a month, a quarter or a year: 2026-03, 2026-Q1, 2026"
        raise InvalidInput(message, {"period": [message]})
    if found[2]:
        month, months = int(found[2]), 1
    elif found[3]:
        month, months = 3 * int(found[3]) - 2, 3
    else:
        month, months = 1, 12
    ahead = month - 1 + months
    return Period(text, date(year, month, 1), date(year + ahead // 12, ahead % 12 + 1, 1))


def month_of(day: date) -> Period:
    """Return the month in which a day lies."""
    return read_period(f"{day.year}-{day.month:02d}")


def period_of(day: date, months: int) -> Period:
    """Return the month, the quarter (`months` to 3) or the year (more) in which a day lies."""
    if months == 1:
        return month_of(day)
    return read_period(f"{day.year}-Q{(day.month - 1) // 3 + 1}" if months <= 3 else f"{day.year}")


def months_of(period: Period) -> list[str]:
    """Return the names of the months of a period, first to last."""
    first = period.first.year * 12 + period.first.month - 1
    return [f"{each // 12}-{each % 12 + 1:02d}" for each in range(first, first + period.months)]


@dataclass(frozen=True, slots=True)
class Proportion:
    """So many of so many. Of nothing there is no share: neither 0 nor 100 per cent."""

    hits: int
    of: int

    @property
    def share(self) -> float | None:
        """The share from 0 to 1, or None of nothing."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The Wilson score interval at 95 per cent (Wilson 1927), or None of nothing."""
        if not self.of:
            return None
        n, p = self.of, self.hits / self.of
        middle = p + Z_95**2 / (2 * n)
        spread = Z_95 * sqrt(p * (1 - p) / n + Z_95**2 / (4 * n**2))
        scale = 1 + Z_95**2 / n
        return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)

    @property
    def may_rank(self) -> bool:
        """Whether there are enough cases to compare people or departments by it."""
        return self.of >= LEAST_FOR_RANKING


@dataclass(frozen=True, slots=True)
class Rate:
    """So many cases to an exposure (accounts and months, an amount lent), told `per` so much of it."""

    count: int
    exposure: float
    per: float

    @property
    def value(self) -> float | None:
        """The cases to `per` of the exposure, or None without any."""
        return self.count / self.exposure * self.per if self.exposure else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The exact interval of a Poisson count at 95 per cent (Garwood 1936), or None without exposure."""
        if not self.exposure:
            return None
        scale = self.per / self.exposure
        low = chi_square_quantile(0.025, 2 * self.count) / 2 if self.count else 0.0
        return low * scale, chi_square_quantile(0.975, 2 * self.count + 2) / 2 * scale

    @property
    def may_rank(self) -> bool:
        """Whether there are enough cases to compare products or partners by it."""
        return self.count >= LEAST_FOR_RANKING


@dataclass(frozen=True, slots=True)
class Spread:
    """How a number is spread over cases: how many have one, the middle, nine tenths, mean and sum; of too few
    of a person's cases only how many.
    """

    of: int
    median: float | None
    p90: float | None
    mean: float | None
    total: float | None

    @property
    def may_rank(self) -> bool:
        """Whether there are enough cases to compare people or departments by it."""
        return self.of >= LEAST_FOR_RANKING

    def without_numbers(self) -> Spread:
        """Return how many cases there are and nothing of them."""
        return Spread(self.of, None, None, None, None)


def spread(values: Iterable[float]) -> Spread:
    """Return the spread of values; of none there is no middle. Ranks are the nearest ones."""
    known = sorted(values)
    if not known:
        return Spread(0, None, None, None, 0.0)
    total = float(sum(known))
    return Spread(len(known), _rank(known, 0.5), _rank(known, 0.9), total / len(known), total)


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return the value that a share of the values does not exceed, by nearest rank; of none there is none."""
    known = sorted(values)
    return _rank(known, share) if known else None


def _rank(known: list[float], share: float) -> float:
    return float(known[ceil(share * len(known)) - 1])
