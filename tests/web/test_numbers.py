"""Whole numbers that somebody typed."""

from __future__ import annotations

import pytest

from web.numbers import LARGEST, whole


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), (str(LARGEST), LARGEST)])
def test_digits_are_read(text: str, number: int) -> None:
    assert whole(text) == number


@pytest.mark.parametrize("text", ["", "-1", "1.5", " 1", "\u00b2", "\u0663", str(LARGEST + 1), "9" * 5000])
def test_what_no_column_holds_is_no_number(text: str) -> None:
    assert whole(text) is None
