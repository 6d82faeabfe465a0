"""What people do with tasks beside completing them, through the API."""

from __future__ import annotations

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


def test_many_tasks_are_answered_one_by_one(calling: Calling, task_id: str) -> None:
    caller = calling("handler")
    answer = caller.do("/tasks/bulk", {"ids": [task_id, "missing"], "action": "claim"})
    assert [(each["id"], each["done"]) for each in answer["results"]] == [(task_id, True), ("missing", False)]
    assert caller.post("/tasks/bulk", {"ids": [task_id], "action": "assign"}).status_code == 422
