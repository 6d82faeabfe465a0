"""Who leaves has no open work; what nobody can do is told."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.assembly import Redress
from engine.cases.leaving import leave
from engine.errors import Forbidden
from engine.people.accounts import create_token, set_active
from engine.people.acting import actor_of_token
from engine.read.coverage import Gap, coverage_gaps
from engine.runtime.commands import claim
from engine.store.tables.audit import History
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
