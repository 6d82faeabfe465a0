"""Earlier complaints of the same customer, on both databases."""

from __future__ import annotations

from datetime import timedelta

from engine import clock
from engine.assembly import Redress
from engine.read.earlier import same_customer
from tests.driving import complaint, drive
from tests.world import actor, register


def found(redress: Redress, no: str, by: str = "supervisor") -> list[str]:
    subject = complaint(redress, no).subject_id
    with redress.sessions.read() as session:
        return [row["no"] for row in same_customer(session, actor(redress, by), no, subject)]


def test_complaints_of_one_customer_are_found_by_any_identifier_however_it_is_written(
    redress: Redress,
) -> None:
    first = register(redress, customer={"name": "甲", "phone": "+86 138-0000-1111"}).complaint_no
    clock.advance(timedelta(hours=1))
    second = register(redress, customer={"name": "甲", "email": "A@example.com", "phone": "13800001111"})
    third = register(redress, customer={"name": "乙", "email": "a@example.com"}).complaint_no
    other = register(redress, customer={"name": "甲"}).complaint_no
    assert found(redress, first) == [second.complaint_no]
    assert sorted(found(redress, second.complaint_no)) == sorted([first, third])
    assert found(redress, other) == []


def test_who_may_not_see_the_other_complaint_is_not_told_of_it(redress: Redress) -> None:
    first, second = (register(redress).complaint_no for _ in range(2))
    assert found(redress, second, "handler2") == [first]
    drive(redress, first, until="approve-plan")
    assert found(redress, second, "handler") == [first]
    assert found(redress, second, "handler2") == []
