"""Messages find who waits for them, wait for who is late, and act once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.jobs.passes import expire_messages
from engine.people.actor import SYSTEM
from engine.runtime.commands import cancel_instance, correlate, start_instance
from engine.runtime.deploy import deploy
from engine.runtime.form_context import read_step
from engine.store.tables.runtime import BufferedMessage, Instance

CATCH = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
<bpmn:process id="catcher" isExecutable="true">
 <bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="c"/>
 <bpmn:intermediateCatchEvent id="c">
  <bpmn:messageEventDefinition id="m" messageRef="paid"/></bpmn:intermediateCatchEvent>
 <bpmn:sequenceFlow id="f2" sourceRef="c" targetRef="e"/><bpmn:endEvent id="e"/>
</bpmn:process>
<bpmn:message id="paid" name="paid"><bpmn:extensionElements>
 <zeebe:subscription correlationKey="=order"/></bpmn:extensionElements></bpmn:message>
</bpmn:definitions>"""


@pytest.fixture
def catcher(redress: Redress) -> Redress:
    deploy(redress.runtime, SYSTEM, {"catcher.bpmn": CATCH}, family="catcher")
    return redress


def begin(redress: Redress, order: str) -> str:
    return start_instance(redress.runtime, SYSTEM, "catcher", {"order": order})


def state(redress: Redress, instance_id: str) -> str:
    with redress.sessions.read() as session:
        return session.scalars(select(Instance.state).where(Instance.id == instance_id)).one()


def test_only_the_instance_with_the_key_catches(catcher: Redress) -> None:
    one, two = begin(catcher, "A"), begin(catcher, "B")
    found = correlate(catcher.runtime, SYSTEM, "paid", "A", {"amount": 5})
    assert (found.correlated, found.buffered) == ([one], False)
    assert (state(catcher, one), state(catcher, two)) == ("completed", "active")
    with catcher.sessions.read() as session:
        assert read_step(catcher.runtime, session, one, SYSTEM).workflow.variables["amount"] == 5


def test_a_message_that_nobody_waits_for_is_lost_without_and_kept_with_a_time_to_live(
    catcher: Redress,
) -> None:
    assert correlate(catcher.runtime, SYSTEM, "paid", "A").buffered is False
    late = begin(catcher, "A")
    assert state(catcher, late) == "active"
    assert correlate(catcher.runtime, SYSTEM, "paid", "C", {"amount": 7}, ttl_s=60).buffered is True
    assert state(catcher, begin(catcher, "C")) == "completed"
    assert state(catcher, begin(catcher, "C")) == "active"  # it was taken once


def test_a_buffered_message_expires(catcher: Redress) -> None:
    correlate(catcher.runtime, SYSTEM, "paid", "A", ttl_s=60)
    clock.advance(timedelta(seconds=61))
    assert state(catcher, begin(catcher, "A")) == "active"
    expire_messages(catcher.runtime)
    with catcher.sessions.read() as session:
        assert session.scalars(select(BufferedMessage.id)).all() == []


def test_expired_messages_are_dropped_a_bounded_number_at_each_pass(
    catcher: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.jobs.chores._AT_ONCE", 2)
    monkeypatch.setattr("engine.jobs.chores._ROUNDS", 1)
    for number in range(6):
        key = f"m-{number}" if number % 2 else None
        correlate(catcher.runtime, SYSTEM, "paid", "A", message_id=key, ttl_s=60)
    clock.advance(timedelta(seconds=61))
    left = []
    for _ in range(3):
        expire_messages(catcher.runtime)
        with catcher.sessions.read() as session:
            left.append(sorted(session.scalars(select(BufferedMessage.state))))
    assert left == [
        ["buffered", "buffered", "expired", "expired"],
        ["expired", "expired", "expired"],
        ["expired", "expired", "expired"],
    ]


def test_the_same_message_id_acts_once(catcher: Redress) -> None:
    one = begin(catcher, "A")
    first = correlate(catcher.runtime, SYSTEM, "paid", "A", message_id="m-1")
    two = begin(catcher, "A")
    again = correlate(catcher.runtime, SYSTEM, "paid", "A", message_id="m-1")
    assert first == again
    assert (state(catcher, one), state(catcher, two)) == ("completed", "active")


def test_a_cancelled_instance_waits_for_nothing(catcher: Redress) -> None:
    one = begin(catcher, "A")
    cancel_instance(catcher.runtime, SYSTEM, one, "tried out")
    assert state(catcher, one) == "cancelled"
    assert correlate(catcher.runtime, SYSTEM, "paid", "A").correlated == []
