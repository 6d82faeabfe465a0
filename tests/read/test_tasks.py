"""Task lists: who sees what, in which order, page by page."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from engine import read
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.read.four_eyes import STARTER, Bar
from engine.read.tasks import steps_of_open_tasks
from tests.read.conftest import START, World

Who = Callable[[str], Actor]


def ids(page: read.Page) -> list[str]:
    return [row["id"] for row in page.items]


def test_a_person_sees_their_own_tasks_and_those_of_their_groups_only(
    session: Session, world: World, who: Who
) -> None:
    own = world.task(groups=(), assignee="handler")
    group = world.task()
    theirs = world.task(groups=("handlers",), assignee="handler2")
    elsewhere = world.task(groups=("supervisors",))
    assert set(ids(read.task_list(session, who("handler")))) == {own, group, theirs}
    assert ids(read.task_list(session, who("agent"))) == []
    assert set(ids(read.task_list(session, who("supervisor")))) == {own, group, theirs, elsewhere}
    with pytest.raises(NotFound):
        read.task(session, who("agent"), own)
    assert read.task(session, who("auditor"), own)["assignee"] == "handler"


def test_mine_and_my_groups_are_two_lists(session: Session, world: World, who: Who) -> None:
    mine = world.task(assignee="handler")
    free = world.task()
    world.task(assignee="handler2")
    assert ids(read.task_list(session, who("handler"), assignee="me")) == [mine]
    assert ids(read.task_list(session, who("handler"), group="mine", unassigned=True)) == [free]


def test_the_soonest_limit_comes_first_and_tasks_without_one_last_on_every_page(
    session: Session, world: World, who: Who
) -> None:
    draw = random.Random(7)
    expected = []
    for index in range(23):
        due = START + timedelta(hours=draw.randrange(6)) if index % 4 else None
        expected.append((due is None, due or START, world.task(due_at=due)))
    expected.sort()
    for limit in (1, 2, 5, 6, 17, 18, 22, 23, 50):
        seen: list[str] = []
        cursor = None
        while True:
            page = read.task_list(session, who("handler"), limit=limit, cursor=cursor)
            assert 0 < len(page.items) <= limit
            seen += ids(page)
            cursor = page.next
            if cursor is None:
                break
        assert seen == [task_id for *_, task_id in expected]


@pytest.mark.parametrize("sort", ["created", "priority"])
def test_other_orders_page_without_gap_or_repetition(
    session: Session, world: World, who: Who, sort: str
) -> None:
    made = [world.task(created_at=START + timedelta(hours=i % 3), priority=i % 4) for i in range(11)]
    seen: list[str] = []
    cursor = None
    while cursor is not None or not seen:
        page = read.task_list(session, who("handler"), sort=sort, limit=3, cursor=cursor)
        seen += ids(page)
        cursor = page.next
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)
    assert len(seen) == len(made)


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJkdWUiLDFd", "!!!!", "WyJjcmVhdGVkIiwiYSIsImIiXQ"])
def test_a_cursor_that_is_not_of_this_list_is_refused(session: Session, who: Who, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        read.task_list(session, who("handler"), cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_a_limit_outside_its_range_is_refused(session: Session, who: Who, limit: int) -> None:
    with pytest.raises(InvalidInput):
        read.task_list(session, who("handler"), limit=limit)


def test_filters_hold_together(session: Session, world: World, who: Who) -> None:
    world.complaint("RC-20260302-000001", grade=1)
    world.complaint("RC-20260302-000002", grade=3)
    first = world.task(complaint_no="RC-20260302-000001")
    world.task(complaint_no="RC-20260302-000002")
    world.task(complaint_no="RC-20260302-000001", element_id="Plan")
    handler = who("handler")
    assert ids(read.task_list(session, handler, grade=1, element_id="Investigate")) == [first]
    assert ids(read.task_list(session, handler, complaint_no="RC-20260302-000001", grade=3)) == []
    with pytest.raises(InvalidInput):
        read.task_list(session, handler, state="reserved")


def test_only_a_free_task_of_ones_group_can_be_claimed(session: Session, world: World, who: Who) -> None:
    free = world.task()
    taken = world.task(assignee="handler2")
    assert read.task(session, who("handler"), free)["can_claim"]
    assert not read.task(session, who("handler"), taken)["can_claim"]
    assert not read.task(session, who("supervisor"), free)["can_claim"]
    assert not read.task(session, who("auditor"), free)["can_claim"]
    ungrouped = world.task(groups=())
    assert not read.task(session, who("supervisor"), ungrouped)["can_claim"]


def test_who_did_the_first_step_is_kept_from_the_second_by_four_eyes(
    session: Session, world: World, who: Who
) -> None:
    instance = world.instance()
    world.task(
        instance_id=instance, element_id="Plan", state="completed", completed_by="handler", assignee="handler"
    )
    review = world.task(instance_id=instance, token=2, element_id="Review", four_eyes=["Plan"])
    elsewhere = world.task(element_id="Review", four_eyes=["Plan"])
    assert not read.task(session, who("handler"), review)["can_claim"]
    assert read.task(session, who("handler"), review)["barred"] == Bar(
        "step", "調查核實", {"en": "Investigate"}
    )
    assert read.task(session, who("handler2"), review)["can_claim"]
    assert read.task(session, who("handler"), elsewhere)["can_claim"]


def test_who_asked_for_it_or_worked_on_the_case_is_told_before_they_claim(
    session: Session, world: World, who: Who
) -> None:
    world.complaint("RC-20260302-000001", handler="handler")
    asked = world.task(instance_id=world.instance(started_by="handler"), four_eyes=[STARTER])
    checked = world.task(complaint_no="RC-20260302-000001", four_eyes=["@case"])
    shown = {row["id"]: row for row in read.task_list(session, who("handler")).items}
    assert {task: shown[task]["barred"] for task in (asked, checked)} == {
        asked: Bar(STARTER),
        checked: Bar("@case"),
    }
    assert not any(shown[task]["can_claim"] for task in (asked, checked))
    assert all(row["can_claim"] for row in read.task_list(session, who("handler2")).items)


def test_counts_tell_mine_my_groups_and_overdue_and_stop_at_the_ceiling(
    session: Session, world: World, who: Who
) -> None:
    world.task(assignee="handler", due_at=START)
    world.task(assignee="handler", due_at=START + timedelta(days=36500))
    for _ in range(4):
        world.task()
    assert read.task_counts(session, who("handler")) == {"mine": 2, "overdue": 1, "group": 4}
    assert read.task_counts(session, who("handler"), ceiling=3)["group"] == 3
    both = replace(who("handler"), roles=frozenset({"handlers", "supervisors"}))
    for _ in range(2):
        world.task(groups=("handlers", "supervisors"))
    world.task(groups=("supervisors",))
    assert read.task_counts(session, both)["group"] == 7
    assert [read.task_counts(session, both, ceiling=most)["group"] for most in (2, 6)] == [2, 6]
    assert read.task_counts(session, replace(who("handler"), roles=frozenset()))["group"] == 0


def test_the_steps_to_filter_by_are_those_that_wait(session: Session, world: World, who: Who) -> None:
    world.task()
    world.task()
    world.task(element_id="Plan", name="處理方案", state="completed", completed_by="handler")
    steps = steps_of_open_tasks(session, who("handler"))
    assert [(step["element_id"], step["labels"]) for step in steps] == [
        ("Investigate", {"en": "Investigate"})
    ]


def test_an_overdue_task_says_so_from_the_instant_of_its_limit(
    session: Session, world: World, who: Who
) -> None:
    task_id = world.task(due_at=START)
    assert read.task(session, who("handler"), task_id)["is_overdue"]
    done = world.task(due_at=START, state="completed", completed_by="handler")
    assert not read.task(session, who("handler"), done)["is_overdue"]
