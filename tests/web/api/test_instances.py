"""Instances, their trail, messages, signals, and jobs for workers outside."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import update

from engine import clock
from engine.assembly import Redress
from engine.audit.verify import verify
from engine.store.tables.runtime import Instance
from tests.web.api.conftest import Calling, drive
from tests.web.api.drawings import PRINT, letters
from tests.world import register


@pytest.fixture
def letter(calling: Calling) -> str:
    """An instance that waits for a worker to print a letter."""
    data = {"files": (BytesIO(letters()), "letters.bpmn")}
    answer = calling("owner").post("/deployments", data=data, content_type="multipart/form-data")
    assert answer.status_code == 201, answer.json
    body = {"process_id": "letters", "variables": {"letter": "L-1", "pages": 2.5}, "business_key": "desk"}
    return str(calling("owner").do("/instances", body)["instance_id"])


def activate(calling: Calling, worker: str = "w1", **options: Any) -> list[dict[str, Any]]:
    body = {"type": PRINT, "max": 10, "timeout_s": 60, "worker": worker} | options
    return list(calling("owner").do("/jobs/activate", body)["items"])


def test_an_instance_shows_what_it_knows_and_waits_for(calling: Calling, letter: str) -> None:
    found = calling("owner").read(f"/instances/{letter}")
    assert (found["process_id"], found["state"], found["version"]) == ("letters", "active", 1)
    assert found["variables"] == {"letter": "L-1", "pages": 2.5}
    assert (found["business_key"], found["ended_at"], found["incidents"]) == ("desk", None, [])
    assert found["started_at"].endswith("Z")
    listed = calling("owner").read("/instances", process_id="letters", state="active")["items"]
    assert [row["id"] for row in listed] == [letter]


def test_what_cannot_be_started_says_why(calling: Calling) -> None:
    owner = calling("owner")
    assert owner.post("/instances", {"process_id": "nothing"}).status_code == 404
    assert owner.post("/instances", {"process_id": "complaint", "version": 99}).status_code == 404
    assert owner.post("/instances", {}).json["errors"].keys() == {"process_id"}
    assert owner.get(f"/instances/{'0' * 32}").status_code == 404


def test_the_trail_comes_in_order_page_by_page_and_its_chain_holds(calling: Calling, engine: Redress) -> None:
    registered = register(engine)
    drive(calling, registered.complaint_no)
    rows: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = calling("analyst").read(f"/instances/{registered.instance_id}/history", limit=7, **cursor)
        rows += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(row["prev_hash"] == before["hash"] for before, row in pairwise(rows))
    kinds = {row["kind"] for row in rows}
    assert {
        "instance.started",
        "task.created",
        "task.claimed",
        "task.completed",
        "instance.completed",
    } <= kinds
    with engine.sessions.read() as session:
        assert verify(session, registered.instance_id).holds


def test_an_instance_is_cancelled_with_a_reason(calling: Calling, letter: str) -> None:
    assert calling("owner").post(f"/instances/{letter}/cancel", {}).status_code == 422
    assert calling("owner").do(f"/instances/{letter}/cancel", {"reason": "misprint"}) == {
        "state": "cancelled"
    }
    assert calling("owner").read(f"/instances/{letter}")["state"] == "cancelled"
    assert calling("owner").post(f"/instances/{letter}/cancel", {"reason": "again"}).status_code == 409
    assert activate(calling) == []


def test_a_worker_takes_a_job_ends_it_and_messages_and_signals_carry_on(
    calling: Calling, letter: str
) -> None:
    jobs = activate(calling)
    assert len(jobs) == 1
    assert (jobs[0]["instance_id"], jobs[0]["headers"], jobs[0]["retries"]) == (letter, {"tray": "2"}, 2)
    assert jobs[0]["variables"]["letter"] == "L-1"
    assert activate(calling, "w2") == []
    path = f"/jobs/{jobs[0]['id']}"
    assert calling("owner").post(f"{path}/complete", {"worker": "w2"}).status_code == 409
    body = {"variables": {"sheets": 3}, "worker": "w1"}
    assert calling("owner").do(f"{path}/complete", body, key="j1")["state"] == "done"
    assert calling("owner").do(f"{path}/complete", body, key="j1")["state"] == "done"
    assert calling("owner").post(f"{path}/complete", body).status_code == 409
    assert calling("owner").read(f"/instances/{letter}")["variables"]["sheets"] == 3

    message = {"name": "letter-delivered", "correlation_key": "L-1", "message_id": "m1"}
    missed = calling("owner").do("/messages", message | {"correlation_key": "L-2", "message_id": "m0"})
    assert missed == {"correlated": [], "buffered": False}
    caught = {"correlated": [letter], "buffered": False}
    assert calling("owner").do("/messages", message) == caught
    assert calling("owner").do("/messages", message) == caught
    assert calling("owner").do("/signals", {"name": "closing-time"}) == {
        "correlated": [letter],
        "pending": False,
    }
    assert calling("owner").read(f"/instances/{letter}")["state"] == "completed"


def test_a_signal_passes_over_an_instance_that_is_suspended(
    calling: Calling, engine: Redress, letter: str
) -> None:
    calling("owner").do(f"/jobs/{activate(calling)[0]['id']}/complete", {})
    calling("owner").do("/messages", {"name": "letter-delivered", "correlation_key": "L-1"})
    with engine.sessions.step() as session:
        session.execute(update(Instance).where(Instance.id == letter).values(state="suspended"))
    assert calling("owner").do("/signals", {"name": "closing-time"}) == {"correlated": [], "pending": False}
    with engine.sessions.step() as session:
        session.execute(update(Instance).where(Instance.id == letter).values(state="active"))
    assert calling("owner").do("/signals", {"name": "closing-time"}) == {
        "correlated": [letter],
        "pending": False,
    }


def test_a_job_whose_time_ran_out_may_be_taken_by_another(calling: Calling, letter: str) -> None:
    first = activate(calling, timeout_s=5)[0]
    clock.advance(timedelta(seconds=6))
    second = activate(calling, "w2")[0]
    assert (second["id"], second["worker"]) == (first["id"], "w2")
    assert second["locked_until"].endswith("Z")


def test_a_worker_that_lost_its_lock_is_told_and_one_that_extends_it_keeps_the_job(
    calling: Calling, letter: str
) -> None:
    owner = calling("owner")
    first = activate(calling, timeout_s=5)[0]
    path = f"/jobs/{first['id']}"
    clock.advance(timedelta(seconds=4))
    kept = owner.do(f"{path}/extend", {"timeout_s": 60, "worker": "w1", "lock": first["lock"]})
    assert kept["locked_until"] > first["locked_until"]
    clock.advance(timedelta(seconds=30))
    assert activate(calling, "w2") == []
    clock.advance(timedelta(seconds=31))
    second = activate(calling, timeout_s=60)[0]  # another process under the same name
    assert second["lock"] != first["lock"]
    lost = {"worker": "w1", "lock": first["lock"]}
    for call, body in (
        ("extend", {"timeout_s": 60}),
        ("complete", {}),
        ("fail", {"message": "jam"}),
        ("error", {"code": "no-paper"}),
    ):
        assert owner.post(f"{path}/{call}", body | lost).status_code == 409
    owner.do(f"{path}/complete", {"worker": "w1", "lock": second["lock"]})
    assert owner.post(f"{path}/extend", {"timeout_s": 60}).status_code == 409


def test_a_failing_job_is_tried_again_and_then_an_incident(calling: Calling, letter: str) -> None:
    path = f"/jobs/{activate(calling)[0]['id']}/fail"
    failed = {"message": "jam at 13912345678", "delay_s": 0}
    assert calling("owner").do(path, failed)["retries"] == 1
    assert calling("owner").post(path, failed).status_code == 409
    assert activate(calling)[0]["retries"] == 1
    assert calling("owner").do(path, failed)["retries"] == 0
    assert activate(calling) == []
    incident = calling("owner").read(f"/instances/{letter}")["incidents"][0]
    assert (incident["state"], incident["kind"]) == ("open", "job")
    assert "13912345678" not in incident["message"]


def test_an_error_of_a_job_takes_the_drawn_way(calling: Calling, letter: str) -> None:
    job = activate(calling)[0]["id"]
    assert calling("owner").post(f"/jobs/{job}/error", {"code": "fire"}).status_code == 422
    assert activate(calling) == []  # nothing catches it: no worker is to do the same again
    [incident] = calling("owner").read(f"/instances/{letter}")["incidents"]
    assert "fire" in incident["message"]
    calling("admin").do(f"/incidents/{incident['id']}/retry", {"reason": "the worker is mended"})
    [again] = activate(calling)
    assert again["id"] == job
    calling("owner").do(f"/jobs/{job}/error", {"code": "no-paper", "message": "tray 2"})
    found = calling("agent").tasks(instance_id=letter)
    assert [task["element_id"] for task in found] == ["write"]
    calling("agent").do(f"/tasks/{found[0]['id']}/claim")
    assert calling("agent").complete(found[0]["id"]) == "active"


def test_jobs_of_our_own_are_not_for_workers_outside(calling: Calling) -> None:
    body = {"type": "notify", "worker": "w1"}
    assert calling("owner").post("/jobs/activate", body).status_code == 422
    assert calling("owner").post(f"/jobs/{'0' * 32}/complete", {}).status_code == 404
