"""Reading the register: whom a case is about is told to those who need to know, and to nobody unseen."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from engine.assembly import Redress
from engine.jobs.passes import run_until_quiet
from engine.store.tables.audit import History
from tests.web.api.conftest import Calling, drive
from tests.world import intake, register

SECRETS = ("王小明CANARY", "13912345678", "canary@example.com", "11010519491231002X", "CANARY-CONTENT")


def reveals(engine: Redress) -> list[str]:
    with engine.sessions.read() as session:
        query = select(History.actor, History.data).where(History.kind == "personal.revealed")
        return [f"{row.actor} {json.loads(row.data)['complaint_no']}" for row in session.execute(query)]


def test_who_has_to_do_with_a_case_reads_it_in_clear_and_the_trail_says_so(
    calling: Calling, engine: Redress
) -> None:
    number = calling("agent").do("/complaints", intake())["complaint_no"]
    case = calling("agent").read(f"/complaints/{number}")
    assert case["customer"] == intake()["customer"]
    assert case["content"] == intake()["content"]
    assert case["revealed"] is True
    assert reveals(engine) == [f"agent {number}"]


@pytest.mark.parametrize("name", ["agent2", "monitor", "compliance", "analyst"])
def test_who_may_read_personal_data_but_has_nothing_to_do_with_the_case_sees_masks(
    calling: Calling, engine: Redress, name: str
) -> None:
    number = register(engine).complaint_no
    case = calling(name).read(f"/complaints/{number}")
    assert case["customer"]["name"].startswith("王*")
    assert case["customer"]["phone"] == "139****5678"
    assert case["revealed"] is False
    assert not any(secret in json.dumps(case, ensure_ascii=False) for secret in SECRETS)
    assert reveals(engine) == []


@pytest.mark.parametrize("name", ["management", "auditor"])
def test_who_may_not_read_personal_data_sees_only_that_it_is_there(
    calling: Calling, engine: Redress, name: str
) -> None:
    number = register(engine).complaint_no
    case = calling(name).read(f"/complaints/{number}")
    assert set(case["customer"]) == {"name", "phone", "email", "id_number"}
    assert set(case["customer"].values()) == {"•••"}
    assert case["content"] == "•••"


def test_a_case_of_others_is_not_there(calling: Calling, engine: Redress) -> None:
    number = register(engine).complaint_no
    for path in (f"/complaints/{number}", "/complaints/RC-00000000-000000"):
        assert calling("owner").get(path).status_code == 404
    body = {"channel": "hotline", "direction": "in", "summary": "x"}
    drive(calling, number)
    assert calling("handler2").get(f"/complaints/{number}").status_code == 404
    assert calling("handler2").post(f"/complaints/{number}/contacts", body).status_code == 404


def test_no_list_instance_or_trail_shows_a_secret_to_who_may_not_read_it(
    calling: Calling, engine: Redress
) -> None:
    registered = register(engine)
    drive(calling, registered.complaint_no)
    instance = f"/instances/{registered.instance_id}"
    for path in ("/complaints", "/tasks", "/instances", instance, f"{instance}/history"):
        text = calling("auditor").get(path).get_data(as_text=True)
        assert not any(secret in text or json.dumps(secret)[1:-1] in text for secret in SECRETS), path
        assert "personal:" not in text, path


def test_the_register_is_filtered_and_paged_without_gap_or_repetition(
    calling: Calling, engine: Redress
) -> None:
    numbers = {register(engine, grade=grade).complaint_no for grade in (1, 2, 3) for _ in range(3)}
    seen: list[str] = []
    cursor = None
    while True:
        page = calling("agent").read("/complaints", limit=4, **({"cursor": cursor} if cursor else {}))
        seen += [item["complaint_no"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(numbers)
    assert set(seen) == numbers
    graver = calling("agent").read("/complaints", grade=1)["items"]
    assert [item["grade"] for item in graver] == [1, 1, 1]
    assert calling("agent").read("/complaints", status="archived")["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"status": "lost"}, "status"),
        ({"grade": 4}, "grade"),
    ],
)
def test_a_query_that_means_nothing_is_refused_by_field(
    calling: Calling, query: dict[str, object], field: str
) -> None:
    answer = calling("agent").get("/complaints", **query)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


@pytest.mark.parametrize("amount", ["5000.50", 3, 1e-9])
def test_an_urgent_complaint_about_an_amount_is_registered_and_reported(
    calling: Calling, engine: Redress, amount: object
) -> None:
    number = calling("agent").do("/complaints", intake(urgent=True, grade=1, amount=amount))["complaint_no"]
    run_until_quiet(engine.runtime)
    elements = {task["element_id"] for task in calling("analyst").tasks(complaint_no=number)}
    assert {"acknowledge-urgent", "investigate"} <= elements
