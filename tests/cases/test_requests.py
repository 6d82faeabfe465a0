"""Requests for a milder grade or a later date: one of a kind, and none left when the case has its answer."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select, update

from engine.assembly import Redress
from engine.cases.extension import request_extension
from engine.cases.regrading import regrade
from engine.cases.requests import withdraw_moot_requests
from engine.cases.withdrawal import withdraw
from engine.errors import Conflict, FormRefused, InvalidInput
from engine.jobs.passes import run_until_quiet
from engine.runtime.commands import cancel_instance
from engine.store.tables.runtime import Instance, Task, TaskGroup
from tests.driving import complaint, do, drive, elements, open_tasks
from tests.world import actor, register

LATER = date(2026, 4, 20)
SOONER = date(2026, 3, 12)


def states(redress: Redress, number: str) -> dict[str, str]:
    with redress.sessions.read() as session:
        rows = session.execute(
            select(Instance.process_id, Instance.state).where(Instance.business_key == number)
        )
        return {row.process_id: row.state for row in rows}


def test_a_second_request_of_a_kind_is_refused_until_the_first_is_decided(redress: Redress) -> None:
    number = register(redress, grade=1, legal_risk=True).complaint_no
    agent, handler = actor(redress, "agent"), actor(redress, "handler")
    regrade(redress.runtime, agent, number, 2, "milder")
    with pytest.raises(Conflict, match="milder grade"):
        regrade(redress.runtime, agent, number, 3, "milder still")
    request_extension(redress.runtime, handler, number, reason="long", new_date=LATER)
    with pytest.raises(Conflict, match="later date"):
        request_extension(redress.runtime, handler, number, reason="longer", new_date=LATER)
    (task,) = [each for each in open_tasks(redress, number) if each.element_id == "approve-regrade"]
    do(redress, task, "supervisor")
    run_until_quiet(redress.runtime)
    assert complaint(redress, number).grade == 2
    regrade(redress.runtime, agent, number, 3, "milder still")


@pytest.mark.parametrize("end", ["withdrawn", "archived"])
def test_requests_fall_when_the_case_has_its_answer(redress: Redress, end: str) -> None:
    number = register(redress, grade=1, legal_risk=True, preferred_contact="letter").complaint_no
    regrade(redress.runtime, actor(redress, "agent"), number, 3, "milder")
    request_extension(redress.runtime, actor(redress, "handler"), number, reason="long", new_date=LATER)
    assert withdraw_moot_requests(redress.runtime) == 0
    if end == "withdrawn":
        withdraw(redress.runtime, actor(redress, "agent"), number, "the customer takes it back")
    else:
        drive(redress, number, leave=("approve-regrade", "approve-extension", "post-acknowledgement"))
    assert complaint(redress, number).status == end
    assert elements(redress, number) == ["approve-extension", "approve-regrade", "post-acknowledgement"]
    assert withdraw_moot_requests(redress.runtime) == 3
    assert elements(redress, number) == []
    assert set(states(redress, number).values()) == {"completed", "cancelled"}
    assert withdraw_moot_requests(redress.runtime) == 0


def test_a_request_that_cannot_be_cancelled_keeps_no_other_from_it(redress: Redress) -> None:
    asks, numbers = actor(redress, "agent"), []
    for _ in range(3):
        numbers.append(register(redress, grade=1, legal_risk=True).complaint_no)
        regrade(redress.runtime, asks, numbers[-1], 3, "milder")
        withdraw(redress.runtime, asks, numbers[-1], "the customer takes it back")
    with redress.sessions.step() as session:
        found = select(Instance.id).where(
            Instance.business_key == numbers[-1], Instance.process_id == "complaint-regrade"
        )
        broken = session.scalars(found).one()
        # Its next row of history is there already: no step of it can be written.
        session.execute(update(Instance).where(Instance.id == broken).values(history_seq=0))
    assert withdraw_moot_requests(redress.runtime) == 2
    assert [states(redress, number)["complaint-regrade"] for number in numbers] == [
        "cancelled",
        "cancelled",
        "active",
    ]


def test_a_milder_grade_approved_too_late_changes_nothing(redress: Redress) -> None:
    number = register(redress, grade=2, spread_risk=True).complaint_no
    regrade(redress.runtime, actor(redress, "agent"), number, 3, "milder")
    regrade(redress.runtime, actor(redress, "agent"), number, 1, "a lawsuit is threatened")
    (task,) = [each for each in open_tasks(redress, number) if each.element_id == "approve-regrade"]
    do(redress, task, "supervisor")
    run_until_quiet(redress.runtime)
    assert complaint(redress, number).grade == 1
    assert states(redress, number)["complaint-regrade"] == "completed"


def test_cancelling_the_lifecycle_leaves_no_case_open(redress: Redress) -> None:
    made = register(redress)
    cancel_instance(redress.runtime, actor(redress, "owner"), made.instance_id, "registered twice")
    case = complaint(redress, made.complaint_no)
    assert (case.status, case.closed_at is not None) == ("withdrawn", True)
    assert elements(redress, made.complaint_no) == []


def test_cancelling_a_request_leaves_the_case_as_it_is(redress: Redress) -> None:
    number = register(redress, grade=1, legal_risk=True).complaint_no
    asked = regrade(redress.runtime, actor(redress, "agent"), number, 3, "milder")
    cancel_instance(redress.runtime, actor(redress, "owner"), asked.instance_id, "asked by mistake")
    assert complaint(redress, number).status == "handling"
    assert elements(redress, number) == ["investigate"]


def test_cancelling_what_follows_the_answer_keeps_the_answer(redress: Redress) -> None:
    made = register(redress)
    drive(redress, made.complaint_no, until="archive")
    cancel_instance(redress.runtime, actor(redress, "owner"), made.instance_id, "stuck")
    assert complaint(redress, made.complaint_no).status == "notified"


def test_a_later_date_lies_within_the_days_that_the_policy_leaves(redress: Redress) -> None:
    number = register(redress, grade=3).complaint_no
    handler = actor(redress, "handler")
    with pytest.raises(InvalidInput) as refused:
        request_extension(redress.runtime, handler, number, reason="long", new_date=date(2029, 3, 5))
    assert refused.value.errors == {
        "new_date": ["takes a day up to 2026-05-04, 60 days after the present last day"]
    }
    request_extension(redress.runtime, handler, number, reason="long", new_date=date(2026, 5, 4))


@pytest.mark.parametrize(
    ("element_id", "field", "ahead"),
    [("carry-out", "executed_on", "2026-03-03"), ("notify-customer", "dispatched_at", "2026-03-02T09:15")],
)
def test_what_was_done_was_not_done_in_the_future(
    redress: Redress, element_id: str, field: str, ahead: str
) -> None:
    number = register(redress, grade=3).complaint_no
    drive(redress, number, until=element_id)
    (task,) = open_tasks(redress, number)
    with pytest.raises(FormRefused) as refused:
        do(redress, task, "handler", **{field: ahead})
    assert set(refused.value.errors) == {field}
    do(redress, task, "handler", **{field: "2026-03-02" if field == "executed_on" else "2026-03-02T08:45"})
    assert element_id not in elements(redress, number)


def limits(redress: Redress, number: str) -> dict[str, datetime | None]:
    """Return what the open tasks of a case show as their limit, in lists of people and of groups alike."""
    with redress.sessions.read() as session:
        rows = session.execute(
            select(Task.element_id, Task.due_at, TaskGroup.due_at)
            .join(TaskGroup, TaskGroup.task_id == Task.id)
            .where(Task.complaint_no == number, Task.state == "open")
        ).all()
    assert all(own == of_group for _, own, of_group in rows)
    return {element: due_at for element, due_at, _ in rows}


def test_every_open_task_of_the_case_shows_the_later_date_as_soon_as_it_is_in_force(
    redress: Redress,
) -> None:
    number = register(redress).complaint_no
    before = complaint(redress, number).due_at
    request_extension(redress.runtime, actor(redress, "handler"), number, reason="long", new_date=SOONER)
    (task,) = [each for each in open_tasks(redress, number) if each.element_id == "approve-extension"]
    do(redress, task, "supervisor")
    assert limits(redress, number) == {"investigate": before, "announce-delay": before}
    (task,) = [each for each in open_tasks(redress, number) if each.element_id == "announce-delay"]
    do(redress, task, told_by="phone", new_date=SOONER.isoformat())
    row = complaint(redress, number)
    assert (row.due_at, row.extension_valid) == (before, True)
    assert limits(redress, number) == {"investigate": row.extended_until}


def test_the_answer_stops_the_clocks_of_what_was_asked_beside_the_lifecycle(redress: Redress) -> None:
    number = register(redress, grade=1, legal_risk=True).complaint_no
    regrade(redress.runtime, actor(redress, "agent"), number, 3, "milder")
    assert limits(redress, number)["approve-regrade"] == complaint(redress, number).statutory_due_at
    drive(redress, number, until="ask-satisfaction", leave=("approve-regrade",))
    assert limits(redress, number)["approve-regrade"] is None
