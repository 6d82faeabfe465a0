"""Task lists stay right and quick: rows by group follow their tasks, and no list reads whole tables."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from engine import read
from engine.assembly import Redress
from engine.read.tasks import SORTS, steps_of_open_tasks
from engine.runtime.commands import assign, claim, delegate, release
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
            )
        )
        stand = {tuple(row) for row in rows}
        tasks = session.scalars(select(Task).where(Task.state == "open")).all()
        should = {
            (task.id, group, task.element_id, task.assignee is None, task.due_at)
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
        lambda: do(redress, open_tasks(redress, no)[0], by="handler2"),
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
