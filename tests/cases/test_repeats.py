"""A complaint that repeats one of the same person about the same matter is linked to it (D8, R47)."""

from __future__ import annotations

import pytest

from engine.assembly import Redress
from tests.driving import complaint
from tests.world import pass_time, register

SOMEBODY_ELSE = {"name": "李四", "phone": "13700000001"}
BY_PHONE = {"name": "王先生", "phone": "+86 139 1234 5678"}


def repeat_of(redress: Redress, number: str) -> str | None:
    return complaint(redress, number).repeat_of


def test_the_same_person_about_the_same_product_repeats_the_newest(redress: Redress) -> None:
    first = register(redress).complaint_no
    second = register(redress, customer=BY_PHONE).complaint_no
    third = register(redress, channel="email").complaint_no
    assert [repeat_of(redress, each) for each in (first, second, third)] == [None, first, second]


def test_another_person_product_or_time_is_no_repeat(redress: Redress) -> None:
    register(redress)
    assert repeat_of(redress, register(redress, customer=SOMEBODY_ELSE).complaint_no) is None
    assert repeat_of(redress, register(redress, product="信用卡").complaint_no) is None
    pass_time(redress, days=91)
    assert repeat_of(redress, register(redress).complaint_no) is None


@pytest.mark.parametrize(("category", "linked"), [("business", True), ("service", False), (None, False)])
def test_without_a_product_the_category_tells_what_it_is_about(
    redress: Redress, category: str | None, linked: bool
) -> None:
    first = register(redress, product=None).complaint_no
    grade = 3 if category else None
    second = register(redress, product=None, category=category, grade=grade).complaint_no
    assert (repeat_of(redress, second) == first) is linked
