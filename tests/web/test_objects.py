"""Who may see and touch which row: real rows of a handler's, tried by every role and by a colleague.

The doors of the routes are in test_access; here whoever gets past a door stands before somebody else's row.
"""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask

from engine.assembly import Redress
from engine.documents.register import store_document
from engine.jobs.passes import run_until_quiet
from engine.people.views import views
from engine.quality.accountability.opening import open_by_hand
from tests.driving import do, open_tasks, open_tasks_of
from tests.web.rows import COLLEAGUE, OWNER, PEOPLE, TECHNICAL, bearer, handlers_rows
from tests.world import actor

# What is asked for -> who sees it. What everybody's work is made of is walked in test_every_object.
SEEN: dict[str, frozenset[str]] = {
    # An accountability file about the handler, whose hearing is open: its parties alone, whatever their role;
    # the person concerned on a page of their own; the trail is compliance's (R49).
    "/accountability/{account}": frozenset({"compliance", "monitor"}),
    "/my-matters/{account}": frozenset({OWNER}),
    "/accountability/register": frozenset({"compliance"}),
    "/api/v1/accountability/{account}": frozenset({"compliance", "monitor"}),
    "/tasks/{statement_task}": frozenset({OWNER, "compliance"}),
    "/api/v1/tasks/{statement_task}": frozenset({OWNER, "compliance"}),
    "/api/v1/tasks/{statement_task}/form": frozenset({OWNER}),
    "/api/v1/tasks/{statement_task}/comments": frozenset({OWNER, "compliance"}),
    "/tasks/{facts_task}": frozenset({"compliance", "monitor"}),
    "/trail/{account_instance}": frozenset({"compliance"}),
    "/trail/{account_instance}/verify": frozenset({"compliance"}),
    "/trail/{account_instance}/diagram/accountability": frozenset({"compliance"}),
    "/trail/{account_instance}/picture/accountability": frozenset({"compliance"}),
    "/api/v1/instances/{account_instance}": frozenset({"compliance"}),
    "/api/v1/instances/{account_instance}/history": frozenset({"compliance"}),
    "/operations/instances/{account_instance}": frozenset(),
    # What its investigator handed in: for the parties, and for the person concerned what is meant for them.
    "/api/v1/documents/{evidence}": frozenset({"compliance", "monitor"}),
    "/api/v1/documents/{evidence}/content": frozenset({"compliance", "monitor"}),
    "/api/v1/documents/{evidence_shown}": frozenset({"compliance", "monitor", OWNER}),
    "/api/v1/documents/{evidence_shown}/content": frozenset({"compliance", "monitor", OWNER}),
}
# Where an accountability file could show up beside its own pages.
LISTS = (
    "/tasks?tab=all",
    "/tasks?tab=group",
    "/api/v1/tasks?limit=200",
    "/api/v1/tasks?group=compliance",
    "/api/v1/tasks?assignee=handler",
    "/api/v1/tasks?sort=priority",
    "/api/v1/tasks?sort=step,created&process_id=accountability",
    "/api/v1/tasks?text=statement",
    "/api/v1/tasks?instance_id={account_instance}",
    "/api/v1/tasks?state=completed",
    "/api/v1/instances?limit=200",
    "/api/v1/instances?business_key={account}",
    "/api/v1/instances?process_id=accountability",
    "/trail",
    "/team",
    "/quality",
    "/accountability",
    "/api/v1/accountability",
    "/my-matters",
    "/notices",
    "/reports",
    "/complaints/{taken}",
    "/metrics",
)
MACHINERY = (
    "/operations",
    "/operations?tab=timers",
    "/operations?tab=incidents",
    "/operations?tab=jobs",
    "/operations?tab=instances",
)
PARTIES = frozenset({OWNER, "monitor", "compliance"})
CHARGE = "CANARY-CHARGE"
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
    made = handlers_rows(engine, app)
    made |= _accounted(engine, made["taken"])
    run_until_quiet(engine.runtime)
    return made


def _accounted(engine: Redress, no: str) -> dict[str, str]:
    """An accountability file about the handler of a case, up to the open hearing."""
    file = open_by_hand(engine.runtime, actor(engine, "compliance"), no, reason=CHARGE)
    parties = {"decider": "management", "co_decider": "management2", "appeal_decider": "management3"}
    charged = {"person": OWNER, "investigator": "monitor", "charge": CHARGE, **parties}
    do(engine, open_tasks_of(engine, file.no)[0], "compliance", **charged)
    facts = open_tasks_of(engine, file.no)[0]
    handed_in = {name: _handed_in(engine) for name in ("evidence", "evidence_shown")}
    shown = {"evidence_files": [handed_in["evidence"]], "evidence_shown": [handed_in["evidence_shown"]]}
    do(engine, facts, "monitor", evidence_list=CHARGE, **shown)
    (statement,) = open_tasks_of(engine, file.no)
    ids = {"statement_task": statement.id, "facts_task": facts.id, "account_instance": file.instance_id}
    return {"account": file.no, **ids, **handed_in}


def _handed_in(engine: Redress) -> str:
    with engine.sessions.step() as session:
        content = io.BytesIO(CHARGE.encode())
        return store_document(
            session, engine.vault, content, f"{CHARGE}.txt", "text/plain", actor(engine, "monitor")
        ).id


def test_everybody_sees_exactly_the_rows_of_the_table(
    engine: Redress, app: Flask, rows: dict[str, str]
) -> None:
    client = app.test_client()
    wrong = []
    for name in sorted(PEOPLE):
        headers = bearer(engine, name)
        for path, people in SEEN.items():
            with client.get(path.format(**rows), headers=headers) as answer:
                status = answer.status_code
            if (status == 200) != (name in people) or status not in (200, 403, 404):
                wrong.append((name, path, status))
    assert wrong == []


def test_a_colleague_of_the_same_role_changes_nothing_of_it(
    engine: Redress, app: Flask, rows: dict[str, str]
) -> None:
    client, headers = app.test_client(), bearer(engine, COLLEAGUE)
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
    answer = client.post(path, headers=bearer(engine, COLLEAGUE))
    assert answer.status_code in (403, 404)
    with engine.sessions.read() as session:
        assert [view["id"] for view in views(session, actor(engine, OWNER))] == [rows["view"]]
        assert views(session, actor(engine, COLLEAGUE)) == []


def test_an_accountability_file_shows_up_in_no_list_of_who_is_no_party(
    engine: Redress, app: Flask, rows: dict[str, str]
) -> None:
    client = app.test_client()
    named = ("account", "account_instance", "statement_task", "facts_task", "evidence", "evidence_shown")
    marks = [rows[name] for name in named]
    wrong = []
    for name in sorted(PEOPLE - PARTIES):
        headers = bearer(engine, name)
        for path in (*LISTS, *MACHINERY):
            with client.get(path.format(**rows), headers=headers) as answer:
                text = answer.get_data(as_text=True)
            told = [mark for mark in [*marks, CHARGE] if mark in text]
            if path in MACHINERY and name in TECHNICAL | {"auditor"}:
                told = [mark for mark in told if mark != rows["account_instance"]]
            wrong += [(name, path, mark) for mark in told]
    assert wrong == []
    with client.get("/api/v1/tasks?limit=200", headers=bearer(engine, "compliance")) as answer:
        assert rows["statement_task"] in answer.get_data(as_text=True), "the lists do show something"


def test_nobody_else_acts_on_an_accountability_file_nor_hands_it_on(
    engine: Redress, app: Flask, rows: dict[str, str]
) -> None:
    client, wrong = app.test_client(), []
    task, instance = "/api/v1/tasks/{statement_task}", "/api/v1/instances/{account_instance}"
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("supervisor", f"{task}/assign", {"username": "handler2"}),
        ("admin", f"{task}/assign", {"username": "compliance"}),
        ("supervisor", f"{task}/release", {}),
        (OWNER, f"{task}/release", {}),
        (OWNER, f"{task}/delegate", {"username": COLLEAGUE}),
        (OWNER, f"{task}/comments", {"text": "x"}),
        ("compliance", f"{task}/comments", {"text": "x"}),
        ("compliance", f"{task}/complete", {"variables": {}}),
        ("management", f"{task}/complete", {"variables": {}}),
        *(
            (person, f"{instance}/{verb}", {"reason": "x", **more})
            for person in ("admin", "owner")
            for verb, more in (
                ("cancel", {}),
                ("suspend", {}),
                ("variables", {"variables": {"seen": False}}),
                ("move", {"from": "give-statement", "to": "decide-matter"}),
            )
        ),
    ]
    for name, path, body in calls:
        answer = client.post(path.format(**rows), headers=bearer(engine, name), json=body)
        if answer.status_code not in (403, 404):
            wrong.append((name, path, answer.status_code))
    assert wrong == []
    (open_task,) = open_tasks_of(engine, rows["account"])
    assert (open_task.id, open_task.assignee) == (rows["statement_task"], OWNER)
