"""Task lists as people set them up, on both databases: filters, words, several keys, teams, views."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import clock, read
from engine.assembly import Redress
from engine.errors import Forbidden, InvalidInput, NotFound
from engine.people.views import delete_view, save_view, views
from engine.read.customers import complaints_of, kinds_of_identifier
from engine.read.team import loads, people_below
from engine.runtime.commands import claim, set_follow_up, set_priority
from tests.driving import open_tasks
from tests.world import actor, register

CASES: tuple[dict[str, Any], ...] = (
    {"grade": 3, "channel": "email", "category": "service", "product": "信用卡分期"},
    {"grade": 1, "channel": "hotline", "category": "product", "product": "汽車貸款"},
    {"grade": 2, "channel": "hotline", "category": "service", "product": "汽車貸款"},
    {"grade": 1, "channel": "chat", "category": "other", "product": "信用卡分期"},
)


@pytest.fixture
def numbers(redress: Redress) -> list[str]:
    made = []
    for case in CASES:
        made.append(register(redress, **case).complaint_no)
        clock.advance(timedelta(minutes=7))
    return made


def listed(redress: Redress, by: str = "supervisor", **wanted: Any) -> list[str]:
    """The complaints of a list, read page by page."""
    found: list[str] = []
    cursor = None
    while True:
        with redress.sessions.read() as session:
            page = read.task_list(session, actor(redress, by), limit=2, cursor=cursor, **wanted)
        found += [row["complaint_no"] for row in page.items]
        if (cursor := page.next) is None:
            return found


def task_of(redress: Redress, no: str) -> str:
    return str(open_tasks(redress, no)[0].id)


def test_filters_narrow_by_the_facts_of_the_case_and_by_time(redress: Redress, numbers: list[str]) -> None:
    first, second, third, fourth = numbers
    assert set(listed(redress, channel="hotline")) == {second, third}
    assert listed(redress, channel="hotline", category="service") == [third]
    by_grade = [set(listed(redress, grade=grade)) for grade in (1, 2, 3, 9)]
    assert by_grade == [{second, fourth}, {third}, {first}, set()]
    process = {task.process_id for no in numbers for task in open_tasks(redress, no)}
    assert {no for each in process for no in listed(redress, process_id=each)} == set(numbers)
    assert listed(redress, process_id="none") == []
    assert set(listed(redress, due_before=clock.now() + timedelta(days=4))) == {first}
    set_follow_up(
        redress.runtime, actor(redress, "handler"), task_of(redress, fourth), clock.now() + timedelta(1)
    )
    assert listed(redress, put_off=True) == [fourth]
    assert fourth not in listed(redress, put_off=False)
    assert set(listed(redress, "handler", group="mine", unassigned=True, put_off=False)) == {
        first,
        second,
        third,
    }


def test_words_find_steps_in_any_language_numbers_and_products(redress: Redress, numbers: list[str]) -> None:
    first, second, third, fourth = numbers
    assert set(listed(redress, text="汽車")) == {second, third}
    assert set(listed(redress, text="調查 信用")) == {first, fourth}
    assert set(listed(redress, "handler", text="INVESTIG")) == set(numbers)
    assert listed(redress, text=third[-4:].lower()) == [third]
    assert listed(redress, text="100%") == []
    for nonsense in (" ", "x" * 101, "a b c d e f"):
        with pytest.raises(InvalidInput):
            listed(redress, text=nonsense)


def test_no_word_finds_what_is_personal(redress: Redress, numbers: list[str]) -> None:
    for said in ("王小", "扣款", "CANARY", "13912345678"):
        assert listed(redress, text=said) == []


def test_several_keys_sort_each_in_its_direction_over_all_pages(redress: Redress, numbers: list[str]) -> None:
    first, second, third, fourth = numbers
    assert listed(redress, sort="grade,created") == [fourth, second, third, first]
    assert listed(redress, sort="grade,-created") == [second, fourth, third, first]
    assert listed(redress, sort="-grade,received") == [first, third, second, fourth]
    set_priority(redress.runtime, actor(redress, "supervisor"), task_of(redress, third), 90)
    assert listed(redress, sort="priority,grade,received") == [third, second, fourth, first]
    for nonsense in ("beauty", "grade,grade", "grade,due,created,step"):
        with pytest.raises(InvalidInput) as refused:
            listed(redress, sort=nonsense)
        assert "sort" in refused.value.errors


def test_a_list_too_long_to_be_sorted_at_each_look_says_what_to_do(
    redress: Redress, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.read.worklist.NARROW", 3)
    with pytest.raises(InvalidInput, match="narrow"):
        listed(redress, sort="grade,due")
    assert len(listed(redress, sort="grade,due", channel="hotline")) == 2
    assert len(listed(redress, sort="due")) == 4


def test_a_customer_is_found_by_who_may_see_personal_data(redress: Redress, numbers: list[str]) -> None:
    other = register(redress, customer={"name": "乙", "phone": "021-55556666"}).complaint_no
    with redress.sessions.read() as session:
        for given, found in (("+86 139 1234 5678", numbers), ("02155556666", [other]), ("13800000000", [])):
            rows = complaints_of(session, redress.keyring, actor(redress, "handler"), given).rows
            assert {row["no"] for row in rows} == set(found)
        with pytest.raises(Forbidden):
            complaints_of(session, redress.keyring, actor(redress, "auditor"), "13912345678")
        with pytest.raises(InvalidInput):
            complaints_of(session, redress.keyring, actor(redress, "handler"), "王小明")
    assert kinds_of_identifier("11010519491231002X") == ["id_number"]
    assert kinds_of_identifier("a@example.com") == ["email"]
    assert kinds_of_identifier("6217 0000 1234 5678") == ["account"]


def test_a_superior_sees_who_below_has_how_much_and_what_is_late(
    redress: Redress, numbers: list[str]
) -> None:
    for no in numbers[:3]:
        claim(redress.runtime, actor(redress, "handler"), task_of(redress, no))
    with redress.sessions.read() as session:
        below = {row["username"] for row in people_below(session, actor(redress, "supervisor"))}
        above = {row["username"] for row in people_below(session, actor(redress, "management"))}
        assert {"handler", "agent"} == below
        assert {"supervisor", "handler", "agent"} <= above
        clock.advance(timedelta(days=4))
        found = loads(session, actor(redress, "supervisor"), below, clock.now() + timedelta(days=30))
    assert found == {"handler": {"open": 3, "late": 1, "soon": 2}, "agent": {"open": 0, "late": 0, "soon": 0}}
    assert set(listed(redress, team=frozenset(below))) == set(numbers[:3])
    assert listed(redress, complaint_no=numbers[0], assignee="handler") == [numbers[0]]
    assert listed(redress, complaint_no=numbers[0], assignee="handler2") == []


def test_a_view_is_kept_replaced_shared_with_a_role_and_deleted_by_its_owner(redress: Redress) -> None:
    one, other, outsider = (actor(redress, name) for name in ("handler", "handler2", "agent"))
    with redress.sessions.step() as session:
        save_view(session, one, "緊急", {"grade": "1"})
        save_view(session, one, " 緊急 ", {"grade": "2"}, role="handlers")
        save_view(session, one, "own", {"tab": "mine"})
        with pytest.raises(InvalidInput):
            save_view(session, one, "", {}, role="agents")
    with redress.sessions.step() as session:
        assert [(view["name"], view["arguments"]) for view in views(session, other)] == [
            ("緊急", {"grade": "2"})
        ]
        assert [view["name"] for view in views(session, one)] == ["own", "緊急"]
        assert views(session, outsider) == []
        (shared,) = views(session, other)
        with pytest.raises(NotFound):
            delete_view(session, other, shared["id"])
        delete_view(session, one, shared["id"])
        assert views(session, other) == []
