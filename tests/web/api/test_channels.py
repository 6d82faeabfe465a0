"""Hotline, chats and mailboxes for programs: the same rows as the pages, the same permissions."""

from __future__ import annotations

from dataclasses import replace

from engine.assembly import Redress
from engine.cases.incoming.chats import Transcript, Turn, take_chat
from engine.cases.incoming.hotline import take_call
from tests.web.api.conftest import API, Calling
from tests.world import MONDAY, register

NINE, TEN = "2026-03-02T01:00:00Z", "2026-03-02T02:00:00Z"
SPAN = {"begins_at": NINE, "ends_at": TEN, "offered": 10, "answered": 8, "abandoned": 1, "wait_s": 160}


def test_the_roster_and_the_figures_of_the_hotline_are_kept(calling: Calling, engine: Redress) -> None:
    supervisor, agent = calling("supervisor"), calling("agent")
    shift = {"person": "agent2", "begins_at": NINE, "ends_at": TEN}
    assert agent.post("/channels/hotline/shifts", shift).status_code == 403
    made = supervisor.post("/channels/hotline/shifts", shift | {"weeks": 2})
    assert made.status_code == 201
    assert supervisor.post("/channels/hotline/shifts", shift | {"person": "handler"}).status_code == 422
    seen = agent.read("/channels/hotline/shifts", begins_at=NINE, ends_at="2026-03-02T03:00:00Z")
    assert [each["id"] for each in seen["items"]] == [made.json["id"]]
    assert seen["gaps"] == [{"begins_at": TEN, "ends_at": "2026-03-02T03:00:00Z"}]
    assert agent.get("/channels/hotline/shifts", begins_at=TEN, ends_at=NINE).status_code == 422
    assert supervisor.post(f"/channels/hotline/shifts/{made.json['id']}/drop").status_code == 204
    assert supervisor.post(f"/channels/hotline/shifts/{made.json['id']}/drop").status_code == 404

    assert agent.read("/channels/hotline/figures")["percent"] is None
    figures = supervisor.do("/channels/hotline/figures", {"spans": [SPAN]})
    assert figures == {"offered": 10, "answered": 8, "abandoned": 1, "percent": 80, "wait_s": 20}
    wrong = supervisor.post("/channels/hotline/figures", {"spans": [SPAN | {"offered": 1}]})
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["spans.0.offered"])

    with engine.sessions.step() as session:
        call = {"id": "K-1", "at": MONDAY, "answered": True, "wait_s": 5, "is_complaint": True}
        take_call(session, call | {"recording": None})
    assert [each["id"] for each in agent.read("/channels/hotline/calls")["items"]] == ["K-1"]
    no = register(engine).complaint_no
    assert agent.post("/channels/hotline/calls/K-1/link", {"complaint_no": no}).status_code == 204
    assert agent.read("/channels/hotline/calls") == {"items": []}


def test_chats_tell_how_quickly_they_were_answered_and_become_complaints(
    calling: Calling, engine: Redress
) -> None:
    agent = calling("agent")
    turns = (Turn(MONDAY, "customer", "重複扣款CANARY"), Turn(MONDAY, "agent", "您好"))
    customer = {"name": "王小明CANARY", "phone": "13912345678"}
    with engine.sessions.step() as session:
        take_chat(
            engine.runtime, engine.vault, session, Transcript("C-1", MONDAY, MONDAY, False, turns, customer)
        )
    answer = agent.get("/channels/chats")
    assert "CANARY" not in answer.get_data(as_text=True)
    assert [(each["id"], each["first_response_s"]) for each in answer.json["items"]] == [("C-1", 0)]
    assert agent.read("/channels/chats/figures") == {
        "chats": 1, "unanswered": 0, "to_call": 0, "half": 0, "most": 0,
    }  # fmt: skip
    assert calling("auditor").post("/channels/chats/C-1/convert").status_code == 403
    made = agent.post("/channels/chats/C-1/convert")
    assert (made.status_code, agent.read(f"/complaints/{made.json['complaint_no']}")["channel"]) == (
        201,
        "chat",
    )
    assert agent.post("/channels/chats/C-1/convert").status_code == 409


def test_mailboxes_their_keepers_and_what_came_out_when_they_were_compared(
    calling: Calling, engine: Redress
) -> None:
    supervisor, agent = calling("supervisor"), calling("agent")
    keepers = {"keeper": "agent", "deputy": "agent2"}

    def entrust(**changes: str) -> int:
        path = f"{API}/channels/mailboxes/keepers"
        return supervisor.client.put(path, headers=supervisor.headers, json=keepers | changes).status_code

    assert (entrust(), entrust(deputy="agent")) == (200, 422)
    seen = agent.read("/channels/mailboxes")
    assert {name: seen[name] for name in keepers} == keepers
    assert (seen["items"], seen["checks"], seen["days_without_check"]) == ([], [], [])
    assert agent.post("/channels/mailboxes/reconcile").status_code == 403
    assert supervisor.post("/channels/mailboxes/reconcile").status_code == 422
    away = "imap://user:secret@127.0.0.1:9/INBOX"
    engine.config = engine.runtime.config = replace(engine.config, imap_urls=(away,))
    made = supervisor.post("/channels/mailboxes/reconcile")
    assert made.status_code == 201
    (row,) = agent.read("/channels/mailboxes/reconciliations")["items"]
    assert (row["lost"], row["by"], made.json["items"]) == (None, "supervisor", [row])
    assert "secret" not in row["error"]
