"""Who is trained and what follows: tasks offered, given, taken back; a plan and its sessions (R67, R68)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from engine import clock
from engine.assembly import Redress
from engine.domain.deadlines import local_date
from engine.errors import Conflict, Forbidden, FormRefused, InvalidInput, NotFound
from engine.jobs.passes import run_until_quiet
from engine.people.demo import TRAINING_VALID_FOR
from engine.quality.training import expiry, reading
from engine.quality.training.expiry import EXPIRED, EXPIRING, see_to_expiry
from engine.quality.training.records import Attended, enter_training
from engine.quality.training.sessions import begin_plan, plan_session
from engine.read import task_list
from engine.runtime.commands import assign, cancel_instance, claim, complete
from engine.runtime.options import OrganisationOptions
from engine.store.tables.cases import Complaint
from engine.store.tables.people import Notification, Person
from engine.store.tables.privacy import PersonalValue
from engine.store.tables.runtime import Instance, Task
from tests.driving import complaint, do, open_tasks
from tests.staff import hire
from tests.world import actor, pass_time, register

ALL = ("process", "communication", "law")


def train(redress: Redress, username: str, *contents: str, on: date | None = None, score: int = 80) -> Any:
    attended = Attended(username, contents or ALL, on or clock.now().date(), score, "HR-2026-17")
    return enter_training(redress.runtime, actor(redress, "analyst"), attended)


def expire(redress: Redress, *usernames: str) -> None:
    with redress.sessions.step() as session:
        session.execute(
            update(Person)
            .where(Person.username.in_(usernames))
            .values(training_valid_until=clock.now() - timedelta(seconds=1))
        )


def tasks_of_process(redress: Redress, element: str) -> list[Task]:
    with redress.sessions.read() as session:
        query = select(Task).where(Task.element_id == element, Task.state == "open").order_by(Task.id)
        return list(session.scalars(query))


def told(redress: Redress, kind: str) -> set[str]:
    with redress.sessions.read() as session:
        query = select(Person.username).join(Notification, Notification.person_id == Person.id)
        return set(session.scalars(query.where(Notification.kind == kind)))


def test_who_holds_no_valid_training_is_not_offered_and_not_given_handlers_tasks(redress: Redress) -> None:
    no = register(redress).complaint_no
    (task,) = open_tasks(redress, no)
    expire(redress, "handler")
    untrained, rt = actor(redress, "handler"), redress.runtime
    with redress.sessions.read() as session:
        assert task.id not in [each["id"] for each in task_list(session, untrained, group="mine").items]
        offered = [each["value"] for each in OrganisationOptions(session, "en").options("=people.handlers")]
        staff = {each["value"] for each in OrganisationOptions(session, "en").options("=people.staff")}
    assert offered == ["handler2"]
    assert {"handler", "management", "compliance"} <= staff
    assert staff.isdisjoint({"admin", "auditor", "owner"})
    for verb in (
        lambda: claim(rt, untrained, task.id),
        lambda: complete(rt, untrained, task.id, {}),
        lambda: assign(rt, actor(redress, "supervisor"), task.id, "handler"),
    ):
        with pytest.raises(Forbidden, match=r"handler holds no valid training, .* attend a session"):
            verb()
    with pytest.raises(InvalidInput) as refused:
        register(redress, handler="handler")
    assert refused.value.errors == {"handler": ["holds no valid training (R67); choose another"]}
    claim(rt, actor(redress, "handler2"), task.id)

    train(redress, "handler", on=clock.now().date())
    assign(rt, actor(redress, "supervisor"), task.id, "handler")


def test_nobody_stands_twice_in_an_attendance(redress: Redress) -> None:
    plan_session(
        redress.runtime,
        actor(redress, "analyst"),
        title="複訓",
        contents=["process"],
        planned_on=clock.now().date(),
        trainer=None,
    )
    run_until_quiet(redress.runtime)
    (task,) = tasks_of_process(redress, "hold-session")
    held = {"held_on": clock.now().date().isoformat()}
    rows = [{"person": "handler", "score": 55}, {"person": "agent", "score": 90}]
    with pytest.raises(FormRefused) as refused:
        do(redress, task, "analyst", attendees=[*rows, {"person": "handler", "score": 95}], **held)
    assert refused.value.errors == {"attendees.2.person": ["Value stands in another row already."]}
    do(redress, task, "analyst", attendees=rows, **held)


def test_a_year_has_one_plan_and_a_second_is_refused_or_not_needed(redress: Redress) -> None:
    analyst, rt = actor(redress, "analyst"), redress.runtime
    for _ in range(2):
        begin_plan(rt, analyst)
    first, second = tasks_of_process(redress, "plan-training")
    do(redress, first, "analyst", plan_year=2027)
    with pytest.raises(FormRefused) as refused:
        do(redress, second, "analyst", plan_year=2027)
    today = local_date(clock.now(), ZoneInfo("Asia/Shanghai"))
    told = f"one for 2027 was begun on {today} already: go on with that one"
    assert refused.value.errors == {"plan_year": [told]}
    (approval,) = tasks_of_process(redress, "approve-training-plan")
    do(redress, approval, "management", plan_decision="return")
    again = next(each for each in tasks_of_process(redress, "plan-training") if each.id != second.id)
    do(redress, again, "analyst", plan_year=2027)  # its own year is no obstacle
    do(redress, second, "analyst", plan_wanted="not_needed")
    with redress.sessions.read() as session:
        states = dict(iter(session.execute(select(Instance.business_key, Instance.state))))
    assert states == {"training-plan:2027": "active", None: "completed"}
    cancel_instance(rt, actor(redress, "admin"), first.instance_id, "示例")
    begin_plan(rt, analyst)
    (third,) = tasks_of_process(redress, "plan-training")
    do(redress, third, "analyst", plan_year=2027)  # what was ended leaves its year free


def test_when_a_training_runs_out_the_work_goes_back_and_everybody_concerned_is_told_once(
    redress: Redress,
) -> None:
    no = register(redress).complaint_no
    claim(redress.runtime, actor(redress, "handler"), open_tasks(redress, no)[0].id)
    train(redress, "handler2", on=clock.now().date() + timedelta(days=0))
    pass_time(redress, days=TRAINING_VALID_FOR.days - 20)
    see_to_expiry(redress.runtime)
    assert told(redress, EXPIRING) == {"handler", "handler2"}
    assert told(redress, EXPIRED) == set()
    train(redress, "handler2", on=clock.now().date())
    clock.advance(timedelta(days=21))
    assert see_to_expiry(redress.runtime) == 2  # told, and the work taken back
    assert see_to_expiry(redress.runtime) == 0
    assert told(redress, EXPIRED) == {"handler", "supervisor", "analyst"}
    tasks = {task.element_id: task.assignee for task in open_tasks(redress, no)}
    assert tasks["investigate"] is None
    assert complaint(redress, no).handler is None
    assert actor(redress, "handler2").is_trained


def test_however_many_trainings_run_out_each_is_seen_to_once_wherever_a_pass_is_cut_off(
    redress: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = hire(redress, 2 * expiry.AT_ONCE + 1, trained_until=clock.now() - timedelta(hours=1))
    numbers = [register(redress).complaint_no for _ in range(3)]
    with redress.sessions.step() as session:
        for number, who in zip(numbers, gone, strict=False):
            session.execute(update(Complaint).where(Complaint.no == number).values(handler=who))
            session.execute(update(Task).where(Task.complaint_no == number).values(assignee=who))
        restricted = open_tasks(redress, numbers[2])[0].id  # a part that compliance gave them by name
        session.execute(update(Task).where(Task.id == restricted).values(restricted=True))
    with monkeypatch.context() as broken:
        broken.setattr(expiry, "_tell_others", cut_off_at(2))
        with pytest.raises(InterruptedError):
            see_to_expiry(redress.runtime)
    assert told(redress, EXPIRED) & set(gone) == set(gone[: expiry.AT_ONCE])
    assert see_to_expiry(redress.runtime) == len(gone) - expiry.AT_ONCE
    assert see_to_expiry(redress.runtime) == 0
    assert told(redress, EXPIRED) == {*gone, "supervisor", "analyst"}
    with redress.sessions.read() as session:
        notices = session.scalars(select(Notification.person_id).where(Notification.kind == EXPIRED)).all()
    assert len(notices) == len(set(notices))  # superiors, too, are told once of trainings that end together
    assert [complaint(redress, number).handler for number in numbers] == [None] * 3
    assignees = [task.assignee for number in numbers for task in open_tasks(redress, number)]
    assert assignees == [None, None, gone[2]]


def cut_off_at(number: int) -> Callable[..., None]:
    """Return what works as the function that tells others, until it is called for the `number`th time."""
    calls = itertools.count(1)
    tell = expiry._tell_others

    def called(*given: Any) -> None:
        if next(calls) == number:
            raise InterruptedError
        tell(*given)

    return called


def test_a_person_is_trained_while_each_of_the_three_contents_is_covered(redress: Redress) -> None:
    redress_actor = actor(redress, "analyst")
    with redress.sessions.step() as session:
        session.execute(update(Person).where(Person.username == "agent").values(training_valid_until=None))
    expire(redress, "agent")
    train(redress, "agent", "process", "communication")
    train(redress, "agent", "law", score=59)
    with redress.sessions.read() as session:
        found = reading.training_of(session, redress_actor, "agent")
        assert [row["passed"] for row in found["records"][:2]] == [False, True]
        # what was carried over still covers all three
        assert found["is_valid"]
        assert found["records"][0]["score"] == 59
        seen = reading.training_of(session, actor(redress, "supervisor"), "agent")
        assert {row["score"] for row in seen["records"]} == {None}
        with pytest.raises(NotFound):
            reading.training_of(session, actor(redress, "handler"), "agent")
        totals = reading.coverage_totals(session, redress_actor)
    assert totals == {"people": 2, "trained": 2, "contents": dict.fromkeys(ALL, 2)}
    with pytest.raises(Conflict):
        train(redress, "agent", "law", score=59)
    with pytest.raises(InvalidInput) as refused:
        train(redress, "agent", "cooking", on=date(2030, 1, 1), score=101)
    assert sorted(refused.value.errors) == ["contents", "held_on", "score"]
    with pytest.raises(Forbidden):
        enter_training(
            redress.runtime, actor(redress, "handler"), Attended("handler", ALL, date(2026, 1, 1), 100, "x")
        )


def test_the_plan_of_a_year_brings_its_sessions_and_who_failed_repeats_the_test(redress: Redress) -> None:
    expire(redress, "handler")
    instance = begin_plan(redress.runtime, actor(redress, "analyst"))
    first = {
        "title": "上半年培訓",
        "contents": ["process", "communication", "law"],
        "planned_on": "2026-04-10",
        "trainer": "compliance",
    }
    second = {"title": "法規更新", "contents": ["law"], "planned_on": "2026-09-10"}
    do(
        redress,
        tasks_of_process(redress, "plan-training")[0],
        "analyst",
        plan_year=2026,
        sessions=[first, second],
    )
    do(redress, tasks_of_process(redress, "approve-training-plan")[0], "management", plan_decision="return")
    do(
        redress,
        tasks_of_process(redress, "plan-training")[0],
        "analyst",
        plan_year=2026,
        sessions=[first, second],
    )
    do(redress, tasks_of_process(redress, "approve-training-plan")[0], "management")
    run_until_quiet(redress.runtime)
    with redress.sessions.read() as session:
        planned = reading.session_list(session, actor(redress, "handler"), year=2026).items
    assert [row["title"] for row in planned] == ["法規更新", "上半年培訓"]
    assert planned[1]["contents"] == list(ALL)
    assert tasks_of_process(redress, "hold-session") == []
    pass_time(redress, days=37)
    (task,) = tasks_of_process(redress, "hold-session")
    pass_time(redress, days=3)
    assert "analyst" in told(redress, "training-late")
    who = [{"person": "handler", "score": 40}, {"person": "handler2", "score": 90}]
    do(redress, task, "analyst", held_on="2026-04-10", attendees=who)
    run_until_quiet(redress.runtime)
    (again,) = tasks_of_process(redress, "retest")
    with redress.sessions.read() as session:
        variables = str(session.get_one(Instance, instance).workflow)
        assert session.scalars(select(PersonalValue.field).where(PersonalValue.field.endswith("score"))).all()
    assert "'score': 40" not in variables
    do(redress, again, "analyst", held_on="2026-04-11", attendees=[{"person": "handler", "score": 75}])
    run_until_quiet(redress.runtime)
    with redress.sessions.read() as session:
        held = reading.session_list(session, actor(redress, "handler"), year=2026).items[1]
        own = reading.training_of(session, actor(redress, "handler"))
    assert (held["held_on"], held["attended"], held["passed"]) == (date(2026, 4, 10), 2, 2)
    assert own["is_valid"]
    assert [row["score"] for row in own["records"][:2]] == [75, 40]
