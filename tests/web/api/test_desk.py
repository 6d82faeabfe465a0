"""What people do with tasks beside completing them, through the API."""

from __future__ import annotations

from datetime import timedelta

from engine import clock
from tests.web.api.conftest import Calling


def test_a_task_is_planned_commented_drafted_and_a_claim_undone(calling: Calling, task_id: str) -> None:
    caller = calling("handler")
    planned = caller.do(f"/tasks/{task_id}/plan", {"priority": 70, "follow_up_at": "2026-03-04T01:00:00Z"})
    assert (planned["priority"], planned["follow_up_at"]) == (70, "2026-03-04T01:00:00Z")
    assert [task["id"] for task in caller.tasks(put_off="true")] == [task_id]
    made = caller.do(f"/tasks/{task_id}/comments", {"text": "ring 13912345678 back"}, key="k")
    assert caller.do(f"/tasks/{task_id}/comments", {"text": "ring 13912345678 back"}, key="k") == made
    (said,) = caller.read(f"/tasks/{task_id}/comments")["items"]
    assert (said["id"], said["text"]) == (made["comment_id"], "ring 139****5678 back")
    caller.do(f"/tasks/{task_id}/claim")
    assert caller.do(f"/tasks/{task_id}/undo") == {"undone": "task.claimed"}
    assert caller.post(f"/tasks/{task_id}/undo").status_code == 409


def test_a_task_is_not_put_off_to_an_instant_that_no_page_could_show(calling: Calling, task_id: str) -> None:
    caller = calling("handler")
    for at in ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"):
        many = {"ids": [task_id], "action": "follow-up", "follow_up_at": at}
        for path, body in ((f"/tasks/{task_id}/plan", {"follow_up_at": at}), ("/tasks/bulk", many)):
            answer = caller.post(path, body)
            assert (answer.status_code, list(answer.json["errors"])) == (422, ["follow_up_at"])
    assert caller.read(f"/tasks/{task_id}")["follow_up_at"] is None


def test_many_tasks_are_answered_one_by_one(calling: Calling, task_id: str) -> None:
    caller = calling("handler")
    answer = caller.do("/tasks/bulk", {"ids": [task_id, "missing"], "action": "claim"})
    assert [(each["id"], each["done"]) for each in answer["results"]] == [(task_id, True), ("missing", False)]
    assert caller.post("/tasks/bulk", {"ids": [task_id], "action": "assign"}).status_code == 422
    answer = calling("handler", "zh-Hans").do("/tasks/bulk", {"ids": ["missing"], "action": "claim"})
    assert answer["results"][0]["detail"] == "没有此任务"


def test_a_substitute_does_the_tasks_of_who_is_away_and_history_names_both(
    calling: Calling, task_id: str
) -> None:
    away, other, above = calling("handler"), calling("handler2"), calling("supervisor")
    away.do(f"/tasks/{task_id}/claim")
    assert other.post(f"/tasks/{task_id}/complete", {"variables": {}}).status_code in (403, 404)
    body = {"substitute": "handler2", "begins_at": stamp(-1), "ends_at": stamp(48)}
    assert calling("agent").post("/absences", {**body, "username": "handler"}).status_code == 403
    made = away.do("/absences", body)["absence_id"]
    assert above.post("/absences", {**body, "username": "handler"}).status_code == 409
    assert "ends_at" in away.post("/absences", {**body, "ends_at": stamp(-2)}).json["errors"]
    seen = {name: calling(name).read("/absences")["items"] for name in ("handler", "handler2", "agent")}
    assert [(each["username"], each["substitute"], each["can_end"]) for each in seen["handler"]] == [
        ("handler", "handler2", True)
    ]
    assert ([each["can_end"] for each in seen["handler2"]], seen["agent"]) == ([False], [])
    instance_id = other.read(f"/tasks/{task_id}")["instance_id"]
    other.complete(task_id)
    rows = calling("auditor").read(f"/instances/{instance_id}/history", limit=200)["items"]
    (done,) = [row for row in rows if row["kind"] == "task.completed" and row["actor"] == "handler2"]
    assert done["data"]["for"] == "handler"
    assert other.post(f"/absences/{made}/end").status_code == 403
    assert above.post(f"/absences/{made}/end").status_code == 204
    assert calling("admin").read("/absences")["items"] == []


def stamp(hours: float) -> str:
    """An instant so many hours from now, as the API takes it."""
    return (clock.now() + timedelta(hours=hours)).isoformat()
