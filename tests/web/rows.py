"""Rows that belong to the handler, for the tests of who may see and touch which."""

from __future__ import annotations

import io
from datetime import timedelta

from flask import Flask

from engine import clock
from engine.assembly import Redress
from engine.cases.text_modules import keep_text_module
from engine.jobs.passes import run_until_quiet
from engine.people.absence import arrange_absence
from engine.people.accounts import create_token
from engine.people.quick_actions import Steps, keep_quick_action
from engine.people.views import save_view
from engine.runtime.commands import add_comment, claim, keep_draft
from tests.driving import complaint, do, drive, open_tasks
from tests.web.conftest import USERS
from tests.world import actor, register

OWNER = "handler"
COLLEAGUE = "handler2"
PEOPLE = frozenset({*USERS.values(), COLLEAGUE, "agent2"})
TECHNICAL = frozenset({"owner", "admin"})


def handlers_rows(engine: Redress, app: Flask) -> dict[str, str]:
    """Make them, and return their ids by the names that the tables of the tests use: a case `taken` at its
    plan, one gone `beyond` to its approval, one about a colleague, documents, an absence, a view.
    """
    made = {name: register(engine, grade=3).complaint_no for name in ("taken", "beyond")}
    first = open_tasks(engine, made["taken"])[0]
    do(engine, first, OWNER)
    task = open_tasks(engine, made["taken"])[0]
    claim(engine.runtime, actor(engine, OWNER), task.id)
    keep_draft(engine.runtime, actor(engine, OWNER), task.id, {"plan": "x"})
    add_comment(engine.runtime, actor(engine, OWNER), task.id, "x")
    made |= about(engine, "accusing", COLLEAGUE)
    made["document"] = upload(engine, app, made["taken"])
    made["beyond_document"] = upload(engine, app, made["beyond"])
    drive(engine, made["beyond"], until="approve-plan")
    approval = open_tasks(engine, made["beyond"])[0]
    claim(engine.runtime, actor(engine, "supervisor2"), approval.id)
    run_until_quiet(engine.runtime)
    with engine.sessions.step() as session:
        begins = clock.now() + timedelta(days=1)
        made["absence"] = arrange_absence(
            session,
            actor(engine, OWNER),
            OWNER,
            COLLEAGUE,
            begins_at=begins,
            ends_at=begins + timedelta(days=1),
        )
        made["quick"] = keep_quick_action(session, actor(engine, OWNER), "urgent", Steps(priority=90))
        made["module"] = keep_text_module(session, actor(engine, OWNER), "bye", "{{ me }}")
        made["view"] = save_view(session, actor(engine, OWNER), "mine", {"tab": "all"})
    for name in ("taken", "beyond"):
        made[f"{name}_instance"] = str(complaint(engine, made[name]).instance_id)
    return {**made, "taken_task": task.id, "done_task": first.id, "beyond_task": approval.id}


def about(engine: Redress, name: str, person: str) -> dict[str, str]:
    """Register a complaint about somebody, and return its number, first task and instance."""
    no = register(engine, grade=3, accused=person).complaint_no
    task, instance = open_tasks(engine, no)[0], complaint(engine, no).instance_id
    return {name: no, f"{name}_task": str(task.id), f"{name}_instance": str(instance)}


def upload(engine: Redress, app: Flask, no: str) -> str:
    """Attach a document to a case as the handler, and return its id."""
    data = {"file": (io.BytesIO(b"a note"), "note.txt"), "complaint_no": no}
    answer = app.test_client().post(
        "/api/v1/documents", data=data, headers=bearer(engine, OWNER), content_type="multipart/form-data"
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(answer.get_json()["document_id"])


def bearer(engine: Redress, name: str) -> dict[str, str]:
    """Return the headers of a request that somebody makes with a token of theirs."""
    with engine.sessions.step() as session:
        return {"Authorization": f"Bearer {create_token(session, name)}", "Accept": "application/json"}
