"""The register, instances, their trail, definitions: rows and who sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from engine import clock, read
from engine.audit import Entry, Head, append
from engine.errors import InvalidInput, NotFound
from engine.people.actor import SYSTEM, Actor
from engine.read.operations import incident_list, job_list, operation_counts, timer_list
from engine.store.tables.cases import CaseRecord
from engine.store.tables.models import Bundle
from engine.store.tables.runtime import Incident, Timer
from tests.read.conftest import START, World

Who = Callable[[str], Actor]


def numbers(page: read.Page) -> list[str]:
    return [row["no"] for row in page.items]


def test_a_handler_sees_the_cases_that_they_work_on_and_no_others(
    session: Session, world: World, who: Who
) -> None:
    world.complaint("RC-1-OWN", handler="handler")
    world.complaint("RC-2-TASK")
    world.task(complaint_no="RC-2-TASK", groups=(), assignee="handler")
    world.complaint("RC-3-DONE")
    world.task(complaint_no="RC-3-DONE", state="completed", completed_by="handler")
    world.complaint("RC-4-OTHER", handler="handler2")
    assert set(numbers(read.complaint_list(session, who("handler")))) == {
        "RC-1-OWN",
        "RC-2-TASK",
        "RC-3-DONE",
    }
    assert len(numbers(read.complaint_list(session, who("supervisor")))) == 4
    assert len(numbers(read.complaint_list(session, who("auditor")))) == 4
    assert numbers(read.complaint_list(session, who("owner"))) == []
    with pytest.raises(NotFound):
        read.complaint(session, who("handler"), "RC-4-OTHER")


def test_a_task_of_the_group_concerns_everybody_in_it_until_a_colleague_takes_it(
    session: Session, world: World, who: Who
) -> None:
    world.complaint("RC-1-WAITS")
    world.task(complaint_no="RC-1-WAITS")
    world.complaint("RC-2-TAKEN", handler="handler2")
    world.task(complaint_no="RC-2-TAKEN", assignee="handler2")
    assert set(numbers(read.complaint_list(session, who("handler")))) == {"RC-1-WAITS", "RC-2-TAKEN"}
    assert read.concerns(session, who("handler"), "RC-1-WAITS")
    assert not read.concerns(session, who("handler"), "RC-2-TAKEN")
    assert read.concerns(session, who("handler2"), "RC-2-TAKEN")


def test_the_list_carries_no_personal_field_at_all(session: Session, world: World, who: Who) -> None:
    world.complaint("RC-1-OWN")
    (row,) = read.complaint_list(session, who("supervisor")).items
    assert not {"personal", "facts", "source_ref"} & row.keys()


def test_the_register_is_filtered_searched_and_paged(session: Session, world: World, who: Who) -> None:
    for index in range(7):
        world.complaint(
            f"RC-20260302-00000{index}", grade=1 + index % 3, received_at=START + timedelta(hours=index)
        )
    agent = who("agent")
    first = read.complaint_list(session, agent, limit=4)
    second = read.complaint_list(session, agent, limit=4, cursor=first.next)
    assert numbers(first) + numbers(second) == [f"RC-20260302-00000{index}" for index in reversed(range(7))]
    assert second.next is None
    assert numbers(read.complaint_list(session, agent, grade=2)) == [
        "RC-20260302-000004",
        "RC-20260302-000001",
    ]
    assert numbers(read.complaint_list(session, agent, number="-000003")) == ["RC-20260302-000003"]
    assert numbers(read.complaint_list(session, agent, number="rc-20260302-000003")) == ["RC-20260302-000003"]
    assert numbers(read.complaint_list(session, agent, sort="due", limit=1)) == ["RC-20260302-000000"]
    for bad in ({"number": "%"}, {"sort": "no"}):
        with pytest.raises(InvalidInput):
            read.complaint_list(session, agent, **bad)  # type: ignore[arg-type]


def test_overdue_counts_open_cases_only(session: Session, world: World, who: Who) -> None:
    world.complaint("RC-LATE", status="decided")
    world.complaint("RC-TOLD", status="notified")
    world.complaint("RC-TIME", due_at=clock.now() + timedelta(days=2))
    agent = who("agent")
    assert numbers(read.complaint_list(session, agent, overdue=True)) == ["RC-LATE"]
    assert read.open_counts(session, agent) == {"open": 2, "overdue": 1}


def test_a_case_has_its_records_in_order(session: Session, world: World, who: Who) -> None:
    world.complaint("RC-1-OWN")
    for index, kind in enumerate(("investigation", "plan")):
        session.execute(
            insert(CaseRecord).values(
                id=f"r{index}",
                complaint_no="RC-1-OWN",
                kind=kind,
                values={"n": index},
                actor="handler",
                at=START,
            )
        )
    case = read.complaint(session, who("agent"), "RC-1-OWN")
    assert [record["kind"] for record in case["records"]] == ["investigation", "plan"]
    assert case["personal"] == {"content": "personal:x"}
    assert case["contacts"] == case["extensions"] == []


def test_an_instance_tells_what_it_waits_for_and_only_to_whom_it_concerns(
    session: Session, world: World, who: Who
) -> None:
    instance_id = world.instance(started_by="agent")
    world.task(instance_id=instance_id)
    session.execute(
        insert(Timer).values(
            id="t1",
            instance_id=instance_id,
            process_id="p",
            token=9,
            element_id="Limit",
            due_at=START,
            run_at=START,
        )
    )
    found = read.instance(session, who("auditor"), instance_id)
    assert [row["element_id"] for row in found["open_tasks"]] == ["Investigate"]
    assert [row["element_id"] for row in found["timers"]] == ["Limit"]
    assert found["incidents"] == found["subscriptions"] == []
    assert read.instance(session, who("agent"), instance_id)["id"] == instance_id
    assert read.instance(session, who("handler"), instance_id)["id"] == instance_id
    with pytest.raises(NotFound):
        read.instance(session, who("agent2"), instance_id)
    assert [row["id"] for row in read.instance_list(session, who("agent")).items] == [instance_id]
    assert read.instance_list(session, who("agent2")).items == []


def test_history_comes_in_order_with_what_was_entered(session: Session) -> None:
    append(
        session,
        Head("i1"),
        [Entry("task.completed", {"token": n}, "Plan", "處理方案", values={"amount": n}) for n in range(5)],
        actor="handler",
        at=START,
    )
    first = read.history(session, "i1", limit=3)
    rest = read.history(session, "i1", limit=3, cursor=first.next)
    rows = first.items + rest.items
    assert [row["seq"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["values"] for row in rows] == [{"amount": n} for n in range(5)]
    assert rows[4]["prev_hash"] == rows[3]["hash"]
    assert [row["seq"] for row in read.history(session, "i1", newest_first=True).items] == [5, 4, 3, 2, 1]


def test_the_newest_version_of_a_process_comes_first_and_latest_gives_it_once(
    session: Session, world: World
) -> None:
    world.definition("complaint", 1)
    bundle = {"id": "b2", "family": "complaints", "number": 2, "sha256": "1" * 64}
    session.execute(insert(Bundle).values(**bundle, deployed_at=START, deployed_by="owner"))
    newest = world.definition("complaint", 2, "b2")
    assert [row["version"] for row in read.definitions(session).items] == [2, 1]
    assert [row["id"] for row in read.definitions(session, latest=True).items] == [newest]
    assert [row["number"] for row in read.bundles(session).items] == [2, 1]
    with pytest.raises(NotFound):
        read.definition(session, "none")


def test_operations_show_open_incidents_and_due_timers(session: Session, world: World) -> None:
    instance_id = world.instance()
    for token, due in ((1, START), (2, clock.now() + timedelta(days=1))):
        session.execute(
            insert(Timer).values(
                id=f"t{token}",
                instance_id=instance_id,
                process_id="p",
                token=token,
                element_id="L",
                due_at=due,
                run_at=due,
            )
        )
    values = {"kind": "job", "source_id": "j", "message": "no answer", "created_at": START}
    session.execute(insert(Incident).values(id="n1", state="open", **values))
    session.execute(insert(Incident).values(id="n2", state="resolved", **values))
    assert [row["id"] for row in incident_list(session, SYSTEM).items] == ["n1"]
    assert [row["id"] for row in timer_list(session, SYSTEM, due_only=True).items] == ["t1"]
    assert [row["id"] for row in timer_list(session, SYSTEM).items] == ["t1", "t2"]
    assert job_list(session, SYSTEM).items == []
    counts = {"incidents": 1, "active": 1, "suspended": 0, "timers_due": 1, "timers": 2, "migrations": 0}
    assert operation_counts(session) == counts | {"jobs": {"ready": 0, "held": 0, "dead": 0}}
