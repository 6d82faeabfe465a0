"""Operators intervene: suspend, resume, cancel, other dates, variables, incidents; both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from engine import clock
from engine.assembly import Redress, assemble
from engine.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotActive,
    NotFound,
    RedressError,
    StateUnreadable,
)
from engine.jobs.outside import activate_jobs, complete_job, report_failure
from engine.jobs.passes import TIMER_ATTEMPTS, run_due_timers, run_until_quiet
from engine.people.actor import SYSTEM
from engine.runtime.commands import (
    cancel_instance,
    claim,
    complete,
    correlate,
    migrate_instance,
    move_token,
    reschedule_timer,
    resolve_moot_incidents,
    resume_instance,
    retry_incident,
    retry_incidents,
    set_variables,
    start_instance,
    suspend_instance,
)
from engine.runtime.deploy import deploy
from engine.runtime.form_context import read_step
from engine.runtime.once import Once
from engine.runtime.runtime import Runtime
from engine.store.tables.audit import History, HistoryValue
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Incident, Instance, Task, Timer
from tests.at_once import at_once
from tests.driving import complaint, open_tasks
from tests.runtime.consistency import assert_consistent
from tests.runtime.spiff.drawing import (
    END,
    MESSAGE,
    ON_MESSAGE,
    START,
    boundary,
    definitions,
    duration,
    element,
    ext,
    process,
    z,
)
from tests.world import actor, pass_time, register

FORM = b"""{"type": "default", "id": "f", "components": [
  {"type": "number", "key": "amount", "validate": {"min": 0}},
  {"type": "textfield", "key": "name", "properties": {"personal": true}}]}"""
AGENTS = z("assignmentDefinition", candidateGroups="agents")


def put(redress: Redress, form: bytes = FORM) -> str:
    """Deploy a process that waits for a person, two timers, a message and a job at once; start it."""
    task = element("userTask", "work", ext(AGENTS + z("formDefinition", formId="f")))
    job = element("serviceTask", "print", ext(z("taskDefinition", type="printing", retries="2")))
    drawn = process(
        START
        + END
        + element("parallelGateway", "fork")
        + task
        + boundary(duration("PT1H"), "work", interrupting=False, name="first")
        + boundary(duration("PT3H"), "work", interrupting=False, name="third")
        + boundary(ON_MESSAGE, "work", interrupting=False, name="second")
        + job
        + "s->fork;fork->work;fork->print;work->e;print->e;first->e;second->e;third->e;"
    )
    files = {"p.bpmn": definitions(MESSAGE, drawn), "f.form": form}
    deploy(redress.runtime, SYSTEM, files, family="operated")
    return start_instance(redress.runtime, SYSTEM, "p", {"key": "K", "amount": 1})


def happened(redress: Redress, instance_id: str, *kinds: str) -> list[str | None]:
    with redress.sessions.read() as session:
        query = select(History.element_id).where(History.stream == instance_id, History.kind.in_(kinds))
        return list(session.scalars(query.order_by(History.seq)))


def told(redress: Redress, instance_id: str, kind: str) -> list[str]:
    """The data of each row of this kind, as text."""
    with redress.sessions.read() as session:
        query = select(History.data).where(History.stream == instance_id, History.kind == kind)
        return list(session.scalars(query.order_by(History.seq)))


def state(redress: Redress, instance_id: str) -> str:
    with redress.sessions.read() as session:
        return session.get_one(Instance, instance_id).state


def timer(redress: Redress, instance_id: str, element_id: str) -> Timer:
    with redress.sessions.read() as session:
        return session.scalars(
            select(Timer).where(Timer.instance_id == instance_id, Timer.element_id == element_id)
        ).one()


def test_a_suspended_instance_stands_still_and_then_catches_up_in_order(redress: Redress) -> None:
    rt, instance = redress.runtime, put(redress)
    assert suspend_instance(rt, SYSTEM, instance, "a wrong letter") == "suspended"
    assert_consistent(redress, instance)
    clock.advance(timedelta(hours=2))
    with redress.sessions.read() as session:
        task = session.scalars(select(Task.id).where(Task.instance_id == instance)).one()
    claim(rt, actor(redress, "agent"), task)
    with pytest.raises(NotActive, match="suspended"):
        complete(rt, actor(redress, "agent"), task, {"amount": 2, "name": ""})
    assert correlate(rt, SYSTEM, "M", "K").correlated == []
    assert correlate(rt, SYSTEM, "M", "K", ttl_s=36_000).buffered is True
    clock.advance(timedelta(hours=2))
    assert run_until_quiet(rt) == 0
    assert activate_jobs(rt, "printing", most=9, timeout_s=60, worker="w") == []
    assert happened(redress, instance, "timer.fired", "message.caught") == []
    assert resume_instance(rt, SYSTEM, instance, "put right") == "active"
    run_until_quiet(rt)
    assert happened(redress, instance, "timer.fired", "message.caught") == ["first", "second", "third"]
    assert len(activate_jobs(rt, "printing", most=9, timeout_s=60, worker="w")) == 1
    complete(rt, actor(redress, "agent"), task, {"amount": 2, "name": ""})
    assert_consistent(redress, instance)
    assert '"a wrong letter"' in told(redress, instance, "instance.suspended")[0]


def test_a_worker_that_has_the_job_of_a_suspended_instance_ends_it_afterwards(redress: Redress) -> None:
    rt, instance = redress.runtime, put(redress)
    job = activate_jobs(rt, "printing", most=1, timeout_s=60, worker="w")[0]["id"]
    suspend_instance(rt, SYSTEM, instance, "wait")
    with pytest.raises(Conflict, match="suspended"):
        complete_job(rt, SYSTEM, job, {})
    with pytest.raises(Conflict, match="suspended"):
        report_failure(rt, SYSTEM, job, "jam")
    resume_instance(rt, SYSTEM, instance, "go on")
    complete_job(rt, SYSTEM, job, {}, worker="w")
    assert_consistent(redress, instance)


def test_only_the_state_that_fits_can_be_suspended_resumed_and_cancelled(redress: Redress) -> None:
    rt, instance = redress.runtime, put(redress)
    with pytest.raises(Conflict, match="active"):
        resume_instance(rt, SYSTEM, instance, "why")
    suspend_instance(rt, SYSTEM, instance, "why")
    with pytest.raises(Conflict, match="suspended"):
        suspend_instance(rt, SYSTEM, instance, "why")
    assert cancel_instance(rt, SYSTEM, instance, "why") == "cancelled"
    for verb in (suspend_instance, resume_instance, cancel_instance):
        with pytest.raises(NotActive):
            verb(rt, SYSTEM, instance, "why")
        with pytest.raises(NotFound):
            verb(rt, SYSTEM, "0" * 32, "why")
    assert_consistent(redress, instance)


def test_who_may_not_operate_and_who_says_no_reason_is_refused(redress: Redress) -> None:
    rt, instance = redress.runtime, put(redress)
    for name in ("agent", "handler", "supervisor", "management", "auditor", "compliance", "analyst"):
        who = actor(redress, name)
        for verb in (suspend_instance, resume_instance, cancel_instance):
            with pytest.raises(Forbidden, match=r"instance\.operate"):
                verb(rt, who, instance, "why")
        with pytest.raises(Forbidden):
            set_variables(rt, who, instance, {"amount": 2}, "why")
        with pytest.raises(Forbidden):
            reschedule_timer(rt, who, timer(redress, instance, "first").id, clock.now(), "why")
        with pytest.raises(Forbidden):
            retry_incidents(rt, who, "why")
    for reason in ("", "  ", "x" * 2001):
        with pytest.raises(InvalidInput, match="reason"):
            suspend_instance(rt, actor(redress, "owner"), instance, reason)
    suspend_instance(rt, actor(redress, "owner"), instance, "asked for by 13912345678")
    assert "13912345678" not in told(redress, instance, "instance.suspended")[0]


def test_a_repeated_request_gets_the_first_answer_and_a_stale_revision_is_refused(redress: Redress) -> None:
    rt, instance, key = redress.runtime, put(redress), Once("k", "a" * 64)
    with redress.sessions.read() as session:
        seen = session.get_one(Instance, instance).version
    states = at_once(*[lambda: suspend_instance(rt, SYSTEM, instance, "why", idempotency=key)] * 4)
    assert states == ["suspended"] * 4
    assert len(told(redress, instance, "instance.suspended")) == 1
    with pytest.raises(Conflict, match="revision"):
        resume_instance(rt, SYSTEM, instance, "why", revision=seen)
    assert resume_instance(rt, SYSTEM, instance, "why", revision=seen + 1) == "active"


def test_of_operators_at_the_same_moment_one_wins_and_the_others_are_told(redress: Redress) -> None:
    instance = put(redress)
    second = assemble(redress.config)  # as another process would be: with its own memory
    rts = [redress.runtime, second.runtime] * 3
    try:
        outcomes = at_once(*[lambda rt=rt: suspend_instance(rt, SYSTEM, instance, "why") for rt in rts])
        assert outcomes.count("suspended") == 1
        assert sum(isinstance(each, Conflict) for each in outcomes) == 5
        assert_consistent(redress, instance)
        outcomes = at_once(
            *[lambda rt=rt: resume_instance(rt, SYSTEM, instance, "why") for rt in rts[:3]]
            + [lambda rt=rt: cancel_instance(rt, SYSTEM, instance, "why") for rt in rts[:3]]
        )
        assert outcomes.count("cancelled") == 1
        assert outcomes.count("active") <= 1
        assert_consistent(redress, instance)
    finally:
        second.close()


def test_of_two_who_looked_at_the_same_revision_one_acts_and_the_other_is_told(redress: Redress) -> None:
    put(redress)
    second = assemble(redress.config)  # as another process would be: with its own memory
    ahead = clock.now() + timedelta(days=1)

    def first_timer(instance: str) -> str:
        return timer(redress, instance, "first").id

    verbs: dict[str, Callable[[Runtime, str, int], Any]] = {
        "suspend": lambda rt, key, _: suspend_instance(rt, SYSTEM, key, "why", revision=1),
        "cancel": lambda rt, key, _: cancel_instance(rt, SYSTEM, key, "why", revision=1),
        "move": lambda rt, key, _: move_token(rt, SYSTEM, key, "work", "work", "why", revision=1),
        "variables": lambda rt, key, n: set_variables(rt, SYSTEM, key, {"amount": 5 + n}, "why", revision=1),
        "timer": lambda rt, key, n: reschedule_timer(
            rt, SYSTEM, first_timer(key), ahead + timedelta(hours=n), "why", revision=1
        ),
        "migrate": lambda rt, key, _: migrate_instance(rt, SYSTEM, key, "why", revision=1),
    }
    keys = {name: start_instance(redress.runtime, SYSTEM, "p", {"key": name}) for name in verbs}
    put(redress, form=FORM.replace(b'"min": 0', b'"min": 1'))  # the version to migrate to
    try:
        for name, verb in verbs.items():
            calls = enumerate([redress.runtime, second.runtime])
            outcomes = at_once(*[lambda n=n, rt=rt: verb(rt, keys[name], n) for n, rt in calls])  # noqa: B023
            (lost,) = [each for each in outcomes if isinstance(each, RedressError)]
            assert isinstance(lost, Conflict), (name, lost)
            assert_consistent(redress, keys[name])
            with redress.sessions.read() as session:
                assert session.get_one(Instance, keys[name]).version == 2, name
    finally:
        second.close()


def test_workers_and_operators_do_not_block_one_another(redress: Redress) -> None:
    rt = redress.runtime
    instance = put(redress)
    others = [start_instance(rt, SYSTEM, "p", {"key": "K"}) for _ in range(5)]
    for each in [instance, *others]:
        job = next(
            row["id"]
            for row in activate_jobs(rt, "printing", most=9, timeout_s=600, worker=f"w{each}")
            if row["instance_id"] in [instance, *others]
        )
        outcomes = at_once(
            *[
                lambda job=job: complete_job(rt, SYSTEM, job, {}) or "done",
                lambda each=each: cancel_instance(rt, SYSTEM, each, "why"),
            ]
        )
        assert "cancelled" in outcomes
        assert_consistent(redress, each)
        clock.advance(timedelta(minutes=11))


def test_a_timer_gets_another_instant_in_its_row_and_in_the_state(redress: Redress) -> None:
    rt, instance = redress.runtime, put(redress)
    before = timer(redress, instance, "first")
    later = clock.now() + timedelta(days=2)
    done = reschedule_timer(rt, actor(redress, "admin"), before.id, later, "the customer travels")
    assert done["state"] == "active"
    assert timer(redress, instance, "first").due_at == later
    assert timer(redress, instance, "first").id == before.id
    assert_consistent(redress, instance)
    text = told(redress, instance, "timer.rescheduled")[0]
    assert "the customer travels" in text
    assert before.due_at.strftime("%Y-%m-%dT%H") in text
    assert later.strftime("%Y-%m-%dT%H") in text
    pass_time(redress, hours=4)
    assert happened(redress, instance, "timer.fired") == ["third"]
    reschedule_timer(rt, SYSTEM, before.id, clock.now() - timedelta(hours=1), "now")
    run_until_quiet(rt)
    assert happened(redress, instance, "timer.fired") == ["third", "first"]
    with pytest.raises(NotFound):
        reschedule_timer(rt, SYSTEM, before.id, later, "again")
    assert_consistent(redress, instance)


def test_the_timer_of_a_suspended_instance_can_be_moved_and_waits_for_it(redress: Redress) -> None:
    rt, instance = redress.runtime, put(redress)
    suspend_instance(rt, SYSTEM, instance, "why")
    reschedule_timer(rt, SYSTEM, timer(redress, instance, "third").id, clock.now(), "now")
    assert run_due_timers(rt) == 0
    assert_consistent(redress, instance)
    resume_instance(rt, SYSTEM, instance, "why")
    assert happened(redress, instance, "timer.fired") == ["third"]


def test_the_policys_limit_is_not_moved_past_its_case(redress: Redress) -> None:
    made = register(redress)
    due = complaint(redress, made.complaint_no).due_at
    limit = timer(redress, made.instance_id, "limit-grade-3")
    with pytest.raises(Conflict, match=f"complaints/{made.complaint_no}/extend"):
        reschedule_timer(redress.runtime, SYSTEM, limit.id, due + timedelta(days=3), "slow post")
    assert timer(redress, made.instance_id, "limit-grade-3").due_at == due
    warning = timer(redress, made.instance_id, "warning-grade-3")
    reschedule_timer(redress.runtime, SYSTEM, warning.id, warning.due_at - timedelta(hours=8), "earlier")
    assert complaint(redress, made.complaint_no).due_at == due
    assert_consistent(redress, made.instance_id)


def test_declared_variables_are_set_with_both_values_in_history(redress: Redress) -> None:
    rt, instance = redress.runtime, put(redress)
    done = set_variables(rt, SYSTEM, instance, {"amount": 25}, "mistyped")
    assert done == {"changed": ["amount"], "state": "active"}
    assert set_variables(rt, SYSTEM, instance, {"amount": 25}, "again")["changed"] == []
    with redress.sessions.read() as session:
        assert read_step(rt, session, instance, SYSTEM).workflow.variables["amount"] == 25
        seq = session.scalars(
            select(History.seq).where(History.stream == instance, History.kind == "variables.changed")
        ).all()
        values = session.scalars(
            select(HistoryValue.value).where(HistoryValue.stream == instance, HistoryValue.seq == seq[-1])
        ).all()
    assert values == ['{"new":25,"old":1}']
    assert "mistyped" in told(redress, instance, "variables.changed")[-1]
    assert_consistent(redress, instance)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"unknown": 1}, "declared by no form"),
        ({"name": "somebody"}, "is personal"),
        ({"amount": "personal:0190"}, "is personal"),
        ({"amount": -1}, "0"),
        ({"amount": "much"}, "number"),
    ],
)
def test_other_variables_are_refused_by_name(redress: Redress, values: dict[str, Any], said: str) -> None:
    instance = put(redress)
    with pytest.raises(InvalidInput) as refused:
        set_variables(redress.runtime, SYSTEM, instance, values, "why")
    assert list(refused.value.errors) == list(values)
    assert said in " ".join(refused.value.errors[next(iter(values))])
    assert told(redress, instance, "variables.changed") == []


def poison(redress: Redress, instance_id: str) -> bytes:
    """Make the next step of an instance fail; return its state to mend it with."""
    with redress.sessions.step() as session:
        before = session.get_one(Instance, instance_id).workflow
        session.execute(update(Instance).where(Instance.id == instance_id).values(workflow=b"{}"))
    redress.runtime.workflows.drop(instance_id)
    return before


def mend(redress: Redress, instance_id: str, before: bytes) -> None:
    with redress.sessions.step() as session:
        session.execute(update(Instance).where(Instance.id == instance_id).values(workflow=before))


def incidents(redress: Redress, state: str = "open") -> list[Incident]:
    with redress.sessions.read() as session:
        return list(session.scalars(select(Incident).where(Incident.state == state).order_by(Incident.id)))


def test_a_timer_that_fails_is_an_incident_is_retried_and_resolved(redress: Redress) -> None:
    rt, instance = redress.runtime, put(redress)
    other = start_instance(rt, SYSTEM, "p", {"key": "L"})
    before = poison(redress, instance)
    clock.advance(timedelta(hours=2))
    for _ in range(TIMER_ATTEMPTS + 1):
        run_due_timers(rt)
        clock.advance(timedelta(minutes=2))  # it is tried again after a while
    assert happened(redress, other, "timer.fired")[:1] == ["first"]  # it blocks nobody
    (found,) = incidents(redress)
    assert (found.kind, found.element_id, found.instance_id) == ("timer", "first", instance)
    assert timer(redress, instance, "first").state == "failed"
    mend(redress, instance, before)
    assert run_due_timers(rt) == 0  # not before somebody retries it
    done = retry_incident(rt, actor(redress, "admin"), found.id, "mended")
    assert done == {"id": found.id, "state": "resolved", "retried": True}
    run_due_timers(rt)
    assert happened(redress, instance, "timer.fired") == ["first"]
    (resolved,) = incidents(redress, "resolved")
    assert resolved.resolved_by == "admin"
    assert resolved.resolved_at is not None
    assert happened(redress, instance, "incident.opened", "incident.resolved") == ["first", "first"]
    with pytest.raises(Conflict, match="resolved already by admin"):
        retry_incident(rt, SYSTEM, found.id, "again")
    assert_consistent(redress, instance)


def fail_printing(redress: Redress) -> None:
    for _ in range(2):
        for job in activate_jobs(redress.runtime, "printing", most=99, timeout_s=60, worker="w"):
            report_failure(redress.runtime, SYSTEM, job["id"], "jam", delay_s=0)


def test_an_instance_whose_state_cannot_be_read_is_cancelled_and_only_that(redress: Redress) -> None:
    rt, instance = redress.runtime, put(redress)
    fail_printing(redress)
    case = register(redress, grade=2)
    other = put(redress)
    before = {each: poison(redress, each) for each in (instance, case.instance_id)}
    with pytest.raises(StateUnreadable):
        set_variables(rt, SYSTEM, instance, {"amount": 2}, "why")
    with pytest.raises(Conflict, match="revision"):
        cancel_instance(rt, SYSTEM, instance, "why", revision=99)
    assert cancel_instance(rt, SYSTEM, instance, "no backup has it", revision=1) == "cancelled"
    assert cancel_instance(rt, SYSTEM, case.instance_id, "no backup has it") == "cancelled"
    for each in before:
        assert_consistent(redress, each)
        assert "no backup has it" in told(redress, each, "instance.cancelled")[0]
        assert "format" in told(redress, each, "process.cancelled")[0]
    assert happened(redress, instance, "task.withdrawn") == ["work"]
    assert activate_jobs(rt, "printing", most=9, timeout_s=60, worker="w")[0]["instance_id"] == other
    assert resolve_moot_incidents(rt) == 1
    with redress.sessions.read() as session:
        assert session.get_one(Instance, instance).workflow == b"{}"  # kept for who looks into the damage
    assert complaint(redress, case.complaint_no).status == "withdrawn"
    with pytest.raises(NotActive):
        cancel_instance(rt, SYSTEM, instance, "again")


def test_all_incidents_of_a_kind_are_retried_together(redress: Redress) -> None:
    rt = redress.runtime
    instances = [put(redress), *(start_instance(rt, SYSTEM, "p", {"key": "K"}) for _ in range(3))]
    fail_printing(redress)
    assert len(incidents(redress)) == 4
    assert retry_incidents(rt, SYSTEM, "x", kind="timer") == 0
    assert retry_incidents(rt, SYSTEM, "x", element_id="work") == 0
    suspend_instance(rt, SYSTEM, instances[0], "wait")
    assert retry_incidents(rt, SYSTEM, "paper is there", process_id="p", element_id="print") == 4
    assert len(activate_jobs(rt, "printing", most=99, timeout_s=60, worker="w")) == 3
    resume_instance(rt, SYSTEM, instances[0], "go on")
    assert len(activate_jobs(rt, "printing", most=99, timeout_s=60, worker="w")) == 1
    for each in instances:
        assert_consistent(redress, each)


def test_of_two_who_retry_one_does_and_the_job_runs_once(redress: Redress) -> None:
    put(redress)
    fail_printing(redress)
    (found,) = incidents(redress)
    outcomes = at_once(*[lambda: retry_incident(redress.runtime, SYSTEM, found.id, "why")] * 4)
    assert sum(isinstance(each, dict) for each in outcomes) == 1
    assert sum(isinstance(each, Conflict) for each in outcomes) == 3
    assert len(activate_jobs(redress.runtime, "printing", most=9, timeout_s=60, worker="w")) == 1


def test_what_an_instance_leaves_behind_is_resolved_without_a_retry(redress: Redress) -> None:
    rt, instance = redress.runtime, put(redress)
    fail_printing(redress)
    assert resolve_moot_incidents(rt) == 0
    cancel_instance(rt, SYSTEM, instance, "why")
    assert resolve_moot_incidents(rt) == 1
    assert incidents(redress) == []
    with redress.sessions.read() as session:
        assert session.scalar(select(func.count()).where(Job.state == "dead")) == 0
    assert_consistent(redress, instance)


def test_a_suspended_complaint_is_not_changed_until_it_is_resumed(redress: Redress) -> None:
    made = register(redress)
    suspend_instance(redress.runtime, SYSTEM, made.instance_id, "a court order")
    pass_time(redress, days=4)
    assert [task.element_id for task in open_tasks(redress, made.complaint_no)] == ["investigate"]
    resume_instance(redress.runtime, SYSTEM, made.instance_id, "lifted")
    run_until_quiet(redress.runtime)
    assert sorted(task.element_id for task in open_tasks(redress, made.complaint_no)) == [
        "explain-delay",
        "investigate",
        "urge",
    ]
    assert happened(redress, made.instance_id, "timer.fired") == [
        "warning-grade-3",
        "investigation-late",
        "limit-grade-3",
    ]
    assert_consistent(redress, made.instance_id)
