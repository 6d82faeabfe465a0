"""How far two who code the same cases agree beyond chance (R14).

Kappa: Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20,
1960; weighted: Cohen, Psychological Bulletin 70, 1968. The interval is the asymptotic one of Fleiss, Cohen
and Everitt, "Large sample standard errors of kappa and weighted kappa", Psychological Bulletin 72, 1969.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from engine.domain.kpi import Z_95, Proportion

LEAST_CODED = 30
"""Below so many cases kappa says nothing: the interval is one of large samples."""
WANTED = 0.7
"""The least kappa that the policy asks for (R14)."""
Silent = Literal["few", "constant"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two codings of the same cases. `pairs` counts the cases by (first, second); `scale` are the codes in
    their order.

    `kappa` is None where `silent` says why: `few` cases; or a `constant`, where both coded everything with
    one and the same code: chance alone explains all agreement, and 0 would be divided by 0. `interval`
    (95 per cent) is None as well where no case is coded apart: the formula then gives a width of 0, which is
    no certainty.
    """

    pairs: Mapping[tuple[str, str], int]
    scale: tuple[str, ...]
    kappa: float | None
    interval: tuple[float, float] | None
    silent: Silent | None

    @property
    def alike(self) -> Proportion:
        """The cases that both coded alike, of all."""
        return Proportion(
            sum(count for (one, other), count in self.pairs.items() if one == other), sum(self.pairs.values())
        )

    @property
    def suffices(self) -> bool | None:
        """Whether kappa reaches what the policy asks for; None without kappa."""
        return None if self.kappa is None else self.kappa >= WANTED


def agreement(
    coded: Iterable[tuple[str, str]], scale: Sequence[str] = (), *, ranked: bool = False
) -> Agreement:
    """Return the agreement of pairs (first coding, second coding) on a scale; without one, on what occurs.

    Where the scale is `ranked` a pair weighs the less, the farther it is apart (linear weights); elsewhere it
    is alike or it is not. Raises ValueError for a code that is not in the scale.
    """
    pairs = Counter(coded)
    found = {code for pair in pairs for code in pair}
    codes = tuple(scale or sorted(found))
    if found - set(codes):
        raise ValueError(f"{sorted(found - set(codes))} are not among {codes}")
    if pairs.total() < LEAST_CODED:
        return Agreement(pairs, codes, None, None, "few")
    measured = _kappa(pairs, codes, ranked=ranked)
    if measured is None:
        return Agreement(pairs, codes, None, None, "constant")
    kappa, error = measured
    interval = (max(-1.0, kappa - Z_95 * error), min(1.0, kappa + Z_95 * error)) if error else None
    return Agreement(pairs, codes, kappa, interval, None)


def _kappa(
    pairs: Mapping[tuple[str, str], int], scale: Sequence[str], *, ranked: bool
) -> tuple[float, float] | None:
    """Return kappa and its standard error, or None where the agreement that chance explains is 1."""
    total, size = sum(pairs.values()), range(len(scale))
    share = [[pairs.get((one, other), 0) / total for other in scale] for one in scale]
    first = [sum(row) for row in share]
    second = [sum(row[j] for row in share) for j in size]
    if max(p * q for p, q in zip(first, second, strict=True)) == 1:
        return None
    span = max(len(scale) - 1, 1)
    weight = [[1 - abs(i - j) / span if ranked else float(i == j) for j in size] for i in size]
    cells = [(i, j) for i in size for j in size]
    observed = sum(weight[i][j] * share[i][j] for i, j in cells)
    expected = sum(weight[i][j] * first[i] * second[j] for i, j in cells)
    kappa = (observed - expected) / (1 - expected)
    of_first = [sum(weight[i][j] * second[j] for j in size) for i in size]
    of_second = [sum(weight[i][j] * first[i] for i in size) for j in size]
    spread = sum(
        share[i][j] * (weight[i][j] - (of_first[i] + of_second[j]) * (1 - kappa)) ** 2 for i, j in cells
    )
    variance = (spread - (kappa - expected * (1 - kappa)) ** 2) / (total * (1 - expected) ** 2)
    return kappa, sqrt(variance) if variance > _NOTHING else 0.0


_NOTHING = 1e-15
"""What rounding leaves of a variance of 0."""
