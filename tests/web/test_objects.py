"""Who may see and touch which row: real rows of a handler's, tried by every role and by a colleague.

The doors of the routes are in test_access; here whoever gets past a door stands before somebody else's row.
"""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from engine import clock
from engine.assembly import Redress
from engine.jobs.passes import run_until_quiet
from engine.people.absence import arrange_absence
from engine.people.accounts import create_token
from engine.people.views import save_view, views
from engine.runtime.commands import add_comment, claim, keep_draft
from tests.driving import complaint, do, drive, open_tasks
from tests.web.conftest import USERS
from tests.world import actor, register

OWNER = "handler"
COLLEAGUE = "handler2"
PEOPLE = frozenset({*USERS.values(), COLLEAGUE, "agent2"})
OVERSIGHT = frozenset({"supervisor", "management", "monitor", "compliance", "analyst", "auditor"})
TECHNICAL = frozenset({"owner", "admin"})
AGENTS = frozenset({"agent", "agent2"})
LETTERS = OVERSIGHT - {"auditor"}

# What is asked for -> who sees it. `taken` waits with the handler, a step of the handlers'; `beyond` has gone
# on to the supervisor; `archived` has ended.
SEEN: dict[str, frozenset[str]] = {
    "/tasks/{taken_task}": OVERSIGHT | TECHNICAL | {OWNER, COLLEAGUE},
    "/api/v1/tasks/{taken_task}": OVERSIGHT | TECHNICAL | {OWNER, COLLEAGUE},
    "/api/v1/tasks/{taken_task}/comments": OVERSIGHT | TECHNICAL | {OWNER, COLLEAGUE},
    "/api/v1/tasks/{taken_task}/form": OVERSIGHT | TECHNICAL | {OWNER},
    "/tasks/{done_task}": OVERSIGHT | TECHNICAL | {OWNER},
    "/tasks/{beyond_task}": OVERSIGHT | TECHNICAL,
    "/complaints/{taken}": OVERSIGHT | AGENTS | {OWNER, COLLEAGUE},
    "/api/v1/documents/{document}": OVERSIGHT | AGENTS | {OWNER, COLLEAGUE},
    "/complaints/{beyond}": OVERSIGHT | AGENTS | {OWNER},
    "/complaints/{beyond}/dates": OVERSIGHT | AGENTS | {OWNER},
    "/complaints/{beyond}/letters": LETTERS | AGENTS | {OWNER},
    "/api/v1/complaints/{beyond}": OVERSIGHT | AGENTS | {OWNER},
    "/api/v1/complaints/{beyond}/deadlines": OVERSIGHT | AGENTS | {OWNER},
    "/api/v1/documents/{beyond_document}": OVERSIGHT | AGENTS | {OWNER},
    "/api/v1/documents/{beyond_document}/content": OVERSIGHT | AGENTS | {OWNER},
    "/trail/{beyond_instance}": OVERSIGHT | TECHNICAL | {OWNER, "agent"},
    "/trail/{beyond_instance}/diagram/complaint": OVERSIGHT | TECHNICAL | {OWNER, "agent"},
    "/trail/{beyond_instance}/picture/complaint": OVERSIGHT | TECHNICAL | {OWNER, "agent"},
    "/api/v1/instances/{beyond_instance}": OVERSIGHT | TECHNICAL | {OWNER, "agent"},
    "/api/v1/instances/{beyond_instance}/history": OVERSIGHT | TECHNICAL | {OWNER, "agent"},
    "/complaints/{archived}": OVERSIGHT | AGENTS | {OWNER},
    "/archive/{archived}": frozenset({"compliance", "analyst", "auditor"}),
    # What is about somebody is not theirs to see, whatever their role (Art. 17): `accusing` is about the
    # colleague, `above` about the supervisor; both wait for the handlers.
    "/complaints/{accusing}": OVERSIGHT | AGENTS | {OWNER},
    "/complaints/{accusing}/dates": OVERSIGHT | AGENTS | {OWNER},
    "/api/v1/complaints/{accusing}": OVERSIGHT | AGENTS | {OWNER},
    "/api/v1/documents/{accusing_document}": OVERSIGHT | AGENTS | {OWNER},
    "/tasks/{accusing_task}": OVERSIGHT | TECHNICAL | {OWNER},
    "/api/v1/tasks/{accusing_task}": OVERSIGHT | TECHNICAL | {OWNER},
    "/api/v1/tasks/{accusing_task}/comments": OVERSIGHT | TECHNICAL | {OWNER},
    "/api/v1/tasks/{accusing_task}/form": OVERSIGHT | TECHNICAL | {OWNER},
    "/trail/{accusing_instance}": OVERSIGHT | TECHNICAL | {OWNER, "agent"},
    "/api/v1/instances/{accusing_instance}/history": OVERSIGHT | TECHNICAL | {OWNER, "agent"},
    "/complaints/{above}": (OVERSIGHT - {"supervisor"}) | AGENTS | {OWNER, COLLEAGUE},
    "/tasks/{above_task}": (OVERSIGHT - {"supervisor"}) | TECHNICAL | {OWNER, COLLEAGUE},
    "/api/v1/tasks/{above_task}/form": (OVERSIGHT - {"supervisor"}) | TECHNICAL | {OWNER, COLLEAGUE},
    "/trail/{above_instance}": (OVERSIGHT - {"supervisor"}) | TECHNICAL | {OWNER, COLLEAGUE, "agent"},
}
REASON = {"reason": "x"}
# What a colleague of the same role does to rows that are not theirs, with a body that would do.
REFUSED: dict[str, Any] = {
    "POST /api/v1/tasks/{taken_task}/release": {},
    "POST /api/v1/tasks/{taken_task}/complete": {"variables": {}},
    "POST /api/v1/tasks/{taken_task}/delegate": {"username": COLLEAGUE},
    "POST /api/v1/tasks/{taken_task}/assign": {"username": COLLEAGUE},
    "POST /api/v1/tasks/{taken_task}/undo": {},
    "PUT /api/v1/tasks/{taken_task}/draft": {"variables": {}},
    "DELETE /api/v1/tasks/{taken_task}/draft": None,
    "POST /api/v1/tasks/{beyond_task}/claim": {},
    "POST /api/v1/tasks/{beyond_task}/comments": {"text": "x"},
    "POST /api/v1/complaints/{beyond}/contacts": {"direction": "out", "channel": "phone", "summary": "x"},
    "POST /api/v1/complaints/{beyond}/regrade": {"grade": 1, **REASON},
    "POST /api/v1/complaints/{beyond}/extend": {"new_date": "2026-03-20", **REASON},
    "POST /api/v1/complaints/{beyond}/withdraw": REASON,
    "POST /complaints/{beyond}/reveal": {"purpose": "handling"},
    "POST /complaints/{beyond}/letters": {"letter": "letter-result", "language": "en"},
    "POST /tasks/{beyond_task}/reveal": {"purpose": "handling"},
    "POST /me/absences/{absence}/end": {},
    "POST /api/v1/tasks/{accusing_task}/claim": {},
    "POST /api/v1/tasks/{accusing_task}/comments": {"text": "x"},
    "POST /api/v1/complaints/{accusing}/contacts": {"direction": "out", "channel": "phone", "summary": "x"},
    "POST /complaints/{accusing}/reveal": {"purpose": "handling"},
}


@pytest.fixture
def rows(engine: Redress, app: Flask) -> dict[str, str]:
    """Rows that belong to the handler, by the names that the tables use."""
    made = {name: register(engine, grade=3).complaint_no for name in ("taken", "beyond", "archived")}
    first = open_tasks(engine, made["taken"])[0]
    do(engine, first, OWNER)
    task = open_tasks(engine, made["taken"])[0]
    claim(engine.runtime, actor(engine, OWNER), task.id)
    keep_draft(engine.runtime, actor(engine, OWNER), task.id, {"plan": "x"})
    add_comment(engine.runtime, actor(engine, OWNER), task.id, "x")
    for name, person in (("accusing", COLLEAGUE), ("above", "supervisor")):
        made[name] = register(engine, grade=3, accused=person).complaint_no
        made[f"{name}_task"] = str(open_tasks(engine, made[name])[0].id)
        made[f"{name}_instance"] = str(complaint(engine, made[name]).instance_id)
    made["accusing_document"] = _upload(engine, app, made["accusing"])
    for name in ("taken", "beyond"):
        made["document" if name == "taken" else "beyond_document"] = _upload(engine, app, made[name])
    drive(engine, made["beyond"], until="approve-plan")
    approval = open_tasks(engine, made["beyond"])[0]
    claim(engine.runtime, actor(engine, "supervisor2"), approval.id)
    drive(engine, made["archived"])
    run_until_quiet(engine.runtime)
    with engine.sessions.step() as session:
        begins = clock.now() + timedelta(days=1)
        made["absence"] = arrange_absence(
            session,
            actor(engine, "handler"),
            OWNER,
            COLLEAGUE,
            begins_at=begins,
            ends_at=begins + timedelta(days=1),
        )
        made["view"] = save_view(session, actor(engine, OWNER), "mine", {"tab": "all"})
    instance = str(complaint(engine, made["beyond"]).instance_id)
    ids = {"taken_task": task.id, "done_task": first.id, "beyond_task": approval.id}
    return {**made, **ids, "beyond_instance": instance}


def _upload(engine: Redress, app: Flask, no: str) -> str:
    data = {"file": (io.BytesIO(b"a note"), "note.txt"), "complaint_no": no}
    answer = app.test_client().post(
        "/api/v1/documents", data=data, headers=_bearer(engine, OWNER), content_type="multipart/form-data"
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(answer.get_json()["document_id"])


def _bearer(engine: Redress, name: str) -> dict[str, str]:
    with engine.sessions.step() as session:
        return {"Authorization": f"Bearer {create_token(session, name)}", "Accept": "application/json"}


def test_everybody_sees_exactly_the_rows_of_the_table(
    engine: Redress, app: Flask, rows: dict[str, str]
) -> None:
    client = app.test_client()
    wrong = []
    for name in sorted(PEOPLE):
        headers = _bearer(engine, name)
        for path, people in SEEN.items():
            with client.get(path.format(**rows), headers=headers) as answer:
                status = answer.status_code
            if (status == 200) != (name in people) or status not in (200, 403, 404):
                wrong.append((name, path, status))
    assert wrong == []


def test_a_colleague_of_the_same_role_changes_nothing_of_it(
    engine: Redress, app: Flask, rows: dict[str, str]
) -> None:
    client, headers = app.test_client(), _bearer(engine, COLLEAGUE)
    wrong = []
    for call, body in REFUSED.items():
        method, path = call.split()
        form = not path.startswith("/api/")
        given: dict[str, Any] = {} if body is None else {"data" if form else "json": body}
        answer = client.open(path.format(**rows), method=method, headers=headers, **given)
        if answer.status_code not in (403, 404, 409):
            wrong.append((call, answer.status_code, answer.get_data(as_text=True)[:200]))
    assert wrong == []
    (task,) = open_tasks(engine, rows["taken"])
    assert (task.id, task.assignee) == (rows["taken_task"], OWNER)


def test_a_view_that_is_not_shared_is_seen_and_dropped_by_its_owner_alone(
    engine: Redress, app: Flask, rows: dict[str, str]
) -> None:
    client = app.test_client()
    path = f"/tasks/views/{rows['view']}/delete"
    answer = client.post(path, headers=_bearer(engine, COLLEAGUE))
    assert answer.status_code in (403, 404)
    with engine.sessions.read() as session:
        assert [view["id"] for view in views(session, actor(engine, OWNER))] == [rows["view"]]
        assert views(session, actor(engine, COLLEAGUE)) == []
