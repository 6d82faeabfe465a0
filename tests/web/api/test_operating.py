"""Operators' calls: each with a reason, once under a key, refused with what to do instead."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.jobs.outside import activate_jobs, report_failure
from engine.people.actor import SYSTEM
from engine.runtime.commands import run_migrations
from engine.runtime.incidents import open_incident
from engine.store.tables.runtime import Instance, Timer
from tests.runtime.test_migrating import fork
from tests.runtime.test_operating import put
from tests.web.api.conftest import Calling
from tests.world import register


@pytest.fixture
def instance(engine: Redress) -> str:
    return put(engine)


def test_an_instance_is_suspended_and_resumed_once_under_a_key(calling: Calling, instance: str) -> None:
    owner, path = calling("owner"), f"/instances/{instance}"
    assert owner.post(f"{path}/suspend", {}).json["errors"].keys() == {"reason"}
    for _ in range(2):
        assert owner.do(f"{path}/suspend", {"reason": "why"}, key="s1") == {"state": "suspended"}
    assert owner.post(f"{path}/suspend", {"reason": "why"}).status_code == 409
    found = owner.read(path)
    assert (found["state"], {timer["state"] for timer in found["timers"]}) == ("suspended", {"held"})
    stale = {"reason": "why", "revision": found["revision"] - 1}
    assert owner.post(f"{path}/resume", stale).status_code == 409
    fresh = {"reason": "why", "revision": found["revision"]}
    assert owner.do(f"{path}/resume", fresh) == {"state": "active"}
    kinds = [row["kind"] for row in owner.read(f"{path}/history", limit=200)["items"]]
    assert kinds[-2:] == ["instance.suspended", "instance.resumed"]


def test_a_timer_gets_another_instant_and_the_policys_limit_names_the_right_verb(
    calling: Calling, engine: Redress, instance: str
) -> None:
    owner = calling("owner")
    timer = owner.read(f"/instances/{instance}")["timers"][0]["id"]
    at = (clock.now() + timedelta(days=3)).isoformat()
    assert (
        owner.patch(f"/timers/{timer}", {"due_at": "2026-03-09T09:00:00", "reason": "x"}).status_code == 422
    )
    done = owner.patch(f"/timers/{timer}", {"due_at": at, "reason": "the customer travels"})
    assert (done.status_code, done.json["id"]) == (200, timer)
    made = register(engine)
    with engine.sessions.read() as session:
        limit = session.scalars(
            select(Timer.id).where(Timer.instance_id == made.instance_id, Timer.element_id == "limit-grade-3")
        ).one()
    refused = owner.patch(f"/timers/{limit}", {"due_at": at, "reason": "x"})
    assert refused.status_code == 409
    assert f"POST /complaints/{made.complaint_no}/extend" in refused.json["detail"]


def test_variables_are_set_or_refused_by_name(calling: Calling, instance: str) -> None:
    owner, path = calling("owner"), f"/instances/{instance}/variables"
    assert owner.do(path, {"variables": {"amount": 3}, "reason": "x"})["changed"] == ["amount"]
    refused = owner.post(path, {"variables": {"amount": 3, "name": "y", "other": 1}, "reason": "x"})
    assert (refused.status_code, refused.json["errors"].keys()) == (422, {"name", "other"})
    assert owner.read(f"/instances/{instance}")["variables"]["amount"] == 3


def test_incidents_are_listed_and_retried_one_and_all(
    calling: Calling, engine: Redress, instance: str
) -> None:
    owner = calling("owner")
    for _ in range(2):
        for job in activate_jobs(engine.runtime, "printing", most=9, timeout_s=60, worker="w"):
            report_failure(engine.runtime, SYSTEM, job["id"], "jam", delay_s=0)
    (found,) = owner.read("/incidents", kind="job", process_id="p")["items"]
    assert (found["instance_id"], found["element_id"], found["state"]) == (instance, "print", "open")
    assert owner.read("/incidents", kind="timer")["items"] == []
    done = owner.do(f"/incidents/{found['id']}/retry", {"reason": "paper"}, key="r1")
    assert done == {"id": found["id"], "state": "resolved", "retried": True}
    assert owner.do(f"/incidents/{found['id']}/retry", {"reason": "paper"}, key="r1") == done
    assert owner.post(f"/incidents/{found['id']}/retry", {"reason": "paper"}).status_code == 409
    assert owner.do("/incidents/retry", {"reason": "paper", "process_id": "p"}) == {"retried": 0}
    assert [row["id"] for row in owner.read("/incidents", state="resolved")["items"]] == [found["id"]]


def test_an_incident_is_resolved_with_a_reason_and_nothing_is_tried_again(
    calling: Calling, engine: Redress, instance: str
) -> None:
    owner = calling("owner")
    for _ in range(2):
        for job in activate_jobs(engine.runtime, "printing", most=9, timeout_s=60, worker="w"):
            report_failure(engine.runtime, SYSTEM, job["id"], "jam", delay_s=0)
    (found,) = owner.read("/incidents")["items"]
    path = f"/incidents/{found['id']}/resolve"
    assert owner.post(path, {"reason": " "}).status_code == 422
    done = owner.do(path, {"reason": "sent by fax"}, key="r1")
    assert done == {"id": found["id"], "state": "resolved", "retried": False}
    assert owner.do(path, {"reason": "sent by fax"}, key="r1") == done
    assert owner.post(path, {"reason": "again"}).status_code == 409
    assert activate_jobs(engine.runtime, "printing", most=9, timeout_s=60, worker="w") == []
    (told,) = [
        row["data"]
        for row in owner.read(f"/instances/{instance}/history", limit=200)["items"]
        if row["kind"] == "incident.resolved"
    ]
    assert (told["reason"], told["retried"]) == ("sent by fax", False)
    moved = owner.do(f"/instances/{instance}/move", {"from": "print", "to": "print", "reason": "after all"})
    assert moved == {"state": "active"}
    assert len(activate_jobs(engine.runtime, "printing", most=9, timeout_s=60, worker="w")) == 1


@pytest.mark.parametrize("damage", [b"{}", b"no JSON", None], ids=["format", "text", "shape"])
def test_an_instance_whose_state_is_damaged_tells_what_it_waits_for_and_may_be_cancelled(
    calling: Calling, engine: Redress, instance: str, damage: bytes | None
) -> None:
    owner = calling("owner")
    assert owner.read(f"/instances/{instance}")["unreadable"] is None
    with engine.sessions.step() as session:
        row = session.get_one(Instance, instance)
        row.workflow = damage if damage is not None else row.workflow.replace(b'"top"', b'"tip"')
        open_incident(session, "timer", "0" * 32, instance, "first", "it failed")
        session.flush()
    found = owner.read(f"/instances/{instance}")
    assert (found["state"], found["variables"]) == ("active", {})
    assert [each["message"] for each in found["incidents"]] == ["it failed"]
    assert found["timers"]
    assert "state" in found["unreadable"]
    done = owner.do(f"/instances/{instance}/cancel", {"reason": "no backup has it"}, key="c1")
    assert done == owner.do(f"/instances/{instance}/cancel", {"reason": "no backup has it"}, key="c1")
    found = owner.read(f"/instances/{instance}")
    assert (found["state"], found["open_tasks"], found["timers"]) == ("cancelled", [], [])


def test_a_token_is_moved_and_what_cannot_be_a_target_is_told(calling: Calling, instance: str) -> None:
    owner, path = calling("owner"), f"/instances/{instance}/move"
    refused = owner.post(path, {"from": "work", "to": "s", "reason": "x"})
    assert (refused.status_code, "no flow leads to 's'" in refused.json["detail"]) == (409, True)
    assert owner.post(path, {"to": "work", "reason": "x"}).json["errors"].keys() == {"from"}
    assert owner.do(path, {"from": "work", "to": "work", "reason": "again"}, key="m1") == {"state": "active"}
    assert owner.do(path, {"from": "work", "to": "work", "reason": "again"}, key="m1") == {"state": "active"}
    rows = owner.read(f"/instances/{instance}/history", limit=200)["items"]
    assert [row["data"]["reason"] for row in rows if row["kind"] == "token.moved"] == ["again"]


def test_an_instance_is_migrated_after_a_preview(calling: Calling, engine: Redress) -> None:
    owner, (one, two) = calling("owner"), fork(engine, 1)
    found = owner.do(f"/instances/{two[0]}/migrate/preview", {"reason": "a look"})
    assert (found["can_migrate"], found["version"]) == (False, 2)
    assert [item["element_id"] for item in found["items"] if item["problem"]] == ["b"]
    refused = owner.post(f"/instances/{two[0]}/migrate", {"reason": "x"})
    assert (refused.status_code, "'b' is not in this scope" in refused.json["detail"]) == (409, True)
    wrong = owner.post(f"/instances/{two[0]}/migrate", {"reason": "x", "mapping": {"b": "nothing"}})
    assert (wrong.status_code, wrong.json["errors"].keys()) == (422, {"mapping.b"})
    found = owner.do(f"/instances/{one[0]}/migrate/preview", {"version": 2})
    body = {"reason": "x", "revision": found["revision"]}
    for _ in range(2):
        done = owner.do(f"/instances/{one[0]}/migrate", body, key="g1")
        assert (done["state"], done["version"], done["bundle"]) == ("active", 2, found["bundle"])
    mapped = owner.do(f"/instances/{two[0]}/migrate", {"reason": "x", "mapping": {"b": "c"}})
    assert mapped["version"] == 2


def test_all_instances_of_a_process_are_migrated_and_failures_told(calling: Calling, engine: Redress) -> None:
    owner, (_, lost) = calling("owner"), fork(engine, 3)
    found = owner.do("/migrations/preview", {"process_id": "p"})
    assert (found["instances"], found["fit"], found["problems"][0]["instances"]) == (5, 3, 2)
    body = {"process_id": "p", "reason": "x"}
    made = owner.do("/migrations", body, key="a1")
    assert owner.do("/migrations", body, key="a1")["id"] == made["id"]
    assert (made["state"], made["total"], made["started_by"]) == ("running", 5, "owner")
    run_migrations(engine.runtime)
    done = owner.read(f"/migrations/{made['id']}")
    assert (done["state"], done["migrated"], done["failed"]) == ("done", 3, 2)
    assert {each["instance_id"] for each in done["failures"]} == set(lost)
    assert owner.post(f"/migrations/{made['id']}/stop").status_code == 409
    assert [row["id"] for row in owner.read("/migrations")["items"]] == [made["id"]]
