"""The register of open terms: bounds, dated decisions, and texts in three languages."""

from __future__ import annotations

import re
from datetime import date

import pytest

from engine.domain.policy.parameters import DEFAULTS, Decided, parameter, parameters_of, register
from engine.errors import InvalidInput, NotFound

NAME = "urgent.acknowledge_minutes"


def test_every_default_lies_within_its_bounds_and_is_named_in_three_languages() -> None:
    for each in register().values():
        assert each.check(each.default) == each.default, each.name
        assert set(each.text) == {"zh-Hant", "zh-Hans", "en"}, each.name
        assert all(each.text.values())
        assert all(re.fullmatch(r"R[1-9]\d?|D[1-9]\d?|Art\. \d+", clause) for clause in each.clauses)


def test_the_newest_decision_in_force_on_the_day_holds() -> None:
    taken = [
        Decided(NAME, 15, date(2026, 3, 1)),
        Decided(NAME, 45, date(2026, 6, 1)),
        Decided(NAME, 20, date(2026, 3, 1)),  # the same day, decided later
        Decided("contact.silent_days", 3, date(2026, 1, 1)),
    ]
    held = parameters_of(taken, "v")
    days = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1))
    assert [held.value(NAME, day) for day in days] == [30, 20, 20, 45]
    assert not held.is_decided(NAME, date(2026, 2, 28))
    assert held.is_decided(NAME, date(2026, 3, 1))
    assert DEFAULTS.value(NAME, date(2026, 6, 1)) == 30


@pytest.mark.parametrize("value", [0, 1441, "ten", 1.5, True, None, "", "1e9999", "NaN"])
def test_values_outside_the_bounds_are_refused(value: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        parameter(NAME).check(value)
    assert list(refused.value.errors) == ["value"]


@pytest.mark.parametrize("value", [15, "15", " 15 ", 15.0])
def test_whole_numbers_within_the_bounds_are_taken(value: object) -> None:
    assert parameter(NAME).check(value) == 15


def test_an_unknown_name_is_refused_with_those_near_to_it() -> None:
    with pytest.raises(NotFound, match=NAME):
        parameter("urgent.acknowledge")
