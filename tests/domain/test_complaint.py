"""Grades, statuses, numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from engine.domain.complaint import (
    MOVES,
    NUMBER_PATTERN,
    Status,
    check_move,
    check_number,
    complaint_number,
    may_move,
)
from engine.domain.grade import Grade, gravest, milder, read_grade
from engine.errors import Conflict, InvalidInput


@pytest.mark.parametrize("value", [2, "2", Decimal(2), Decimal("2.0"), 2.0, Grade.TWO])
def test_a_grade_is_read_from_what_forms_and_decisions_give(value: Any) -> None:
    assert read_grade(value) is Grade.TWO


@pytest.mark.parametrize("value", [0, 4, "x", None, True, 1.5, float("nan"), float("inf"), [1], ""])
def test_anything_else_is_no_grade(value: Any) -> None:
    with pytest.raises(InvalidInput, match="1 \\(gravest\\), 2 or 3") as caught:
        read_grade(value)
    assert "grade" in caught.value.errors


def test_grade_3_is_milder_than_grade_1_and_the_gravest_decides() -> None:
    assert milder(3, than=1)
    assert not milder(1, than=1)
    assert not milder(1, than=2)
    assert gravest([3, 1, 2]) is Grade.ONE
    with pytest.raises(InvalidInput, match="no grades"):
        gravest([])


def test_the_ordinary_way_leads_from_registration_to_the_archive() -> None:
    way = [Status.REGISTERED, Status.HANDLING, Status.DECIDED, Status.NOTIFIED, Status.ARCHIVED]
    assert all(may_move(before, after) for before, after in pairwise(way))
    assert [status for status in Status if status.is_final] == [
        Status.ARCHIVED,
        Status.WITHDRAWN,
        Status.NOT_A_COMPLAINT,
    ]


def test_the_clocks_stop_with_the_notice_and_with_every_end() -> None:
    running = {status for status in Status if not status.stops_clocks}
    assert running == {Status.REGISTERED, Status.HANDLING, Status.DECIDED}


def test_every_end_can_be_reached_and_none_can_be_left() -> None:
    reached = {Status.REGISTERED}
    for _ in Status:
        reached |= {after for before in reached for after in MOVES[before]}
    assert reached == set(Status)
    assert not any(may_move(end, to) for end in Status if end.is_final for to in Status)


@pytest.mark.parametrize(
    ("current", "to"),
    [
        ("archived", "handling"),
        ("notified", "withdrawn"),
        ("withdrawn", "archived"),
        ("decided", "not_a_complaint"),
    ],
)
def test_a_milestone_out_of_turn_is_refused_by_name(current: str, to: str) -> None:
    with pytest.raises(Conflict, match=f"RC-20261124-000001 is {current} and cannot become {to}"):
        check_move("RC-20261124-000001", current, to)


def test_a_milestone_reached_again_in_a_loop_is_allowed() -> None:
    assert check_move("RC-20261124-000001", "handling", "handling") is Status.HANDLING
    assert check_move("RC-20261124-000001", "decided", "handling") is Status.HANDLING


def test_complaint_numbers_have_the_agreed_form() -> None:
    assert complaint_number(date(2026, 11, 24), 123) == "RC-20261124-000123"
    assert NUMBER_PATTERN.fullmatch(complaint_number(date(2026, 11, 24), 1_234_567))
    assert check_number("RC-20261124-000123") == "RC-20261124-000123"


@pytest.mark.parametrize(
    "text", ["", "RC-1", "rc-20261124-000123", "RC 20261124 000123", "RC-20261124-000123\n", "R" * 25]
)
def test_other_texts_are_no_complaint_numbers(text: str) -> None:
    with pytest.raises(InvalidInput, match="6 to 24"):
        check_number(text)


def test_complaints_are_counted_from_one() -> None:
    with pytest.raises(InvalidInput, match="from 1"):
        complaint_number(date(2026, 11, 24), 0)
