"""Half-filled forms on both databases: kept with the task, sealed, gone when the task ends."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from engine.assembly import Redress
from engine.cases.withdrawal import withdraw
from engine.errors import Conflict, Forbidden, InvalidInput
from engine.privacy.subjects import erase_subject
from engine.runtime.commands import assign, claim, complete, drop_draft, keep_draft
from engine.runtime.drafts import MOST_BYTES, Continued, read_draft
from engine.runtime.form_context import task_form
from engine.store.tables.runtime import Task
from tests.driving import complaint, open_tasks
from tests.filling import fill
from tests.world import actor, register


def claimed(redress: Redress) -> Task:
    no = register(redress).complaint_no
    (task,) = open_tasks(redress, no)
    claim(redress.runtime, actor(redress, "handler"), task.id)
    return open_tasks(redress, no)[0]


def shown(redress: Redress, task: Task, by: str = "handler") -> dict[str, object]:
    with redress.sessions.read() as session:
        return task_form(redress.runtime, session, actor(redress, by), task.id, "en").values


def draft_of(redress: Redress, task: Task) -> object:
    with redress.sessions.read() as session:
        return read_draft(session, redress.keyring, task.id)


def test_a_form_opens_with_what_was_typed_and_the_database_does_not_show_it(redress: Redress) -> None:
    task, who = claimed(redress), actor(redress, "handler")
    field = next(name for name in fill(task_schema(redress, task)) if name)
    keep_draft(redress.runtime, who, task.id, {field: "first", "nonsense": 1})
    keep_draft(redress.runtime, who, task.id, {field: "客戶王小明CANARY", "nonsense": 1})
    assert shown(redress, task)[field] == "客戶王小明CANARY"
    with redress.sessions.read() as session:
        found = read_draft(session, redress.keyring, task.id)
        assert found is not None
        assert (list(found.values), found.saved_by) == ([field], "handler")
        sealed = session.execute(text("SELECT sealed FROM task_draft")).scalar_one()
    assert b"CANARY" not in bytes(sealed)


def task_schema(redress: Redress, task: Task) -> dict[str, object]:
    with redress.sessions.read() as session:
        return task_form(redress.runtime, session, actor(redress, "handler"), task.id, "en").schema


def test_a_draft_goes_with_the_task_to_a_colleague_and_can_be_thrown_away(redress: Redress) -> None:
    task, who = claimed(redress), actor(redress, "handler")
    field = next(iter(fill(task_schema(redress, task))))
    keep_draft(redress.runtime, who, task.id, {field: "half"})
    assign(redress.runtime, who, task.id, "handler2")
    assert shown(redress, task, "handler2")[field] == "half"
    with pytest.raises(Forbidden):
        keep_draft(redress.runtime, who, task.id, {field: "mine again"})
    drop_draft(redress.runtime, actor(redress, "handler2"), task.id)
    assert draft_of(redress, task) is None
    assert field not in shown(redress, task, "handler2")


def test_a_draft_is_not_kept_over_one_that_its_writer_has_not_seen(redress: Redress) -> None:
    task, who = claimed(redress), actor(redress, "handler")
    field = next(iter(fill(task_schema(redress, task))))

    def keep(words: str, revision: str | None, name: str) -> str:
        return keep_draft(redress.runtime, who, task.id, {field: words}, Continued(revision, name)).revision

    assert keep("first tab", None, "a") == "a"
    assert keep("first tab, no answer came", None, "a") == "a"
    for stale in (None, "other"):
        with pytest.raises(Conflict, match="kept meanwhile, by 王思琪"):
            keep("second tab", stale, "b")
    assert shown(redress, task)[field] == "first tab, no answer came"
    assert keep("second tab, having seen the first", "a", "b") == "b"
    with pytest.raises(Conflict):
        drop_draft(redress.runtime, who, task.id, revision="a")
    mine = keep_draft(redress.runtime, who, task.id, {field: "mine, whatever there is"}).revision
    assert mine not in ("a", "b")
    drop_draft(redress.runtime, who, task.id, revision=mine)
    assert keep("typed on where the other tab threw it away", "b", "c") == "c"
    drop_draft(redress.runtime, who, task.id)
    drop_draft(redress.runtime, who, task.id, revision="c")


def test_a_draft_is_gone_once_the_task_was_completed_or_withdrawn(redress: Redress) -> None:
    done, other = claimed(redress), claimed(redress)
    who = actor(redress, "handler")
    for task in (done, other):
        keep_draft(redress.runtime, who, task.id, {})
    complete(redress.runtime, who, done.id, fill(task_schema(redress, done)))
    assert other.complaint_no is not None
    withdraw(redress.runtime, who, other.complaint_no, "asked for it")
    assert (draft_of(redress, done), draft_of(redress, other)) == (None, None)
    with pytest.raises(Conflict):
        keep_draft(redress.runtime, who, done.id, {})


def test_a_draft_about_an_erased_person_does_not_open_and_too_much_is_refused(redress: Redress) -> None:
    task, who = claimed(redress), actor(redress, "handler")
    field = next(iter(fill(task_schema(redress, task))))
    with pytest.raises(InvalidInput):
        keep_draft(redress.runtime, who, task.id, {field: "x" * MOST_BYTES})
    keep_draft(redress.runtime, who, task.id, {field: "half"})
    assert task.complaint_no is not None
    subject = complaint(redress, task.complaint_no).subject_id
    with redress.sessions.step() as session:
        erase_subject(session, subject)
    assert draft_of(redress, task) is None
