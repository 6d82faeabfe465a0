"""Instances that messages, signals and timers start, and what instances throw to one another."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from sqlalchemy import func, select

from engine import clock
from engine.assembly import Redress
from engine.errors import StepFailed
from engine.jobs.passes import TIMER_ATTEMPTS, deliver_kept_messages, run_due_starts, run_until_quiet
from engine.people.actor import SYSTEM
from engine.read.operations import incident_list
from engine.runtime.commands import broadcast, correlate, retry_incident, retry_incidents, start_instance
from engine.runtime.deploy import deploy
from engine.runtime.form_context import read_step
from engine.runtime.once import Once
from engine.store.tables.audit import History, HistoryValue
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import BufferedMessage, Incident, Instance, StartTrigger
from tests.runtime.spiff.drawing import (
    END,
    MESSAGE,
    ON_MESSAGE,
    ON_SIGNAL,
    SIGNAL,
    START,
    cycle,
    definitions,
    duration,
    element,
    ext,
    mapping,
    process,
    users,
)
from tests.world import actor

CATCHER = process(START + END + element("intermediateCatchEvent", "c", ON_MESSAGE) + "s->c;c->e;", "catcher")
PAYLOAD = ext(mapping({"key": "=&quot;K-&quot; + no", "amount": "=1.5"}, {}))
OURS = StartTrigger.process_id == "daily"


def put(redress: Redress, family: str, *parts: str) -> None:
    """Deploy each process in a file of its own, with the messages and signals of all."""
    shared = [part for part in parts if not part.startswith("<b:process")]
    drawn = [part for part in parts if part.startswith("<b:process")]
    files = {f"{family}{number}.bpmn": definitions(*shared, each) for number, each in enumerate(drawn)}
    deploy(redress.runtime, SYSTEM, files, family=family)


def started(redress: Redress, process_id: str) -> list[str]:
    with redress.sessions.read() as session:
        query = select(Instance.id).where(Instance.process_id == process_id).order_by(Instance.id)
        return list(session.scalars(query))


def state(redress: Redress, instance_id: str) -> str:
    with redress.sessions.read() as session:
        return session.scalars(select(Instance.state).where(Instance.id == instance_id)).one()


def variables(redress: Redress, instance_id: str) -> dict[str, object]:
    with redress.sessions.read() as session:
        return read_step(redress.runtime, session, instance_id, SYSTEM).workflow.variables


def thrower(tag: str, inside: str = ON_MESSAGE, **attributes: str) -> str:
    body = START + element(tag, "t", PAYLOAD + inside, **attributes) + "s->t;"
    return process(body if tag == "endEvent" else body + END + "t->e;", "thrower")


@pytest.mark.parametrize(
    "drawn",
    [
        thrower("intermediateThrowEvent"),
        thrower("endEvent"),
        thrower("sendTask", "", messageRef="m"),
    ],
    ids=["throw event", "end event", "send task"],
)
def test_a_message_that_an_instance_throws_reaches_the_one_that_waits(redress: Redress, drawn: str) -> None:
    put(redress, "two", MESSAGE, CATCHER, drawn)
    one = start_instance(redress.runtime, SYSTEM, "catcher", {"key": "K-1"})
    two = start_instance(redress.runtime, SYSTEM, "catcher", {"key": "K-2"})
    thrown = start_instance(redress.runtime, SYSTEM, "thrower", {"no": "1"})
    assert [state(redress, each) for each in (one, two, thrown)] == ["active", "active", "completed"]
    run_until_quiet(redress.runtime)
    assert (state(redress, one), state(redress, two)) == ("completed", "active")
    assert str(variables(redress, one)["amount"]) == "1.5"
    with redress.sessions.read() as session:  # what went along is a value, not part of the chain
        names = session.scalars(select(HistoryValue.name).where(HistoryValue.stream == thrown))
        assert {"key", "amount"} <= set(names)


def test_a_thrown_message_waits_for_whoever_comes_within_the_hour(redress: Redress) -> None:
    put(redress, "two", MESSAGE, CATCHER, thrower("endEvent"))
    start_instance(redress.runtime, SYSTEM, "thrower", {"no": "1"})
    run_until_quiet(redress.runtime)
    clock.advance(timedelta(minutes=59))
    late = start_instance(redress.runtime, SYSTEM, "catcher", {"key": "K-1"})
    assert state(redress, late) == "completed"
    assert str(variables(redress, late)["amount"]) == "1.5"
    start_instance(redress.runtime, SYSTEM, "thrower", {"no": "2"})
    run_until_quiet(redress.runtime)
    clock.advance(timedelta(minutes=61))
    assert state(redress, start_instance(redress.runtime, SYSTEM, "catcher", {"key": "K-2"})) == "active"


def test_a_message_kept_while_somebody_began_to_wait_is_delivered_later(redress: Redress) -> None:
    put(redress, "two", MESSAGE, CATCHER)
    waiting = start_instance(redress.runtime, SYSTEM, "catcher", {"key": "K-1"})
    with redress.sessions.step() as session:  # as if both had happened at the same moment
        session.add(
            BufferedMessage(
                id="m1",
                name="M",
                correlation_key="K-1",
                variables={},
                state="buffered",
                correlated=[],
                published_at=clock.now(),
                expires_at=clock.now() + timedelta(hours=1),
            )
        )
    assert deliver_kept_messages(redress.runtime) == 1
    assert state(redress, waiting) == "completed"
    assert deliver_kept_messages(redress.runtime) == 0


def test_a_thrown_signal_reaches_every_other_instance_once_and_starts_others(redress: Redress) -> None:
    waits = process(START + END + element("intermediateCatchEvent", "c", ON_SIGNAL) + "s->c;c->e;", "waits")
    starts = process(element("startEvent", "s", ON_SIGNAL) + users("a") + END + "s->a;a->e;", "starts")
    throws = process(START + element("endEvent", "t", ON_SIGNAL) + "s->t;", "throws")
    put(redress, "signals", SIGNAL, waits, starts, throws)
    waiting = [start_instance(redress.runtime, SYSTEM, "waits") for _ in range(3)]
    start_instance(redress.runtime, SYSTEM, "throws")
    run_until_quiet(redress.runtime)
    assert [state(redress, each) for each in waiting] == ["completed"] * 3
    assert len(started(redress, "starts")) == 1
    [from_outside] = broadcast(redress.runtime, SYSTEM, "G").correlated
    assert started(redress, "starts")[1:] == [from_outside]
    with redress.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Job).where(Job.state != "done")) == 0


def test_a_signal_to_very_many_is_told_by_the_worker_part_by_part_and_to_each_once(
    redress: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = import_module("engine.runtime.commands.correlate")
    monkeypatch.setattr(bounds, "TOLD_AT_ONCE", 3)
    monkeypatch.setattr(bounds, "SPREAD_AT_ONCE", 2)
    body = element("intermediateCatchEvent", "c", ON_SIGNAL) + users("a") + END + "s->c;c->a;a->e;"
    starts = process(element("startEvent", "s", ON_SIGNAL) + users("a") + END + "s->a;a->e;", "starts")
    put(redress, "signals", SIGNAL, process(START + body, "waits"), starts)
    waiting = [start_instance(redress.runtime, SYSTEM, "waits") for _ in range(5)]
    sender, key = actor(redress, "owner"), Once("k1", "signal")
    sent = broadcast(redress.runtime, sender, "G", {"amount": 5}, idempotency=key)
    assert (sent.correlated, sent.pending) == (started(redress, "starts"), True)
    assert broadcast(redress.runtime, sender, "G", {"amount": 5}, idempotency=key) == sent
    late = start_instance(redress.runtime, SYSTEM, "waits")  # what was sent before it waited is not for it
    run_until_quiet(redress.runtime)
    with redress.sessions.read() as session:
        told = session.execute(
            select(History.stream, History.actor).where(History.kind == "signal.caught")
        ).all()
        assert session.scalar(select(func.count()).select_from(Job).where(Job.state != "done")) == 0
    assert sorted(told) == sorted((each, "owner") for each in waiting)
    assert {str(variables(redress, each)["amount"]) for each in waiting} == {"5"}
    assert len(started(redress, "starts")) == 1
    assert variables(redress, late) == {}


def test_a_message_starts_an_instance_at_its_start_event(redress: Redress) -> None:
    message = '<b:message id="m" name="M"/>'
    body = START + element("startEvent", "ms", ON_MESSAGE) + users("a", "b") + END + "s->a;ms->b;a->e;b->e;"
    put(redress, "orders", message, process(body, "order"))
    found = correlate(redress.runtime, SYSTEM, "M", "K-7", {"amount": 7}, message_id="once")
    assert found == correlate(redress.runtime, SYSTEM, "M", "K-7", {"amount": 7}, message_id="once")
    assert found.correlated == started(redress, "order")
    with redress.sessions.read() as session:
        assert session.scalars(select(Instance.business_key)).all().count("K-7") == 1
        step = read_step(redress.runtime, session, found.correlated[0], SYSTEM)
        assert [wait.element.element_id for wait in step.workflow.waits()] == ["b"]
        assert step.workflow.variables == {"amount": 7}


def test_messages_begin_an_instance_behind_a_parallel_gateway_and_meet_in_it(redress: Redress) -> None:
    other = MESSAGE.replace('"m"', '"n"').replace('"M"', '"N"')
    body = element("eventBasedGateway", "w", instantiate="true", eventGatewayType="Parallel")
    body += element("intermediateCatchEvent", "c1", ON_MESSAGE)
    body += element("receiveTask", "c2", messageRef="n") + '<b:parallelGateway id="j"/>' + END
    put(redress, "meet", MESSAGE, other, process(body + "w->c1;w->c2;c1->j;c2->j;j->e;", "meet"))
    [instance] = correlate(redress.runtime, SYSTEM, "N", "K", {"key": "K", "late": 1}).correlated
    assert state(redress, instance) == "active"
    assert correlate(redress.runtime, SYSTEM, "M", "K", {"early": 2}).correlated == [instance]
    assert state(redress, instance) == "completed"
    assert variables(redress, instance) == {"key": "K", "late": 1, "early": 2}


def test_only_the_newest_bundle_starts_instances(redress: Redress) -> None:
    message = '<b:message id="m" name="M"/>'
    before = process(element("startEvent", "ms", ON_MESSAGE) + users("a") + END + "ms->a;a->e;", "order")
    put(redress, "orders", message, before)
    put(redress, "orders", message, before.replace('"a"', '"b"').replace(">a;a-", ">b;b-"))
    [instance] = correlate(redress.runtime, SYSTEM, "M", "").correlated
    with redress.sessions.read() as session:
        step = read_step(redress.runtime, session, instance, SYSTEM)
        assert [wait.element.element_id for wait in step.workflow.waits()] == ["b"]
    put(redress, "orders", process(START + users("a") + END + "s->a;a->e;", "order"))
    assert correlate(redress.runtime, SYSTEM, "M", "").correlated == []


def timed(redress: Redress, text: str, *, middle: str = users("a")) -> None:
    start = element("startEvent", "ts", cycle(text))
    put(redress, "daily", process(start + middle + END + "ts->a;a->e;", "daily"))


def test_a_timer_starts_an_instance_at_each_of_its_times(redress: Redress) -> None:
    timed(redress, "R2/P1D")
    counts = []
    for _ in range(4):
        run_due_starts(redress.runtime)
        counts.append(len(started(redress, "daily")))
        clock.advance(timedelta(days=1))
    assert counts == [0, 1, 2, 2]
    with redress.sessions.read() as session:
        assert session.scalars(select(StartTrigger.id).where(OURS)).all() == []


def test_times_that_passed_while_nothing_ran_start_one_instance(redress: Redress) -> None:
    timed(redress, "R/P1D")
    clock.advance(timedelta(days=10, hours=1))
    assert [run_due_starts(redress.runtime) for _ in range(3)] == [1, 0, 0]
    clock.advance(timedelta(hours=24))
    assert run_due_starts(redress.runtime) == 1


def test_a_date_that_is_past_at_deployment_starts_nothing_and_a_new_version_arms_anew(
    redress: Redress,
) -> None:
    def dated(text: str) -> None:
        drawn = f"<b:timerEventDefinition><b:timeDate>{text}</b:timeDate></b:timerEventDefinition>"
        start = element("startEvent", "ts", drawn)
        put(redress, "daily", process(start + users("a") + END + "ts->a;a->e;", "daily"))

    dated("2026-03-01T00:00:00Z")
    assert run_due_starts(redress.runtime) == 0
    dated("2026-03-03T00:00:00Z")
    dated("2026-03-04T00:00:00Z")  # takes the place of the one before
    clock.advance(timedelta(days=2))
    assert run_due_starts(redress.runtime) == 1
    assert len(started(redress, "daily")) == 1


def test_a_timer_that_cannot_start_becomes_an_incident_and_comes_again(redress: Redress) -> None:
    timed(redress, "R/P1D", middle='<b:exclusiveGateway id="a" default="f2_a_e"/>')
    bad = element("startEvent", "ts", cycle("R/P1D"))
    gateway = '<b:exclusiveGateway id="a"/>' + users("b")
    put(redress, "daily", process(bad + gateway + END + "ts->a;a->b[missing];b->e;", "daily"))
    clock.advance(timedelta(days=1, minutes=1))
    fail_starts(redress)
    with redress.sessions.read() as session:
        assert [row.element_id for row in session.scalars(select(Incident))] == ["ts"]
        [due] = session.scalars(select(StartTrigger.due_at).where(OURS))
    assert due > clock.now()
    assert started(redress, "daily") == []


def fail_starts(redress: Redress) -> None:
    """Try what cannot start as often as it is tried; each wait is longer than the one before."""
    waits = []
    for _ in range(TIMER_ATTEMPTS):
        before = clock.now()
        assert [run_due_starts(redress.runtime), run_due_starts(redress.runtime)] == [0, 0]
        with redress.sessions.read() as session:
            [again] = session.scalars(select(StartTrigger.run_at).where(OURS)).all() or [None]
        if again is not None:
            waits.append(again - before)
            clock.advance(waits[-1])
    assert len(waits) == TIMER_ATTEMPTS - 1
    assert sorted(waits) == waits
    assert waits[0] >= timedelta(seconds=5)


def put_start(redress: Redress, *, works: bool, timing: str = cycle("R/P1D")) -> None:
    """Deploy a process that a timer starts, and that cannot run before it is mended."""
    start = element("startEvent", "ts", timing)
    flow = "a->b;" if works else "a->b[missing];"
    body = start + '<b:exclusiveGateway id="a"/>' + users("b") + END + f"ts->a;{flow}b->e;"
    put(redress, "daily", process(body, "daily"))


@pytest.mark.parametrize("timing", [cycle("R/P1D"), duration("P1D")], ids=["cycle", "once"])
def test_retrying_a_start_that_failed_starts_it_once_the_model_is_mended(
    redress: Redress, timing: str
) -> None:
    rt = redress.runtime
    put_start(redress, works=False, timing=timing)
    clock.advance(timedelta(days=1, minutes=1))
    fail_starts(redress)
    with redress.sessions.read() as session:
        [found] = incident_list(session, SYSTEM, process_id="daily").items
    with pytest.raises(StepFailed, match="'a'"):
        retry_incident(rt, SYSTEM, found["id"], "does it run by now")
    assert retry_incidents(rt, SYSTEM, "and now", process_id="daily") == 0
    assert started(redress, "daily") == []
    put_start(redress, works=True, timing=timing)
    assert retry_incident(rt, SYSTEM, found["id"], "mended")["retried"]
    assert [state(redress, each) for each in started(redress, "daily")] == ["active"]
    with redress.sessions.read() as session:
        assert incident_list(session, SYSTEM).items == []


def test_a_failed_start_that_is_drawn_no_more_is_only_resolved(redress: Redress) -> None:
    put_start(redress, works=False)
    clock.advance(timedelta(days=1, minutes=1))
    fail_starts(redress)
    put(redress, "daily", process(START + users("b") + END + "s->b;b->e;", "daily"))
    with redress.sessions.read() as session:
        [found] = incident_list(session, SYSTEM).items
    assert not retry_incident(redress.runtime, SYSTEM, found["id"], "gone")["retried"]
    assert started(redress, "daily") == []


def test_a_timer_that_gives_no_time_is_refused_at_deployment(redress: Redress) -> None:
    with pytest.raises(StepFailed, match="timer =unknown of start event 'ts'"):
        timed(redress, "=unknown")
