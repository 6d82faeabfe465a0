"""What people do with tasks beside completing them, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select, text, update

from engine import clock, read
from engine.assembly import Redress
from engine.errors import Conflict, Forbidden, InvalidInput
from engine.jobs.task_notices import tell_of_tasks
from engine.people.absence import arrange_absence, end_absence
from engine.privacy.values import read_value
from engine.read.comments import comments
from engine.runtime.commands import (
    add_comment,
    assign,
    claim,
    complete,
    delegate,
    in_bulk,
    release,
    set_follow_up,
    set_priority,
    undo,
)
from engine.runtime.form_context import task_form
from engine.store.tables.audit import History
from engine.store.tables.people import Notification, Person
from engine.store.tables.runtime import Task
from tests.driving import complaint, open_tasks
from tests.filling import fill
from tests.world import actor, register


@pytest.fixture
def task_id(redress: Redress) -> str:
    (task,) = open_tasks(redress, register(redress).complaint_no)
    return str(task.id)


def row(redress: Redress, task_id: str) -> Task:
    with redress.sessions.read() as session:
        return session.get_one(Task, task_id)


def history(redress: Redress, task_id: str, *kinds: str) -> list[History]:
    with redress.sessions.read() as session:
        stream = session.get_one(Task, task_id).instance_id
        query = select(History).where(History.stream == stream, History.kind.in_(kinds)).order_by(History.seq)
        return list(session.scalars(query))


def test_a_task_is_put_off_and_pressed_by_who_has_it_or_a_supervisor_and_its_limits_stay(
    redress: Redress, task_id: str
) -> None:
    before, later = row(redress, task_id), clock.now() + timedelta(days=1)
    set_follow_up(redress.runtime, actor(redress, "handler"), task_id, later)
    set_priority(redress.runtime, actor(redress, "supervisor"), task_id, 90)
    after = row(redress, task_id)
    assert (after.follow_up_at, after.priority, after.due_at) == (later, 90, before.due_at)
    with pytest.raises(InvalidInput):
        set_priority(redress.runtime, actor(redress, "supervisor"), task_id, 101)
    with pytest.raises(Forbidden):
        set_follow_up(redress.runtime, actor(redress, "agent"), task_id, None)
    kinds = [entry.kind for entry in history(redress, task_id, "task.rescheduled", "task.prioritised")]
    assert kinds == ["task.rescheduled", "task.prioritised"]


def test_a_comment_is_kept_encrypted_and_who_is_mentioned_gets_a_notice(
    redress: Redress, task_id: str
) -> None:
    said = "請 @supervisor 看一下王小明CANARY的收據，mail a@handler2.example"
    made = add_comment(redress.runtime, actor(redress, "handler"), task_id, said)
    with redress.sessions.read() as session:
        (found,) = comments(session, row(redress, task_id).instance_id)
        assert (found["id"], found["mentions"]) == (made, ["supervisor"])
        assert read_value(session, redress.keyring, found["body_ref"]) == said
        person = actor(redress, "supervisor").id
        (told,) = session.scalars(select(Notification).where(Notification.kind == "mention"))
        assert (told.person_id, told.task_id) == (person, task_id)
        stored = session.execute(text("SELECT ciphertext FROM personal_value")).scalars()
        assert not any(b"CANARY" in bytes(value) for value in stored)
    (entry,) = history(redress, task_id, "comment.added")
    assert "CANARY" not in entry.data


def test_nobody_is_mentioned_who_does_not_exist_or_may_not_see_the_task(
    redress: Redress, task_id: str
) -> None:
    for name in ("nobody", "agent"):
        with pytest.raises(InvalidInput) as refused:
            add_comment(redress.runtime, actor(redress, "handler"), task_id, f"@{name} please")
        assert f"@{name}" in refused.value.errors["text"][0]
    with pytest.raises(Forbidden):
        add_comment(redress.runtime, actor(redress, "auditor"), task_id, "I was here")
    with redress.sessions.read() as session:
        assert comments(session, row(redress, task_id).instance_id) == []


def test_a_claim_is_undone_with_the_case_that_came_with_it(redress: Redress, task_id: str) -> None:
    who, no = actor(redress, "handler"), str(row(redress, task_id).complaint_no)
    claim(redress.runtime, who, task_id)
    assert complaint(redress, no).handler == "handler"
    assert undo(redress.runtime, who, task_id) == "task.claimed"
    assert row(redress, task_id).assignee is None
    assert complaint(redress, no).handler is None
    with pytest.raises(Conflict, match="nothing to undo"):
        undo(redress.runtime, who, task_id)


def test_each_handover_is_undone_to_who_had_the_task_before(redress: Redress, task_id: str) -> None:
    rt, who = redress.runtime, actor(redress, "handler")
    claim(rt, who, task_id)
    for act in (partial(assign, username="handler2"), partial(delegate, username="handler2"), release):
        act(rt, who, task_id)
        undo(rt, who, task_id)
        assert (row(redress, task_id).assignee, row(redress, task_id).owner) == ("handler", None)
    delegate(rt, who, task_id, "handler2")
    release(rt, actor(redress, "handler2"), task_id)
    undo(rt, actor(redress, "handler2"), task_id)
    assert (row(redress, task_id).assignee, row(redress, task_id).owner) == ("handler2", "handler")
    assert len(history(redress, task_id, "task.restored")) == 4


def told(redress: Redress, name: str) -> list[str]:
    with redress.sessions.read() as session:
        query = select(Notification.kind).where(Notification.person_id == actor(redress, name).id)
        return list(session.scalars(query.order_by(Notification.id)))


def test_who_delegated_a_task_is_told_when_it_comes_back_and_when_it_is_done(
    redress: Redress, task_id: str
) -> None:
    rt, owner, delegate_ = redress.runtime, actor(redress, "handler"), actor(redress, "handler2")
    claim(rt, owner, task_id)
    delegate(rt, owner, task_id, "handler2")
    release(rt, delegate_, task_id)
    assert (row(redress, task_id).assignee, row(redress, task_id).owner) == ("handler", None)
    assert told(redress, "handler") == ["handed-back"]
    delegate(rt, owner, task_id, "handler2")
    release(rt, owner, task_id)
    assert (row(redress, task_id).assignee, row(redress, task_id).owner) == ("handler", None)
    assert told(redress, "handler") == ["handed-back"]
    assert told(redress, "handler2") == ["assigned", "assigned", "taken-back"]
    delegate(rt, owner, task_id, "handler2")
    with redress.sessions.read() as session:
        form = task_form(rt, session, delegate_, task_id, "en")
    complete(rt, delegate_, task_id, fill(form.schema, form.values))
    done = history(redress, task_id, "task.completed")[-1]
    assert (done.actor, '"owner":"handler"' in done.data) == ("handler2", True)
    assert told(redress, "handler") == ["handed-back", "delegate-done"]
    assert (row(redress, task_id).completed_by, row(redress, task_id).owner) == ("handler2", "handler")


def test_a_delegated_task_is_not_the_delegates_to_give_away_and_outlives_who_lent_it(
    redress: Redress, task_id: str
) -> None:
    rt, owner, delegate_ = redress.runtime, actor(redress, "handler"), actor(redress, "handler2")
    claim(rt, owner, task_id)
    delegate(rt, owner, task_id, "handler2")
    assign(rt, delegate_, task_id, "handler")
    assert (row(redress, task_id).assignee, row(redress, task_id).owner) == ("handler", None)
    delegate(rt, owner, task_id, "handler2")
    with redress.sessions.step() as session:
        session.execute(update(Person).where(Person.username == "handler").values(active=False))
    release(rt, delegate_, task_id)
    assert row(redress, task_id).assignee is None


def test_a_loan_has_an_end_that_its_owner_is_told_of_once_and_that_lending_on_never_moves_back(
    redress: Redress, task_id: str
) -> None:
    rt, owner, now = redress.runtime, actor(redress, "handler"), clock.now()
    claim(rt, owner, task_id)
    for wrong in (now, datetime.max.replace(tzinfo=UTC)):
        with pytest.raises(InvalidInput):
            delegate(rt, owner, task_id, "handler2", until=wrong)
    until = now + timedelta(days=2)
    delegate(rt, owner, task_id, "handler2", until=until)
    lent = row(redress, task_id)
    assert (lent.owner, lent.lent_until) == ("handler", until)
    assert lent.lent_at is not None
    assert now <= lent.lent_at < until
    delegate(rt, actor(redress, "handler2"), task_id, "handler2", until=until + timedelta(days=1))
    assert row(redress, task_id).lent_until == until
    with redress.sessions.read() as session:
        counted = [read.loan_counts(session, actor(redress, name)) for name in ("handler", "handler2")]
        assert counted == [{"lent": 1, "borrowed": 0}, {"lent": 0, "borrowed": 1}]
        for name, way in (("handler", {"owner": "me"}), ("handler2", {"assignee": "me", "borrowed": True})):
            (found,) = read.task_list(session, actor(redress, name), **way).items  # type: ignore[arg-type]
            assert found["id"] == task_id
        assert read.task_list(session, actor(redress, "handler2"), owner="me").items == []
    clock.set_to(until)
    for _ in range(2):
        tell_of_tasks(rt)
    assert told(redress, "handler").count("loan-over") == 1
    release(rt, owner, task_id)
    assert (row(redress, task_id).lent_at, row(redress, task_id).lent_until) == (None, None)
    undo(rt, owner, task_id)
    assert (row(redress, task_id).owner, row(redress, task_id).lent_until) == ("handler", until)
    release(rt, owner, task_id)
    delegate(rt, owner, task_id, "handler2", until=until + timedelta(days=1))
    assert "loan-over" not in told(redress, "handler")
    clock.advance(timedelta(days=1))
    tell_of_tasks(rt)
    assert told(redress, "handler").count("loan-over") == 1


def test_nothing_is_undone_too_late_by_others_or_after_the_task_went_on(
    redress: Redress, task_id: str
) -> None:
    rt, who = redress.runtime, actor(redress, "handler")
    claim(rt, who, task_id)
    with pytest.raises(Conflict, match="nothing that you did"):
        undo(rt, actor(redress, "handler2"), task_id)
    assign(rt, who, task_id, "handler2")
    release(rt, actor(redress, "handler2"), task_id)
    with pytest.raises(Conflict, match="nothing that you did"):
        undo(rt, who, task_id)
    claim(rt, who, task_id)
    clock.advance(timedelta(minutes=3))
    with pytest.raises(Conflict, match="2 minutes"):
        undo(rt, who, task_id)


def test_who_hands_on_a_task_that_went_on_since_it_was_shown_to_them_is_refused(
    redress: Redress, task_id: str
) -> None:
    rt, who = redress.runtime, actor(redress, "supervisor")
    assign(rt, who, task_id, "handler", shown="")
    with pytest.raises(Conflict, match="it is handler's now"):
        assign(rt, who, task_id, "handler2", shown="")
    with pytest.raises(Conflict, match="it is handler's now"):
        release(rt, who, task_id, shown="handler2")
    with pytest.raises(Conflict, match="it is handler's now"):
        delegate(rt, actor(redress, "handler"), task_id, "handler2", shown="")
    with pytest.raises(Forbidden):  # who may not give it away is not told whose it is
        assign(rt, actor(redress, "handler2"), task_id, "handler2", shown="")
    assert row(redress, task_id).assignee == "handler"
    release(rt, who, task_id, shown="handler")
    with pytest.raises(Conflict, match="nobody has it now"):
        assign(rt, who, task_id, "handler2", shown="handler")
    assert row(redress, task_id).assignee is None
    assign(rt, who, task_id, "handler2")


def test_a_substitute_does_the_tasks_of_the_absent_and_both_names_are_in_history(
    redress: Redress, task_id: str
) -> None:
    rt, now = redress.runtime, clock.now()
    claim(rt, actor(redress, "handler"), task_id)
    assert actor(redress, "handler2").stands_in_for == frozenset()
    with redress.sessions.step() as session:
        arranged = arrange_absence(
            session, actor(redress, "supervisor"), "handler", "handler2", now, now + timedelta(days=2)
        )
    other = actor(redress, "handler2")
    assert other.stands_in_for == {"handler"}
    with redress.sessions.read() as session:
        (seen,) = read.task_list(session, other, assignee="me").items
        assert (seen["id"], seen["is_mine"], seen["stands_in"]) == (task_id, True, True)
        form = task_form(rt, session, other, task_id, "en")
    complete(rt, other, task_id, fill(form.schema, form.values))
    entry = history(redress, task_id, "task.completed")[-1]
    assert (entry.actor, '"for":"handler"' in entry.data) == ("handler2", True)
    with redress.sessions.step() as session:
        end_absence(session, actor(redress, "handler"), arranged)
    assert actor(redress, "handler2").stands_in_for == frozenset()


def test_an_absence_is_arranged_by_those_whom_it_concerns_with_somebody_who_can(redress: Redress) -> None:
    now = clock.now()

    def arrange(by: str, substitute: str, who: str = "handler", days: int = 1) -> None:
        with redress.sessions.step() as session:
            arrange_absence(session, actor(redress, by), who, substitute, now, now + timedelta(days=days))

    with pytest.raises(Forbidden):
        arrange("handler2", "handler2")
    with pytest.raises(Forbidden):
        arrange("supervisor2", "handler2")
    for substitute in ("handler", "agent", "nobody"):
        with pytest.raises(InvalidInput) as refused:
            arrange("handler", substitute)
        assert "substitute" in refused.value.errors
    with pytest.raises(InvalidInput):
        arrange("handler", "handler2", days=-1)
    arrange("management", "handler2")
    with pytest.raises(Conflict):
        arrange("handler", "handler2")
    with pytest.raises(InvalidInput, match="see the fields"):
        arrange("handler2", "handler", who="handler2")


def test_of_many_tasks_each_is_done_in_its_own_step_and_told(redress: Redress) -> None:
    ids = [str(open_tasks(redress, register(redress).complaint_no)[0].id) for _ in range(3)]
    claim(redress.runtime, actor(redress, "handler2"), ids[1])
    results = in_bulk([*ids, ids[0], "missing"], partial(claim, redress.runtime, actor(redress, "handler")))
    assert [(result.id, result.done) for result in results] == [
        (ids[0], True),
        (ids[1], False),
        (ids[2], True),
        ("missing", False),
    ]
    assert "handler2 has taken" in str(results[1].detail)
    assert [row(redress, task_id).assignee for task_id in ids] == ["handler", "handler2", "handler"]
