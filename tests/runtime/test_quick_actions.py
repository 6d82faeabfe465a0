"""Quick actions and text modules, on both databases: each part under its own rules, all of it or nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from engine import read
from engine.assembly import Redress
from engine.audit.verify import verify
from engine.cases.text_modules import filled_text_modules, keep_text_module, text_modules
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.people.quick_actions import Steps, drop_quick_action, keep_quick_action, quick_actions
from engine.read.comments import comments
from engine.runtime.commands import apply_quick_action, assign, in_bulk
from engine.store.tables.audit import History
from engine.store.tables.runtime import Task
from tests.driving import open_tasks
from tests.world import actor, register


@pytest.fixture
def task_id(redress: Redress) -> str:
    (task,) = open_tasks(redress, register(redress).complaint_no)
    return str(task.id)


def keep(redress: Redress, name: str, steps: Steps, *, role: str | None = None, called: str = "later") -> str:
    with redress.sessions.step() as session:
        return keep_quick_action(session, actor(redress, name), called, steps, role=role)


def row(redress: Redress, task_id: str) -> Task:
    with redress.sessions.read() as session:
        return session.get_one(Task, task_id)


def test_a_shared_quick_action_does_all_of_its_parts_as_who_applies_it_and_the_trail_tells_each(
    redress: Redress, task_id: str
) -> None:
    steps = Steps("請補件", 3, 90, "assign", "handler2")
    action = keep(redress, "supervisor", steps, role="handlers")
    assign(redress.runtime, actor(redress, "supervisor"), task_id, "handler")
    with pytest.raises(NotFound):
        apply_quick_action(redress.runtime, actor(redress, "agent"), task_id, action)
    apply_quick_action(redress.runtime, actor(redress, "handler"), task_id, action, shown="handler")
    after = row(redress, task_id)
    assert (after.assignee, after.priority, after.state) == ("handler2", 90, "open")
    assert after.follow_up_at == datetime(2026, 3, 5, 1, tzinfo=UTC)  # Thursday, 09:00 in Shanghai
    with redress.sessions.read() as session:
        (said,) = comments(session, after.instance_id)
        assert said["actor"] == "handler"
        kinds = session.scalars(
            select(History.kind).where(History.stream == after.instance_id).order_by(History.seq)
        ).all()
        assert kinds[-5:] == [
            *("action.applied", "comment.added", "task.rescheduled", "task.prioritised"),
            "task.assigned",
        ]
        assert verify(session, after.instance_id).holds
    with pytest.raises(Conflict, match="it is handler2's now"):
        apply_quick_action(redress.runtime, actor(redress, "handler"), task_id, action, shown="handler")


def test_where_one_part_is_refused_nothing_of_it_is_done_and_other_tasks_go_on(
    redress: Redress, task_id: str
) -> None:
    action = keep(redress, "supervisor", Steps("看一下", None, 90, "assign", "agent"), role="handlers")
    claims = keep(redress, "handler", Steps(priority=70, hand="claim"))
    rt, who = redress.runtime, actor(redress, "handler")
    with pytest.raises(Forbidden):
        apply_quick_action(rt, who, task_id, action)
    before = row(redress, task_id)
    with redress.sessions.read() as session:
        assert comments(session, before.instance_id) == []
    assert (before.priority, before.assignee) == (50, None)
    (other,) = open_tasks(redress, register(redress).complaint_no)
    assign(rt, actor(redress, "supervisor"), other.id, "handler2")
    came = in_bulk([other.id, task_id], lambda each: apply_quick_action(rt, who, each, claims))
    assert [each.done for each in came] == [False, True]
    assert (row(redress, task_id).assignee, row(redress, other.id).priority) == ("handler", 50)


def test_sharing_is_the_line_s_and_what_makes_no_sense_or_names_somebody_is_refused(redress: Redress) -> None:
    with pytest.raises(Forbidden):
        keep(redress, "handler", Steps(priority=90), role="handlers")
    for steps, field in (
        (Steps(), "comment"),
        (Steps(comment=" \n"), "comment"),
        (Steps(comment="電話 13800138000"), "comment"),
        (Steps(follow_up_days=0), "follow_up_days"),
        (Steps(hand="assign"), "username"),
        (Steps(hand="assign", username="nobody"), "username"),
    ):
        with pytest.raises(InvalidInput) as refused:
            keep(redress, "handler", steps)
        assert field in refused.value.errors
    own, shared = (
        keep(redress, "handler", Steps(priority=90)),
        keep(redress, "supervisor", Steps(priority=10), role="handlers", called="soon"),
    )
    with redress.sessions.read() as session:
        listed = {
            name: quick_actions(session, actor(redress, name)) for name in ("handler", "handler2", "agent")
        }
    assert {name: [each["id"] for each in found] for name, found in listed.items()} == {
        "handler": [own, shared],
        "handler2": [shared],
        "agent": [],
    }
    for name, action in (("handler2", shared), ("supervisor", own)):
        with pytest.raises(NotFound), redress.sessions.step() as session:
            drop_quick_action(session, actor(redress, name), action)
    with redress.sessions.step() as session:
        drop_quick_action(session, actor(redress, "admin"), shared)


def test_a_text_is_filled_in_for_the_case_and_names_nothing_of_the_customer(redress: Redress) -> None:
    no = register(redress).complaint_no
    who = actor(redress, "handler")
    with redress.sessions.step() as session:
        for text in ("{{ customer.name }}", "{{ case.handler }}", "身分證 11010519491231002X"):
            with pytest.raises(InvalidInput):
                keep_text_module(session, who, "x", text)
        keep_text_module(session, who, "::bye", "案件 {{ case.no }}，{{today}} {{ me }}")
    with redress.sessions.read() as session:
        (kept,) = text_modules(session, who)
        assert kept["word"] == "bye"
        (filled,) = filled_text_modules(redress.runtime, session, who, no)
        assert filled == {"word": "bye", "text": f"案件 {no}，2026-03-02 {who.display_name}"}
        (bare,) = filled_text_modules(redress.runtime, session, who, None)
        assert bare["text"] == kept["text"]
        assert read.complaint(session, who, no)["no"] == no
        assert text_modules(session, actor(redress, "handler2")) == []
