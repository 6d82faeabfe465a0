"""Task lists, forms, and doing tasks."""

from __future__ import annotations

import pytest

from engine.assembly import Redress
from tests.web.api.conftest import Calling, do_next
from tests.world import register


def test_a_task_says_what_the_list_needs(calling: Calling, engine: Redress) -> None:
    registered = register(engine, received_at="2026-03-02T09:00:00+08:00")
    task = calling("handler").tasks(complaint_no=registered.complaint_no)[0]
    assert task["can_claim"] is True
    assert (task["instance_id"], task["state"]) == (registered.instance_id, "open")
    assert (task["due_at"], task["due_kind"]) == ("2026-03-05T16:00:00Z", "policy")
    assert task["candidate_groups"] == ["handlers"]
    assert {"id", "name", "element_id", "process_id", "assignee", "created_at", "priority", "form_id"} <= set(
        task
    )


def test_names_and_forms_are_in_the_language_asked_for(calling: Calling, task_id: str) -> None:
    names = {
        language: calling("handler", language).read(f"/tasks/{task_id}")["name"]
        for language in ("en", "zh-Hant", "zh-CN", "zh-TW;q=0.5, en-GB")
    }
    assert names["en"] == names["zh-TW;q=0.5, en-GB"]
    assert names["en"].isascii()
    assert len({names["en"], names["zh-Hant"], names["zh-CN"]}) == 3
    labels = {
        language: [
            each.get("label")
            for each in calling("handler", language).read(f"/tasks/{task_id}/form")["schema"]["components"]
        ]
        for language in ("en", "zh-Hant")
    }
    assert labels["en"] != labels["zh-Hant"]


def test_claiming_releasing_assigning_and_delegating_say_who_has_it(calling: Calling, task_id: str) -> None:
    handler, path = calling("handler"), f"/tasks/{task_id}"
    assert handler.do(f"{path}/claim")["assignee"] == "handler"
    assert handler.do(f"{path}/claim")["assignee"] == "handler"
    assert handler.read("/tasks", assignee="me", state="open")["items"][0]["id"] == task_id
    assert calling("handler2").post(f"{path}/claim").status_code == 409
    delegated = handler.do(f"{path}/delegate", {"username": "handler2"})
    assert (delegated["assignee"], delegated["owner"]) == ("handler2", "handler")
    assert calling("handler2").do(f"{path}/release")["assignee"] == "handler"
    assert handler.do(f"{path}/release")["assignee"] is None
    assert calling("supervisor").do(f"{path}/assign", {"username": "handler2"})["assignee"] == "handler2"


def test_what_is_not_ones_own_cannot_be_done(calling: Calling, task_id: str) -> None:
    path = f"/tasks/{task_id}"
    for name, status in (("agent", 404), ("management", 403), ("compliance", 403)):
        assert calling(name).post(f"{path}/claim").status_code == status
        assert calling(name).post(f"{path}/complete", {"variables": {}}).status_code == status
        assert calling(name).post(f"{path}/assign", {"username": name}).status_code == status
    assert calling("agent").get(path).status_code == 404
    calling("handler").do(f"{path}/claim")
    assert calling("handler2").post(f"{path}/complete", {"variables": {}}).status_code == 403
    assert calling("handler2").post(f"{path}/release").status_code == 403
    wrong = calling("handler").post(f"{path}/delegate", {"username": "nobody"})
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["username"])
    assert calling("handler").post(f"{path}/delegate", {"username": "agent"}).status_code == 403


def test_a_task_that_is_not_there_is_404(calling: Calling) -> None:
    for action in ("claim", "release", "complete"):
        assert calling("handler").post(f"/tasks/{'0' * 32}/{action}").status_code == 404
    assert calling("handler").get(f"/tasks/{'0' * 32}").status_code == 404
    assert calling("handler").get(f"/tasks/{'0' * 32}/form").status_code == 404


def test_a_form_refuses_by_field_and_nothing_is_kept(calling: Calling, task_id: str) -> None:
    handler = calling("handler")
    handler.do(f"/tasks/{task_id}/claim")
    refused = handler.post(f"/tasks/{task_id}/complete", {"variables": {}})
    assert refused.status_code == 422
    assert refused.mimetype == "application/problem+json"
    assert {"type", "title", "status", "detail", "errors"} <= set(refused.json)
    required = {
        each["key"]
        for each in handler.read(f"/tasks/{task_id}/form")["schema"]["components"]
        if each.get("validate", {}).get("required")
    }
    assert set(refused.json["errors"]) <= required
    assert refused.json["errors"]
    unknown = handler.post(f"/tasks/{task_id}/complete", {"variables": {"grade_of_mine": 1}})
    assert unknown.status_code == 422
    assert handler.read(f"/tasks/{task_id}")["state"] == "open"


def test_a_task_is_completed_once(calling: Calling, task_id: str) -> None:
    calling("handler").do(f"/tasks/{task_id}/claim")
    assert calling("handler").complete(task_id) == "active"
    again = calling("handler").post(f"/tasks/{task_id}/complete", {"variables": {}})
    assert (again.status_code, again.json["type"]) == (409, "urn:redress:conflict")
    done = calling("handler").read(f"/tasks/{task_id}")
    assert (done["state"], done["completed_by"], done["can_claim"]) == ("completed", "handler", False)


def test_who_did_a_step_may_not_check_it(calling: Calling, engine: Redress) -> None:
    """Four eyes: somebody who is handler and supervisor does the plan, and cannot approve it."""
    from engine.people.accounts import set_roles

    with engine.sessions.step() as session:
        set_roles(session, "handler", ["handlers", "supervisors"])
    number = register(engine).complaint_no
    for _ in range(6):
        task = calling("analyst").tasks(complaint_no=number)[0]
        if "supervisors" in task["candidate_groups"]:
            break
        assert do_next(calling, number) is not None
    mine = calling("handler").tasks(complaint_no=number)[0]
    assert "supervisors" in mine["candidate_groups"]
    assert mine["can_claim"] is False
    refused = calling("handler").post(f"/tasks/{mine['id']}/claim")
    assert refused.status_code == 403
    assert "four eyes" in refused.json["detail"]
    assert calling("supervisor").tasks(complaint_no=number)[0]["can_claim"] is True


def test_the_list_is_paged_and_its_filters_hold(calling: Calling, engine: Redress) -> None:
    numbers = [register(engine).complaint_no for _ in range(5)]
    first = calling("handler").read("/tasks", state="open", limit=2)
    second = calling("handler").read("/tasks", state="open", limit=200, cursor=first["next"])
    assert second["next"] is None
    found = [task["complaint_no"] for task in first["items"] + second["items"]]
    assert sorted(found) == sorted(numbers)
    empty = {"complaint_no": numbers[0], "instance_id": "", "assignee": "", "group": "handlers"}
    assert [task["complaint_no"] for task in calling("handler").tasks(**empty)] == [numbers[0]]
    assert calling("handler").tasks(group="management") == []
    assert calling("handler").tasks(assignee="me") == []
    assert calling("handler").get("/tasks", state="lost").status_code == 422


@pytest.mark.parametrize(
    ("body", "field"),
    [({"variables": []}, "variables"), ({"values": {}}, "values"), ([], "_schema")],
)
def test_a_body_of_another_shape_is_refused(calling: Calling, task_id: str, body: object, field: str) -> None:
    answer = calling("handler").post(f"/tasks/{task_id}/complete", body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 100_000,
        b'{"variables": {"amount": NaN}}',
        b'{"variables": {"text": "\\u0000"}}',
        b'{"variables": {"text": "\\ud800"}}',
    ],
    ids=["cut off", "too deep", "no number", "NUL", "lone surrogate"],
)
def test_what_is_not_json_is_refused(calling: Calling, task_id: str, body: bytes) -> None:
    for path in (f"/tasks/{task_id}/complete", "/complaints"):
        answer = calling("handler").post(path, data=body, content_type="application/json")
        assert answer.status_code == 400
        assert answer.mimetype == "application/problem+json"


def test_an_address_with_a_nul_is_refused(calling: Calling) -> None:
    assert calling("handler").get("/tasks/%00").status_code == 422
    assert calling("handler").get("/tasks", group="a\0").status_code == 422
