"""A request under a key acts once, on both databases, however often and however simultaneously it comes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine import clock
from engine.assembly import Redress
from engine.cases.contact import record_contact
from engine.cases.registration import register_complaint
from engine.cases.regrading import regrade
from engine.cases.withdrawal import withdraw
from engine.errors import FormRefused, InvalidInput
from engine.jobs.passes import forget_answers
from engine.runtime.commands import claim, complete, correlate
from engine.runtime.once import KEPT_FOR, Once
from engine.store.tables.cases import Complaint, Contact
from engine.store.tables.runtime import BufferedMessage, Idempotency
from tests.at_once import at_once
from tests.driving import open_tasks
from tests.world import actor, intake, register

KEY = Once("key-1", "a" * 64)
THREADS = 6


def count(redress: Redress, table: type) -> int:
    with redress.sessions.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_registration_repeated_at_the_same_time_registers_once(redress: Redress) -> None:
    agent, body = actor(redress, "agent"), intake()
    answers = at_once(*[lambda: register_complaint(redress.runtime, agent, body, idempotency=KEY)] * THREADS)
    assert len({answer.complaint_no for answer in answers}) == 1
    assert count(redress, Complaint) == 1
    assert register_complaint(redress.runtime, agent, body, idempotency=KEY) == answers[0]


def test_a_task_completed_at_the_same_time_under_one_key_is_completed_once_for_all(redress: Redress) -> None:
    from engine.runtime.form_context import task_form
    from tests.filling import fill

    handler = actor(redress, "handler")
    task = open_tasks(redress, register(redress).complaint_no)[0]
    claim(redress.runtime, handler, task.id)
    with redress.sessions.read() as session:
        form = task_form(redress.runtime, session, handler, task.id, "en")
    values = fill(form.schema, form.values)
    states = at_once(
        *[lambda: complete(redress.runtime, handler, task.id, values, idempotency=KEY)] * THREADS
    )
    assert states == ["active"] * THREADS


def test_the_key_belongs_to_its_request_and_to_its_caller(redress: Redress) -> None:
    first = register_complaint(redress.runtime, actor(redress, "agent"), intake(), idempotency=KEY)
    with pytest.raises(InvalidInput, match="another request") as refused:
        register_complaint(
            redress.runtime, actor(redress, "agent"), intake(), idempotency=Once(KEY.key, "b" * 64)
        )
    assert list(refused.value.errors) == ["Idempotency-Key"]
    other = register_complaint(redress.runtime, actor(redress, "agent2"), intake(), idempotency=KEY)
    assert other.complaint_no != first.complaint_no


def test_what_failed_is_not_remembered(redress: Redress) -> None:
    handler = actor(redress, "handler")
    task = open_tasks(redress, register(redress).complaint_no)[0]
    claim(redress.runtime, handler, task.id)
    with pytest.raises(FormRefused):
        complete(redress.runtime, handler, task.id, {}, idempotency=KEY)
    assert count(redress, Idempotency) == 0


def test_changes_of_a_case_are_repeatable(redress: Redress) -> None:
    agent, rt = actor(redress, "agent"), redress.runtime
    number = register(redress).complaint_no
    keys = [Once(f"key-{each}", "c" * 64) for each in range(4)]
    noted = [
        record_contact(
            rt, agent, number, channel="hotline", direction="in", summary="called", idempotency=keys[0]
        )
        for _ in range(2)
    ]
    assert noted[0] == noted[1]
    assert count(redress, Contact) == 1
    graded = [regrade(rt, agent, number, 2, "graver", idempotency=keys[1]) for _ in range(2)]
    assert graded[0] == graded[1]
    sent = [correlate(rt, agent, "nobody-waits", "x", ttl_s=60, idempotency=keys[2]) for _ in range(2)]
    assert sent[0] == sent[1]
    assert sent[0].buffered is True
    for _ in range(2):
        withdraw(rt, agent, number, "settled", idempotency=keys[3])


def test_a_message_under_one_id_sent_at_the_same_time_is_kept_once(redress: Redress) -> None:
    agent, rt = actor(redress, "agent"), redress.runtime
    answers = at_once(
        *[lambda: correlate(rt, agent, "nobody-waits", "x", message_id="m-1", ttl_s=60)] * THREADS
    )
    assert [answer.buffered for answer in answers] == [True] * THREADS
    assert count(redress, BufferedMessage) == 1
    again = [correlate(rt, agent, "nobody-waits", "x", message_id="m-1", idempotency=KEY) for _ in range(2)]
    assert again == answers[:2]


def test_answers_are_forgotten_when_nobody_repeats_a_request_any_more(redress: Redress) -> None:
    first = register_complaint(redress.runtime, actor(redress, "agent"), intake(), idempotency=KEY)
    clock.advance(KEPT_FOR - timedelta(hours=1))
    forget_answers(redress.runtime)
    assert register_complaint(redress.runtime, actor(redress, "agent"), intake(), idempotency=KEY) == first
    clock.advance(timedelta(hours=2))
    forget_answers(redress.runtime)
    assert count(redress, Idempotency) == 0
