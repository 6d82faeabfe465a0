"""A complaint of each grade through the API alone, from registration to the archive."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import clock
from tests.web.api.conftest import Calling, do_next, drive
from tests.world import intake


@pytest.mark.parametrize("grade", [1, 2, 3])
def test_a_complaint_goes_from_registration_to_the_archive(calling: Calling, grade: int) -> None:
    facts: dict[int, Any] = {1: {"legal_risk": True, "amount": "200000"}, 2: {"amount": "20000"}, 3: {}}
    registered = calling("agent").do("/complaints", intake(grade=grade, **facts[grade]))
    number = registered["complaint_no"]
    case = calling("agent").read(f"/complaints/{number}")
    assert (case["grade"], case["instance_id"]) == (grade, registered["instance_id"])
    assert case["registered_at"] is not None
    assert case["is_open"] is True
    done = drive(calling, number)
    case = calling("analyst").read(f"/complaints/{number}")
    assert case["status"] == "archived", done
    assert case["registered_at"] <= case["notified_at"] <= case["archived_at"]
    assert case["handler"] == "handler"
    instance = calling("analyst").read(f"/instances/{registered['instance_id']}")
    assert instance["state"] == "completed"
    assert instance["open_tasks"] == []
    assert instance["timers"] == []
    assert instance["incidents"] == []


def test_the_limits_are_exclusive_ends_of_the_last_day_in_shanghai(calling: Calling) -> None:
    ends = {1: "2026-03-23T16:00:00Z", 2: "2026-03-11T16:00:00Z", 3: "2026-03-05T16:00:00Z"}
    for grade, end in ends.items():
        facts = {"legal_risk": True} if grade == 1 else {}
        body = intake(grade=grade, received_at="2026-03-02T09:00:00+08:00", **facts)
        case = calling("agent").read(
            f"/complaints/{calling('agent').do('/complaints', body)['complaint_no']}"
        )
        assert case["due_at"] == end
        assert case["statutory_due_at"] == "2026-03-17T16:00:00Z"
        assert case["deadline_provisional"] is False
        assert case["received_at"] == "2026-03-02T01:00:00Z"


def test_without_category_and_grade_an_agent_completes_the_registration(calling: Calling) -> None:
    number = calling("agent").do("/complaints", intake(category=None, grade=None))["complaint_no"]
    case = calling("agent").read(f"/complaints/{number}")
    assert (case["grade"], case["registered_at"]) == (None, None)
    assert case["due_at"] == "2026-03-05T16:00:00Z"
    assert do_next(calling, number, register={"category": "service", "grade": 3}) is not None
    case = calling("agent").read(f"/complaints/{number}")
    assert case["registered_at"].startswith("2026-03-02T01:00:0")


def test_a_milder_grade_than_the_tables_waits_for_a_supervisor(calling: Calling) -> None:
    number = calling("agent").do("/complaints", intake(grade=3, legal_risk=True))["complaint_no"]
    tasks = calling("supervisor").tasks(complaint_no=number)
    assert [task["can_claim"] for task in tasks] == [True]
    assert "supervisors" in tasks[0]["candidate_groups"]
    complete = f"/tasks/{tasks[0]['id']}/complete"
    approve = {"variables": {"grade_decision": "approve"}}
    refused = calling("supervisor").post(complete, approve)
    assert (refused.status_code, [*refused.get_json()["errors"]]) == (422, ["grade_comment"])
    given = intake(grade=3, legal_risk=True, downgrade_reason="the customer took it back")
    number = calling("agent").do("/complaints", given)["complaint_no"]
    (task,) = calling("supervisor").tasks(complaint_no=number)
    shown = calling("supervisor").read(f"/tasks/{task['id']}/form")["values"]
    assert shown["downgrade_reason"] == "the customer took it back"
    calling("supervisor").do(f"/tasks/{task['id']}/complete", approve)
    assert calling("agent").read(f"/complaints/{number}")["grade"] == 3


def test_who_registers_a_milder_grade_by_the_form_says_why(calling: Calling) -> None:
    number = calling("agent").do("/complaints", intake(category=None, grade=None, legal_risk=True))[
        "complaint_no"
    ]
    (task,) = calling("agent").tasks(complaint_no=number)
    values = {"category": "service", "grade": 3, "preferred_contact": "phone"}
    refused = calling("agent").post(f"/tasks/{task['id']}/complete", {"variables": values})
    assert (refused.status_code, refused.get_json()["errors"]) == (
        422,
        {"downgrade_reason": ["Field is required."]},
    )
    calling("agent").do(f"/tasks/{task['id']}/complete", {"variables": {**values, "grade": 1}})


def test_a_graver_grade_counts_again_from_receipt_and_keeps_the_case_going(calling: Calling) -> None:
    number = calling("agent").do("/complaints", intake(grade=3))["complaint_no"]
    done = calling("handler").do(f"/complaints/{number}/regrade", {"grade": 1, "reason": "more people"})
    assert done["applied"] is True
    case = calling("handler").read(f"/complaints/{number}")
    assert (case["grade"], case["due_at"]) == (1, "2026-03-23T16:00:00Z")
    assert drive(calling, number)
    assert calling("handler").read(f"/complaints/{number}")["status"] == "archived"


def test_a_milder_grade_is_asked_for_in_an_instance_of_its_own(calling: Calling) -> None:
    number = calling("agent").do("/complaints", intake(grade=1, legal_risk=True))["complaint_no"]
    done = calling("handler").do(f"/complaints/{number}/regrade", {"grade": 2, "reason": "settled"})
    assert done["applied"] is False
    assert calling("handler").read(f"/complaints/{number}")["grade"] == 1
    assert calling("supervisor").tasks(instance_id=done["instance_id"])


def test_a_withdrawal_ends_the_case_that_day(calling: Calling) -> None:
    registered = calling("agent").do("/complaints", intake())
    number = registered["complaint_no"]
    answer = calling("agent").do(f"/complaints/{number}/withdraw", {"reason": "the customer called"})
    assert answer == {"complaint_no": number, "status": "withdrawn"}
    case = calling("agent").read(f"/complaints/{number}")
    assert (case["status"], case["is_open"]) == ("withdrawn", False)
    assert calling("analyst").tasks(complaint_no=number) == []
    again = calling("agent").post(f"/complaints/{number}/withdraw", {"reason": "again"})
    assert again.status_code == 409


def test_a_later_date_is_approved_and_told_before_it_counts(calling: Calling) -> None:
    number = calling("agent").do("/complaints", intake())["complaint_no"]
    calling("handler").do(f"/tasks/{calling('handler').tasks(complaint_no=number)[0]['id']}/claim")
    body = {"new_date": "2026-03-20", "reason": "the bank's answer is missing"}
    instance_id = calling("handler").do(f"/complaints/{number}/extend", body)["instance_id"]
    while tasks := calling("analyst").tasks(instance_id=instance_id):
        for name in ("supervisor", "handler", "agent"):
            mine = [
                each for each in calling(name).tasks(instance_id=instance_id) if each["id"] == tasks[0]["id"]
            ]
            if mine and (mine[0]["can_claim"] or mine[0]["assignee"] == name):
                calling(name).do(f"/tasks/{tasks[0]['id']}/claim")
                calling(name).complete(tasks[0]["id"])
                break
        else:
            raise AssertionError(tasks)
    case = calling("handler").read(f"/complaints/{number}")
    assert case["extended_until"] == "2026-03-20T16:00:00Z"
    assert case["extensions"][0]["late"] is False
    early = calling("handler").post(f"/complaints/{number}/extend", {"new_date": "2026-03-03", "reason": "x"})
    assert early.status_code == 422
    assert "new_date" in early.json["errors"]


def test_contacts_are_kept_with_their_words_in_the_encrypted_store(calling: Calling) -> None:
    number = calling("agent").do("/complaints", intake())["complaint_no"]
    body = {"channel": "hotline", "direction": "out", "summary": "asked for the receipt", "reached": False}
    answer = calling("agent").post(f"/complaints/{number}/contacts", body)
    assert answer.status_code == 201
    contact = calling("agent").read(f"/complaints/{number}")["contacts"][0]
    assert contact["id"] == answer.json["contact_id"]
    assert (contact["summary"], contact["reached"]) == ("asked for the receipt", False)


def test_a_past_receipt_is_accepted_a_future_one_and_an_unknown_channel_are_refused(calling: Calling) -> None:
    past = (clock.now() - timedelta(days=30)).isoformat()
    number = calling("agent").do("/complaints", intake(received_at=past))["complaint_no"]
    assert calling("agent").read(f"/complaints/{number}")["is_overdue"] is True
    future = calling("agent").post(
        "/complaints", intake(received_at=(clock.now() + timedelta(hours=1)).isoformat())
    )
    channel = calling("agent").post("/complaints", intake(channel="hotline!"))
    assert (channel.status_code, list(channel.json["errors"])) == (422, ["channel"])
    slip = calling("agent").post("/complaints", intake(received_at="0001-01-01T00:00:00+14:00"))
    for refused in (future, slip):
        assert refused.status_code == 422
        assert "received_at" in refused.json["errors"]


def test_a_contact_at_an_instant_that_cannot_be_is_refused(calling: Calling) -> None:
    number = calling("agent").do("/complaints", intake())["complaint_no"]
    contact = {"channel": "hotline", "direction": "in", "summary": "called"}
    for at in ("0001-01-01T00:00:00+14:00", "2026-03-01", "9999-12-31T23:59:59-14:00"):
        answer = calling("agent").post(f"/complaints/{number}/contacts", contact | {"at": at})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["at"])
