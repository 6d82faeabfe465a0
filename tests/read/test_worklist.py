"""Task lists stay right and quick: rows by group follow their tasks, and no list reads whole tables."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import read
from engine.assembly import Redress
from engine.cases.regrading import regrade
from engine.read.tasks import SORTS, steps_of_open_tasks
from engine.runtime.commands import assign, claim, delegate, release
from engine.store.ids import new_id
from engine.store.kinds import NO_TRAITS, OF_COMPLAINT, kind_of, traits_of
from engine.store.tables.cases import Complaint
from engine.store.tables.runtime import Task, TaskGroup
from tests.driving import do, open_tasks
from tests.read.plans import scans
from tests.world import MONDAY, actor, pass_time, register

TABS: tuple[dict[str, Any], ...] = ({"assignee": "me"}, {"group": "mine", "unassigned": True}, {})
FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"element_id": "Register"},
    {"grade": 1},
    {"process_id": "complaint"},
    {"complaint_no": "RC-20260302-000001"},
    {"state": "completed"},
    {"category": "business", "channel": "hotline"},
    {"due_before": MONDAY, "put_off": False},
    {"text": "調查 貸款"},
    {"state": None},
)
REGISTER: tuple[dict[str, Any], ...] = (
    {},
    {"open_only": True},
    {"overdue": True},
    {"status": "archived"},
    {"grade": 1},
    {"handler": "me"},
    {"handler": "nobody", "status": "handling"},
    {"category": "business", "channel": "hotline"},
)
TRAIL: tuple[dict[str, Any], ...] = (
    {},
    {"state": "active"},
    {"process_id": "complaint"},
    {"business_key": "RC-20260302-000001"},
)
NEWEST = ("sqlite_autoindex_instance_1", "pk_instance", "pk_instance on instance")
"""All instances, the newest first, until the page is full."""


def _kind(task: Task, case: Complaint | None) -> str:
    """Return the kind that an open task should have, which its own row has, too."""
    traits = NO_TRAITS if case is None else traits_of({name: getattr(case, name) for name in OF_COMPLAINT})
    kind = kind_of(task.process_id, task.element_id, traits)
    assert task.kind == kind
    return kind


def by_group(redress: Redress) -> tuple[set[Any], set[Any]]:
    """Return the rows by group as they stand, and as the open tasks say they should."""
    with redress.sessions.read() as session:
        rows = session.execute(
            select(
                TaskGroup.task_id,
                TaskGroup.group_name,
                TaskGroup.element_id,
                TaskGroup.is_free,
                TaskGroup.due_at,
                TaskGroup.instance_id,
                TaskGroup.complaint_no,
                TaskGroup.received_at,
                TaskGroup.limit_at,
                TaskGroup.kind,
            )
        )
        stand = {tuple(row) for row in rows}
        tasks = session.scalars(select(Task).where(Task.state == "open")).all()
        cases = {case.no: case for case in session.scalars(select(Complaint))}
        should = {
            (
                task.id,
                group,
                task.element_id,
                task.assignee is None,
                task.due_at,
                task.instance_id,
                task.complaint_no,
                cases[task.complaint_no].received_at if task.complaint_no else None,
                cases[task.complaint_no].due_at if task.complaint_no else None,
                _kind(task, cases.get(task.complaint_no or "")),
            )
            for task in tasks
            for group in task.candidate_groups
        }
    return stand, should


def test_rows_by_group_follow_every_change_of_their_tasks(redress: Redress) -> None:
    runtime, supervisor = redress.runtime, actor(redress, "supervisor")
    no = register(redress, grade=3).complaint_no
    handler, handler2 = actor(redress, "handler"), actor(redress, "handler2")
    first = open_tasks(redress, no)[0].id
    for change in (
        lambda: claim(runtime, handler, first),
        lambda: delegate(runtime, handler, first, handler2.username),
        lambda: release(runtime, handler2, first),
        lambda: release(runtime, handler, first),
        lambda: assign(runtime, supervisor, first, handler2.username),
        lambda: regrade(runtime, handler, no, 2, "客戶補充了新材料"),
        lambda: do(redress, open_tasks(redress, no)[0], by="handler"),
        lambda: pass_time(redress, days=9),
        lambda: do(redress, open_tasks(redress, no)[0]),
    ):
        change()
        stand, should = by_group(redress)
        assert stand == should
        assert stand


@pytest.mark.parametrize("name", ["handler", "supervisor"])
def test_no_list_of_tasks_reads_a_whole_table(redress: Redress, name: str) -> None:
    register(redress)
    who = actor(redress, name)
    found = scans(redress, lambda session: read.task_counts(session, who))
    found += scans(redress, lambda session: steps_of_open_tasks(session, who))
    for tab in TABS:
        for given in FILTERS:
            for sort in SORTS:
                wanted = {**tab, **given, "sort": sort}
                call = partial(read.task_list, actor=who, **wanted)
                found += scans(redress, call, walked=("sqlite_autoindex_task_1",))
    assert found == []


@pytest.mark.parametrize("name", ["handler", "supervisor", "agent"])
def test_no_register_and_no_trail_reads_a_whole_table(redress: Redress, name: str) -> None:
    register(redress)
    who = actor(redress, name)
    found: list[str] = []
    for given in REGISTER:
        for sort in ("received", "due"):
            call = partial(read.complaint_list, actor=who, sort=sort, **given)
            found += scans(redress, call)
    for given in TRAIL:
        found += scans(redress, partial(read.instance_list, actor=who, **given), walked=NEWEST)
    if who.may("report.read"):
        found += scans(redress, partial(read.open_counts, actor=who))
    assert found == []


def test_a_register_goes_on_page_by_page_where_a_case_has_several_tasks_of_one_group(
    redress: Redress,
) -> None:
    numbers = [register(redress, grade=3).complaint_no for _ in range(4)]
    with redress.sessions.step() as session:
        for number in numbers:
            _another_task(session, number)
    who = actor(redress, "handler")
    for verb, key, wanted in (
        (read.complaint_list, "no", numbers[::-1]),
        (read.instance_list, "complaint_no", numbers[::-1]),
    ):
        seen, cursor = [], None
        with redress.sessions.read() as session:
            while not seen or cursor is not None:
                page = verb(session, who, limit=1, cursor=cursor)  # type: ignore[operator]
                seen += [row[key] for row in page.items]
                cursor = page.next
        assert seen == wanted


def _another_task(session: Session, number: str) -> None:
    """Let the case have a second task of the same groups."""
    task = session.scalars(select(Task).where(Task.complaint_no == number, Task.state == "open")).one()
    columns = {column.name: getattr(task, column.name) for column in Task.__table__.columns}
    session.execute(insert(Task).values({**columns, "id": new_id(), "token": task.token + 1000}))
    session.flush()
    other = session.scalars(select(Task.id).where(Task.token == task.token + 1000)).all()[-1]
    for row in session.execute(select(TaskGroup.__table__).where(TaskGroup.task_id == task.id)).mappings():
        session.execute(insert(TaskGroup).values({**row, "task_id": other}))
