"""A customer whose data is searched for on every page and in every answer to those who need not see it."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from sqlalchemy import select

from engine.assembly import Redress
from engine.documents.register import store_document
from engine.people.accounts import create_token
from engine.store.tables.runtime import Instance, Task
from tests.driving import drive, open_tasks
from tests.web.conftest import Visit
from tests.world import actor, register

CANARIES = ("王小明CANARY", "13912345678", "canary@example.com", "11010519491231002X", "CANARY-")
UNCONCERNED = ("auditor", "owner", "admin", "management", "monitor", "analyst", "agent2", "handler2")


@pytest.fixture
def places(engine: Redress) -> dict[str, str]:
    """A case with personal values in every kind of place; what addresses need to name them."""
    made = register(engine)
    done = drive(
        engine,
        made.complaint_no,
        until="approve-plan",
        answers={
            "investigate": {"facts_found": "CANARY-NOTE 王小明CANARY 13912345678"},
            "propose-plan": {"plan_summary": "CANARY-NOTE"},
        },
    )
    assert done
    with engine.sessions.step() as session:
        document = store_document(
            session,
            engine.vault,
            io.BytesIO(b"CANARY-DOCUMENT"),
            "CANARY-letter.txt",
            "text/plain",
            actor(engine, "handler"),
            complaint_no=made.complaint_no,
        )
        document_id = document.id
    with engine.sessions.read() as session:
        instance = session.get_one(Instance, made.instance_id)
        ended = session.scalars(select(Task.id).where(Task.state == "completed")).first()
    return {
        "no": made.complaint_no,
        "instance_id": made.instance_id,
        "task_id": str(open_tasks(engine, made.complaint_no)[0].id),
        "ended": str(ended),
        "document_id": document_id,
        "bundle_id": instance.bundle_id,
        "process_id": instance.process_id,
    }


def addresses(app: Flask, places: dict[str, str], method: str = "GET") -> list[str]:
    """Return every address that is read (or sent to), with the case's own names wherever it asks for some."""
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if method not in (rule.methods or set()) or rule.endpoint == "static":
                continue
            names = {name: places.get(name, "x-0") for name in rule.arguments}
            found.append(app.url_for(rule.endpoint, **names))
            if "task_id" in rule.arguments:
                found.append(app.url_for(rule.endpoint, **names | {"task_id": places["ended"]}))
    return found


@pytest.mark.parametrize("username", UNCONCERNED)
def test_nobody_who_has_nothing_to_do_with_a_case_is_shown_whom_it_is_about(
    app: Flask, engine: Redress, visit: Visit, places: dict[str, str], username: str
) -> None:
    browser = visit(username)
    with engine.sessions.step() as session:
        headers = {"Authorization": f"Bearer {create_token(session, username)}"}
    leaks, answered = set(), 0
    for address in addresses(app, places):
        if "/documents/" in address:
            continue  # who opens a document is asked for why: the document's own tests
        for answer in (
            browser.get(address, follow_redirects=True),
            app.test_client().get(address, headers=headers),
        ):
            answered += answer.status_code == 200
            body = answer.get_data(as_text=True)
            leaks |= {(address, canary) for canary in CANARIES if canary in body}
    assert leaks == set()
    assert answered > 20


def test_what_is_looked_for_is_there_for_who_has_the_case(visit: Visit, places: dict[str, str]) -> None:
    shown = visit("handler").post(f"/complaints/{places['no']}/reveal", {"purpose": "handling"})
    body = shown.get_data(as_text=True)
    assert [canary for canary in CANARIES if canary not in body] == []
