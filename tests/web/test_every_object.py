"""Every address that takes an object, walked by every role in every state of the object.

The doors of the routes are in test_access; here whoever gets past a door stands before somebody else's row.
Files that only their parties see are in test_objects.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from engine.assembly import Redress
from engine.jobs.passes import run_until_quiet
from engine.quality.improvement.measures import propose_measure
from engine.quality.kinds import FINDING
from engine.quality.opening import open_file
from tests.driving import drive
from tests.web.rows import COLLEAGUE, OWNER, PEOPLE, TECHNICAL, about, bearer, handlers_rows, upload
from tests.world import actor, register
from web.access import declared

OVERSIGHT = frozenset({"supervisor", "management", "monitor", "compliance", "analyst", "auditor"})
AGENTS = frozenset({"agent", "agent2"})

# Every address that takes an object, by the kind of object. What is asked of `ROWS` depends on the row and is
# walked below, by every role in every state; a new address fails the first test until it stands here.
CASE_ADDRESSES = (
    *(
        "/complaints/<no>",
        "/complaints/<no>/dates",
        "/complaints/<no>/letters",
        "/complaints/<no>/letters/keep",
    ),
    *(
        f"/complaints/<no>/{verb}"
        for verb in ("contacts", "erase", "exclusions", "extend", "new-facts", "regrade")
    ),
    *(f"/complaints/<no>/{verb}" for verb in ("presence", "reveal", "review", "withdraw")),
    *("/api/v1/complaints/<no>", "/api/v1/complaints/<no>/contacts", "/api/v1/complaints/<no>/deadlines"),
    *(
        f"/api/v1/complaints/<no>/{verb}"
        for verb in ("erase", "exclusions", "extend", "new-facts", "regrade")
    ),
    *(f"/api/v1/complaints/<no>/{verb}" for verb in ("review", "withdraw")),
)
TASK_ADDRESSES = (
    *("/tasks/<task_id>", "/api/v1/tasks/<task_id>", "/api/v1/tasks/<task_id>/form"),
    *("/api/v1/tasks/<task_id>/comments", "/api/v1/tasks/<task_id>/draft"),
    *(f"/tasks/<task_id>/{verb}" for verb in ("assign", "claim", "comments", "complete", "plan", "release")),
    *(f"/tasks/<task_id>/{verb}" for verb in ("presence", "quick", "reveal", "undo")),
    *(
        f"/api/v1/tasks/<task_id>/{verb}"
        for verb in ("assign", "claim", "complete", "delegate", "plan", "release")
    ),
    *("/api/v1/tasks/<task_id>/undo", "/api/v1/tasks/<task_id>/quick-actions/<action_id>"),
)
ROWS: dict[str, tuple[str, ...]] = {
    "case": CASE_ADDRESSES,
    "task": TASK_ADDRESSES,
    "instance": (
        *("/trail/<instance_id>", "/trail/<instance_id>/diagram/<process_id>", "/trail/<instance_id>/verify"),
        *("/trail/<instance_id>/picture/<process_id>", "/operations/instances/<instance_id>"),
        *("/api/v1/instances/<instance_id>", "/api/v1/instances/<instance_id>/history"),
    ),
    "document": ("/api/v1/documents/<document_id>", "/api/v1/documents/<document_id>/content"),
    "archive": ("/archive/<no>",),
    "finding": ("/findings/<no>",),
    "measure": ("/improvement/<no>", "/api/v1/improvements/<no>"),
    "absence": (
        *("/me/absences/<absence_id>/end", "/team/absences/<absence_id>/end"),
        "/api/v1/absences/<absence_id>/end",
    ),
    "view": ("/tasks/views/<view_id>/delete",),
    "quick action": (*("/tasks/shortcuts/actions/<action_id>/delete", "/api/v1/quick-actions/<action_id>"),),
    "text module": ("/tasks/shortcuts/texts/<module_id>/delete", "/api/v1/text-modules/<module_id>"),
}
# Whoever gets past the door of these may see and do it with every row of their kind.
BY_THE_DOOR = (
    *(f"/archive/<no>/{verb}" for verb in ("dispose", "export", "hold", "holds/<hold_id>/lift", "propose")),
    *(f"/operations/incidents/<incident_id>/{verb}" for verb in ("resolve", "retry")),
    *(f"/api/v1/incidents/<incident_id>/{verb}" for verb in ("resolve", "retry")),
    *(
        "/operations/instances/<instance_id>/<verb>",
        "/operations/timers/<timer_id>",
        "/api/v1/timers/<timer_id>",
    ),
    *("/operations/migrations/<migration_id>", "/operations/migrations/<migration_id>/stop"),
    *("/api/v1/migrations/<migration_id>", "/api/v1/migrations/<migration_id>/stop"),
    *(
        f"/api/v1/instances/<instance_id>/{verb}"
        for verb in ("cancel", "move", "resume", "suspend", "variables")
    ),
    *(f"/api/v1/instances/<instance_id>/{verb}" for verb in ("migrate", "migrate/preview")),
    *(f"/api/v1/jobs/<job_id>/{verb}" for verb in ("complete", "error", "extend", "fail")),
    *(
        "/models/<definition_id>",
        "/models/<definition_id>/diagram",
        "/models/bundles/<bundle_id>/<path:path>",
    ),
    *("/policy/settings/<name>", "/api/v1/parameters/<name>"),
    *("/admin/people/<username>", "/admin/people/<username>/<verb>", "/admin/people/<username>/skills"),
    "/api/v1/people/<username>/skills",
    *("/policy/partners/<partner_id>", "/policy/partners/<partner_id>/names"),
    *("/api/v1/partners/<partner_id>", "/api/v1/partners/<partner_id>/names"),
    *("/channels/hotline/calls/<call_id>", "/channels/hotline/shifts/<shift_id>/drop"),
    *("/api/v1/channels/hotline/calls/<call_id>/link", "/api/v1/channels/hotline/shifts/<shift_id>/drop"),
    "/api/v1/channels/chats/<chat_id>/convert",
    *("/channels/chats/<chat_id>", "/channels/mail/<mail_id>", "/channels/mail/<mail_id>/original"),
    "/reports/leaks/<leak_id>",
    *(
        "/reports/figures/<name>",
        "/reports/records/<name>",
        "/reports/frozen/<period>",
        "/reports/frozen/<period>/cases/<name>",
    ),
    *("/second-coding/<sample_id>", "/second-coding/<sample_id>/close"),
    *("/api/v1/second-codings/<sample_id>", "/api/v1/second-codings/<sample_id>/close"),
    *("/api/v1/figures/<name>", "/api/v1/figures/<name>/cases", "/api/v1/frozen-figures/<period>"),
    *("/training/people/<username>", "/api/v1/training/people/<username>"),
    *("/regulator/<no>", "/regulator/<no>/attempts/<attempt>.csv", "/regulator/<no>/attempts/<attempt>.xlsx"),
    *(
        "/regulator/<no>/correct",
        "/regulator/<no>/pack",
        "/api/v1/regulator/<no>",
        "/api/v1/regulator/<no>/correct",
    ),
    *("/api/v1/regulator/<no>/attempts", "/api/v1/regulator/<no>/attempts/<attempt>"),
    *("/api/v1/regulator/<no>/pack", "/api/v1/regulator/<no>/attempts/<attempt>/workbook"),
    *(f"/reports/analyses/<no>{rest}" for rest in ("", "/cases/<name>", "/measures", "/pdf", "/xlsx")),
    *("/api/v1/reports/<no>/measures", "/supervision/<no>", "/api/v1/inspections/<no>"),
    *("/api/v1/inspections/<no>/sample", "/publicity/<no>", "/api/v1/publications/<no>"),
)
# One's own alone, shown by a secret in the address, walked in test_objects, or read as a finding is; which
# cases one may code a second time is asked in tests/quality/test_second_coding.py.
OWN = (
    *("/second-coding/<sample_id>/<place>", "/second-coding/<sample_id>/<place>/read"),
    *(f"/api/v1/second-codings/<sample_id>/<place>{rest}" for rest in ("", "/read")),
    *(
        "/account/passkeys/<passkey_id>/remove",
        "/me/devices/<device>/remove",
        "/reports/frozen/<period>/sheet",
    ),
    *(f"/api/v1/frozen-figures/<period>/{rest}" for rest in ("contests", "mine", "sheet")),
    *("/account/sessions/<log_in>/end", "/admin/people/<username>/log-ins/<log_in>/end"),
    *("/unsent/<unsent_id>", "/unsent/<unsent_id>/discard"),
    *("/complaints/new/drafts/<draft_id>", "/complaints/new/drafts/<draft_id>/discard"),
    *("/survey/<token>", "/static/<path:filename>", "/checks/<no>", "/contests/<no>"),
    *(
        "/accountability/<no>",
        "/accountability/<no>/party",
        "/api/v1/accountability/<no>",
        "/my-matters/<no>",
    ),
)

# Kind -> the row, in each state -> who sees it. `taken` waits with the handler, a step of the handlers';
# `beyond` has gone on to the supervisor. What is about somebody is not theirs to see, whatever their role
# (Art. 17): `accusing` is about the colleague, `above` about the supervisor, both wait for the handlers;
# `archived`, which has ended, is about the head of complaint management.
SEEN: dict[str, dict[str, frozenset[str]]] = {
    "case": {
        "taken": OVERSIGHT | AGENTS | {OWNER, COLLEAGUE},
        "beyond": OVERSIGHT | AGENTS | {OWNER},
        "archived": (OVERSIGHT - {"analyst"}) | AGENTS | {OWNER},
        "accusing": OVERSIGHT | AGENTS | {OWNER},
        "above": (OVERSIGHT - {"supervisor"}) | AGENTS | {OWNER, COLLEAGUE},
    },
    "task": {
        "taken_task": OVERSIGHT | TECHNICAL | {OWNER, COLLEAGUE},
        "done_task": OVERSIGHT | TECHNICAL | {OWNER},
        "beyond_task": OVERSIGHT | TECHNICAL,
        "accusing_task": OVERSIGHT | TECHNICAL | {OWNER},
        "above_task": (OVERSIGHT - {"supervisor"}) | TECHNICAL | {OWNER, COLLEAGUE},
    },
    "instance": {
        "taken_instance": OVERSIGHT | TECHNICAL | {OWNER, COLLEAGUE, "agent"},
        "beyond_instance": OVERSIGHT | TECHNICAL | {OWNER, "agent"},
        "accusing_instance": OVERSIGHT | TECHNICAL | {OWNER, "agent"},
        "above_instance": (OVERSIGHT - {"supervisor"}) | TECHNICAL | {OWNER, COLLEAGUE, "agent"},
    },
    "document": {
        "document": OVERSIGHT | AGENTS | {OWNER, COLLEAGUE},
        "beyond_document": OVERSIGHT | AGENTS | {OWNER},
        "accusing_document": OVERSIGHT | AGENTS | {OWNER},
    },
    "archive": {"archived": OVERSIGHT - {"analyst"}},
    "finding": {"above_finding": (OVERSIGHT - {"supervisor"}) | {COLLEAGUE}},
    "measure": {"measure": OVERSIGHT},
    "absence": {"absence": frozenset({OWNER, "supervisor", "management", "admin"})},
    "view": {"view": frozenset({OWNER})},
    "quick action": {"quick": frozenset({OWNER})},
    "text module": {"module": frozenset({OWNER})},
}
# A form is read by who may work on the task or sees them all. Once it has ended nobody reads it: who sees all
# tasks is told so (409), the others as before that it is not theirs.
FORM = "/api/v1/tasks/<task_id>/form"
NARROWER: dict[tuple[str, str], frozenset[str]] = {
    (FORM, "taken_task"): OVERSIGHT | TECHNICAL | {OWNER},
    (FORM, "done_task"): frozenset(),
}
ENDED: dict[tuple[str, str], frozenset[str]] = {(FORM, "done_task"): OVERSIGHT | TECHNICAL}
REASON = {"reason": "x"}
CONTACT = {"direction": "out", "channel": "phone", "summary": "x"}
# What a verb is sent that would do for who may see the row; `{}` where nothing is needed.
SENT: dict[str, Any] = {
    "contacts": CONTACT,
    "regrade": {"grade": 1, **REASON},
    "extend": {"new_date": "2026-03-20", **REASON},
    "withdraw": REASON,
    "review": REASON,
    "erase": REASON,
    "exclusions": {
        "reason": "appraisal",
        "from": "2026-03-02",
        "until": "2026-03-03",
        "told_at": "2026-03-02T01:00:00Z",
        "explanation": "x",
    },
    "new-facts": {"received_on": "2026-03-02", "explanation": "x"},
    "reveal": {"purpose": "handling"},
    "letters": {"letter": "letter-result", "language": "en"},
    "keep": {"letter": "letter-result", "language": "en"},
    "delegate": {"username": OWNER},
    "assign": {"username": OWNER},
    "comments": {"text": "x"},
    "plan": {"priority": 70},
    "complete": {"variables": {}},
    "draft": {"variables": {}},
}


@pytest.fixture
def rows(engine: Redress, app: Flask) -> dict[str, str]:
    """Rows that belong to the handler, by the names that the tables use."""
    made = handlers_rows(engine, app)
    made["archived"] = register(engine, grade=3, accused="analyst").complaint_no
    made |= about(engine, "above", "supervisor")
    made["accusing_document"] = upload(engine, app, made["accusing"])
    drive(engine, made["archived"])
    run_until_quiet(engine.runtime)
    made["measure"] = propose_measure(engine.runtime, actor(engine, "supervisor"), "x").no
    with engine.sessions.step() as session:
        made["above_finding"] = open_file(
            engine.runtime,
            session,
            actor(engine, "monitor"),
            FINDING,
            complaint_no=made["above"],
            owner=COLLEAGUE,
        ).no
    return made


def addresses(app: Flask) -> dict[str, set[str]]:
    """Every address that takes an object, with its methods."""
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if rule.arguments:
            found.setdefault(rule.rule, set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    return found


def past_the_door(app: Flask, engine: Redress, rule: str, method: str) -> set[str]:
    """Who may call an address at all, as its view declares."""
    all_rules = app.url_map.iter_rules()
    endpoint = next(
        each.endpoint for each in all_rules if each.rule == rule and method in (each.methods or ())
    )
    access = declared(app, endpoint, method)
    assert access is not None
    return {
        name for name in PEOPLE if access.permission is None or actor(engine, name).may(access.permission)
    }


def filled(rule: str, row: str) -> str:
    """The address of a row."""
    return re.sub(r"<[^>]+>", row, re.sub("<process_id>", "complaint", rule))


def test_every_role_sees_exactly_the_rows_of_the_table_in_every_state(
    engine: Redress, app: Flask, rows: dict[str, str]
) -> None:
    client, headers = app.test_client(), {name: bearer(engine, name) for name in sorted(PEOPLE)}
    wrong = []
    for kind, rule in ((kind, rule) for kind, several in ROWS.items() for rule in several):
        if "GET" not in addresses(app)[rule]:
            continue
        door = past_the_door(app, engine, rule, "GET")
        for state, people in SEEN[kind].items():
            see = NARROWER.get((rule, state), people) & door
            for name in sorted(door):
                with client.get(filled(rule, rows[state]), headers=headers[name]) as answer:
                    status = answer.status_code
                ended = ENDED.get((rule, state), frozenset())
                expected = {200} if name in see else {409} if name in ended else {403, 404}
                if status not in expected:
                    wrong.append((rule, state, name, status))
    assert wrong == []


def test_a_refusal_tells_nothing_of_a_task_that_one_may_not_see(
    engine: Redress, app: Flask, rows: dict[str, str]
) -> None:
    client, wrong, tried = app.test_client(), [], 0
    headers = {name: bearer(engine, name) for name in ("agent", "handler2", "supervisor")}
    unseen = {
        "agent": ("taken", "beyond", "done"),
        "handler2": ("accusing", "beyond"),
        "supervisor": ("above",),
    }
    for rule in (rule for rule in ROWS["task"] if rule.startswith("/api/")):
        for method in sorted(addresses(app)[rule]):
            given = {"json": SENT.get(rule.rpartition("/")[2], {})}
            for name, states in unseen.items():
                told = [
                    client.open(filled(rule, row), method=method, headers=headers[name], **given)
                    for row in ("0" * 32, *(rows[f"{state}_task"] for state in states))
                ]
                tried += len(told)
                wrong += [(method, rule, name, each.json) for each in told if each.data != told[0].data]
    assert wrong == []
    assert tried > 60


def test_nobody_changes_a_row_that_they_may_not_see(
    engine: Redress, app: Flask, rows: dict[str, str]
) -> None:
    client, headers = app.test_client(), {name: bearer(engine, name) for name in sorted(PEOPLE)}
    wrong, tried = [], 0
    for kind, rule in ((kind, rule) for kind, several in ROWS.items() for rule in several):
        for method in sorted(addresses(app)[rule] - {"GET"}):
            door = past_the_door(app, engine, rule, method)
            body = SENT.get(rule.rpartition("/")[2], {})
            given = {"json" if rule.startswith("/api/") else "data": body}
            for state, people in SEEN[kind].items():
                for name in sorted(door - people):
                    tried += 1
                    answer = client.open(
                        filled(rule, rows[state]), method=method, headers=headers[name], **given
                    )
                    if answer.status_code not in (403, 404, 409):
                        wrong.append((method, rule, state, name, answer.status_code))
    assert wrong == []
    assert tried > 100
