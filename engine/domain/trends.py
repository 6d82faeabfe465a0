"""Whether a change is more than chance: tests for counts and for tables of counts (R53).

Both are exact enough for small numbers and need nothing but the standard library. Definitions: the
conditional test of two Poisson counts (Przyborowski and Wilenski 1940), Pearson's chi-square.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, lgamma, log, log1p, pi, sqrt

LEAST_EXPECTED = 5.0
"""Below so many expected cases in a cell chi-square says nothing."""
_EXACT = 100_000
_SAME = 1e-7


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """The statistic, its degrees of freedom, and the probability of so much by chance."""

    statistic: float
    freedom: int
    p: float


def rate_changed(after: int, before: int, days_after: int, days_before: int) -> float | None:
    """Return the two-sided p-value that two counts over so many days come from the same rate.

    None without a case or a day.
    """
    n = after + before
    if not n or days_after < 1 or days_before < 1:
        return None
    share = days_after / (days_after + days_before)
    if n > _EXACT:
        return erfc(abs(after - n * share) / sqrt(n * share * (1 - share)) / sqrt(2))
    observed = _binomial(n, after, share) + _SAME
    total = sum(exp(each) for k in range(n + 1) if (each := _binomial(n, k, share)) <= observed)
    return min(1.0, total)


def _binomial(n: int, k: int, share: float) -> float:
    """Return the logarithm of the probability of k of n."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(share) + (n - k) * log1p(-share)


def chi_square(table: Sequence[Sequence[int]]) -> ChiSquare | None:
    """Test whether rows and columns of counts are independent.

    Columns with too few expected cases are put together; None where fewer than two are left, or two rows.
    """
    columns = _joined([list(each) for each in zip(*table, strict=True)])
    rows = [sum(each) for each in zip(*columns, strict=True)] if columns else []
    total = sum(rows)
    if len(columns) < 2 or len(rows) < 2 or not all(rows):
        return None
    statistic = sum(
        (cell - row * sum(column) / total) ** 2 / (row * sum(column) / total)
        for column in columns
        for cell, row in zip(column, rows, strict=True)
    )
    freedom = (len(columns) - 1) * (len(rows) - 1)
    return ChiSquare(statistic, freedom, survival(statistic, freedom))


def _joined(columns: list[list[int]]) -> list[list[int]]:
    """Put the smallest columns together until each cell is expected to hold enough."""
    found = sorted((each for each in columns if sum(each)), key=sum)
    while len(found) > 1:
        rows = [sum(each) for each in zip(*found, strict=True)]
        if min(rows) * sum(found[0]) / sum(rows) >= LEAST_EXPECTED:
            return found
        found = sorted([[a + b for a, b in zip(found[0], found[1], strict=True)], *found[2:]], key=sum)
    return found


def survival(statistic: float, freedom: int) -> float:
    """Return the probability that chi-square of so many degrees of freedom exceeds `statistic`."""
    if statistic <= 0:
        return 1.0
    half = statistic / 2
    # the closed form of a whole number of degrees of freedom: a sum of terms, each made from the one before
    if freedom % 2:
        total, term, step = erfc(sqrt(half)), sqrt(2 * statistic / pi) * exp(-half), 3
    else:
        total, term, step = 0.0, exp(-half), 2
    while step <= freedom:
        total += term
        term *= statistic / step
        step += 2
    return min(1.0, total)


def chi_square_quantile(share: float, freedom: int) -> float:
    """Return the value that chi-square of so many degrees of freedom stays below with probability `share`."""
    low, high = 0.0, freedom + 10.0
    while survival(high, freedom) > 1 - share:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if survival(middle, freedom) > 1 - share else (low, middle)
    return (low + high) / 2
