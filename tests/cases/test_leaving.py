"""Who leaves has no open work; what nobody can do is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from engine import clock
from engine.assembly import Redress
from engine.cases.leaving import leave, who_counts_on
from engine.errors import Forbidden
from engine.people.absence import arrange_absence
from engine.people.accounts import create_token, set_active
from engine.people.acting import actor_of_token
from engine.read.coverage import Gap, coverage_gaps
from engine.runtime.commands import claim
from engine.store.tables.audit import History
from engine.store.tables.runtime import Task, TaskGroup
from tests.driving import complaint, open_tasks
from tests.world import actor, register


def gaps(redress: Redress) -> list[Gap]:
    with redress.sessions.read() as session:
        return coverage_gaps(session)


def taken(redress: Redress) -> str:
    no = register(redress).complaint_no
    (task,) = open_tasks(redress, no)
    claim(redress.runtime, actor(redress, "handler"), task.id)
    return no


def test_who_leaves_has_no_open_task_and_no_open_case(redress: Redress) -> None:
    no = taken(redress)
    assert complaint(redress, no).handler == "handler"
    left = leave(redress.runtime, actor(redress, "admin"), "handler")
    assert (left.tasks, left.cases) == (1, 1)
    (task,) = open_tasks(redress, no)
    assert task.assignee is None
    assert complaint(redress, no).handler is None
    assert gaps(redress) == []
    claim(redress.runtime, actor(redress, "handler2"), task.id)
    with redress.sessions.read() as session:
        kinds = set(session.scalars(select(History.kind)))
    assert {"person.closed", "handler.released", "task.released"} <= kinds
    again = leave(redress.runtime, actor(redress, "admin"), "handler")
    assert (again.tasks, again.cases) == (0, 0)


def test_what_waits_for_a_leaver_alone_goes_to_the_nearest_superior_who_is_still_there(
    redress: Redress,
) -> None:
    no = taken(redress)
    (task,) = open_tasks(redress, no)
    with redress.sessions.step() as session:
        session.execute(delete(TaskGroup).where(TaskGroup.task_id == task.id))
        session.execute(update(Task).where(Task.id == task.id).values(candidate_groups=[]))
    leave(redress.runtime, actor(redress, "admin"), "supervisor")
    leave(redress.runtime, actor(redress, "admin"), "handler")
    assert [each.assignee for each in open_tasks(redress, no)] == ["management"]


def test_who_counts_on_a_leaver_is_named(redress: Redress) -> None:
    admin, now = actor(redress, "admin"), clock.now()
    with redress.sessions.step() as session:
        arrange_absence(session, admin, "supervisor2", "supervisor", now, now + timedelta(days=5))
    leave(redress.runtime, admin, "supervisor")
    leave(redress.runtime, admin, "agent")
    with redress.sessions.read() as session:
        reports, absent = who_counts_on(session, "supervisor")
        assert (reports, absent) == (["handler"], ["supervisor2"])
        assert who_counts_on(session, "handler") == ([], [])


def test_closing_an_account_ends_its_tokens(redress: Redress) -> None:
    with redress.sessions.step() as session:
        token = create_token(session, "agent2")
    leave(redress.runtime, actor(redress, "admin"), "agent2")
    with redress.sessions.read() as session, pytest.raises(Forbidden):
        actor_of_token(session, token)


def test_work_that_nobody_can_do_is_told(redress: Redress) -> None:
    taken(redress)
    register(redress)
    assert gaps(redress) == []
    with redress.sessions.step() as session:
        set_active(session, "handler", active=False)
        set_active(session, "handler2", active=False)
    assert gaps(redress) == [
        Gap("group", "handlers", 1),
        Gap("task", "handler", 1),
        Gap("case", "handler", 1),
    ]
