"""The same request under the same Idempotency-Key acts once and is answered alike."""

from __future__ import annotations

from functools import partial
from typing import Any

from engine.assembly import Redress
from tests.at_once import at_once
from tests.filling import fill
from tests.web.api.conftest import Calling
from tests.world import intake, register


def test_a_registration_sent_twice_registers_once(calling: Calling) -> None:
    body = intake()
    first = calling("agent").post("/complaints", body, key="reg-1")
    again = calling("agent").post("/complaints", body, key="reg-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert len(calling("agent").read("/complaints")["items"]) == 1
    reordered = dict(reversed(body.items()))
    assert calling("agent").post("/complaints", reordered, key="reg-1").json == first.json


def test_another_body_or_another_call_under_the_key_is_422(calling: Calling) -> None:
    number = calling("agent").do("/complaints", intake(), key="reg-1")["complaint_no"]
    for path, body in (
        ("/complaints", intake(urgent=True)),
        (f"/complaints/{number}/withdraw", {"reason": "x"}),
    ):
        answer = calling("agent").post(path, body, key="reg-1")
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == ["Idempotency-Key"]
    assert calling("agent2").post("/complaints", intake(), key="reg-1").status_code == 201


def test_a_key_that_is_none_is_refused(calling: Calling) -> None:
    assert calling("agent").post("/complaints", intake(), key="x" * 201).status_code == 422


def test_what_was_refused_may_be_corrected_under_the_same_key(calling: Calling) -> None:
    assert calling("agent").post("/complaints", intake(channel="?"), key="reg-1").status_code == 422
    assert calling("agent").post("/complaints", intake(), key="reg-1").status_code == 201


def test_two_threads_complete_a_task_once_and_are_answered_alike(calling: Calling, engine: Redress) -> None:
    task_id = calling("handler").tasks(complaint_no=register(engine).complaint_no)[0]["id"]
    calling("handler").do(f"/tasks/{task_id}/claim")
    form = calling("handler").read(f"/tasks/{task_id}/form")
    body = {"variables": fill(form["schema"], form["values"])}

    def send(number: int) -> tuple[int, Any]:
        answer = calling("handler").post(
            f"/tasks/{task_id}/complete", body, key="done-1" if number < 3 else None
        )
        return answer.status_code, answer.json

    *repeated, other = at_once(*(partial(send, number) for number in range(4)))
    assert len({str(answer) for answer in repeated}) == 1
    statuses = {repeated[0][0], other[0]}
    assert statuses == {200, 409}


def test_starting_sending_and_extending_are_repeatable(calling: Calling, engine: Redress) -> None:
    number = register(engine).complaint_no
    extension = {"new_date": "2026-03-20", "reason": "the bank's answer is missing"}
    contact = {"channel": "hotline", "direction": "in", "summary": "called"}
    requests = [
        ("analyst", "/instances", {"process_id": "management-review", "business_key": number}),
        ("analyst", "/messages", {"name": "nobody-waits", "ttl_s": 60}),
        ("analyst", "/signals", {"name": "nobody-listens"}),
        ("handler", f"/complaints/{number}/extend", extension),
        ("handler", f"/complaints/{number}/contacts", contact),
        ("handler", f"/complaints/{number}/regrade", {"grade": 2, "reason": "graver"}),
        ("handler", f"/complaints/{number}/withdraw", {"reason": "settled"}),
    ]
    for index, (name, path, body) in enumerate(requests):
        answers = [calling(name).post(path, body, key=f"k-{index}") for _ in range(2)]
        assert answers[0].status_code in (200, 201), (path, answers[0].json)
        assert answers[0].json == answers[1].json, path
        assert answers[0].status_code == answers[1].status_code
    assert len(calling("agent").read(f"/complaints/{number}")["contacts"]) == 1
