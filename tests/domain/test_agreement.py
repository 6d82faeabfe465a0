"""Agreement of two coders: against published figures, and where it says nothing."""

from __future__ import annotations

import pytest

from engine.domain.agreement import agreement

# Agresti, "Categorical Data Analysis" (91 couples), with the figures that the package vcd of R gives for it.
COUPLES = ((7, 7, 2, 3), (2, 8, 3, 7), (1, 5, 4, 9), (2, 8, 9, 14))
CODES = ("1", "2", "3", "4")


def coded(table: tuple[tuple[int, ...], ...]) -> list[tuple[str, str]]:
    return [
        (CODES[i], CODES[j])
        for i, row in enumerate(table)
        for j, count in enumerate(row)
        for _ in range(count)
    ]


@pytest.mark.parametrize(("ranked", "kappa", "error"), [(False, 0.1293, 0.06860), (True, 0.2374, 0.07832)])
def test_kappa_and_its_interval_are_those_of_a_published_table(
    ranked: bool, kappa: float, error: float
) -> None:
    found = agreement(coded(COUPLES), CODES, ranked=ranked)
    assert found.kappa == pytest.approx(kappa, abs=5e-5)
    low, high = found.interval or (0, 0)
    assert (high - low) / (2 * 1.959964) == pytest.approx(error, abs=5e-5)
    assert (low + high) / 2 == pytest.approx(kappa, abs=5e-5)
    assert (found.alike.hits, found.alike.of, found.suffices) == (33, 91, False)


def test_kappa_is_told_only_where_it_says_something() -> None:
    few = agreement(coded(((10, 0), (0, 19))))
    assert (few.kappa, few.interval, few.silent, few.suffices) == (None, None, "few", None)
    assert few.alike.of == 29
    constant = agreement(coded(((40,),)), CODES)
    assert (constant.kappa, constant.silent, constant.alike.hits) == (None, "constant", 40)
    whole = agreement(coded(((20, 0), (0, 20))), CODES)
    assert whole.kappa == pytest.approx(1)
    assert (whole.interval, whole.silent, whole.suffices) == (None, None, True)
    opposed = agreement(coded(((0, 20), (20, 0))))
    assert opposed.kappa == pytest.approx(-1)
    assert agreement([]).silent == "few"
    with pytest.raises(ValueError, match="not among"):
        agreement([("1", "9")], CODES)
