"""The second step of a login: codes of a generator, recovery codes, and what wrong ones lead to."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import select, text

from engine.assembly import Redress
from engine.documents.rotation import rewrap_all
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.login import MAX_FAILURES, authenticate, needs_code, second_step
from engine.people.second_factor import begin_enrolment, confirm_enrolment, remove_second_factor
from engine.privacy.key_file import rotate_master_key
from engine.store.tables.audit import History
from tests.at_once import at_once
from tests.codes import code, next_code
from tests.world import actor

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
GUESSES = 12


@pytest.fixture
def secret(redress: Redress) -> str:
    """`agent` with a code generator that counts."""
    agent = actor(redress, "agent")
    with redress.sessions.step() as session:
        made = begin_enrolment(session, redress.keyring, agent)
    with redress.sessions.step() as session:
        recovery = confirm_enrolment(session, redress.keyring, agent, code(made.secret))
    assert len(set(recovery)) == 10
    redress.recovery = recovery  # type: ignore[attr-defined]
    return made.secret


def step(redress: Redress, given: str) -> object:
    return second_step(redress.sessions, redress.keyring, actor(redress, "agent").id, given)


def kinds(redress: Redress) -> list[str]:
    with redress.sessions.read() as session:
        return list(
            session.scalars(select(History.kind).where(History.kind.like("login.%")).order_by(History.seq))
        )


def test_the_password_alone_opens_nothing_and_each_code_opens_once(redress: Redress, secret: str) -> None:
    agent = authenticate(redress.sessions, "agent", "agent-demo")
    assert agent is not None
    assert needs_code(redress.sessions, agent.id)
    given = next_code(secret)
    assert step(redress, given) == agent
    assert step(redress, given) is None
    assert kinds(redress) == ["login.challenged", "login.succeeded", "login.refused"]


def test_a_code_counts_as_a_chinese_keyboard_writes_it_and_what_is_no_number_is_refused(
    redress: Redress, secret: str
) -> None:
    assert step(redress, "一二三四五六") is None
    assert step(redress, next_code(secret).translate(FULL_WIDTH)) is not None


def test_codes_at_the_same_moment_are_no_more_than_five(redress: Redress, secret: str) -> None:
    guesses = [partial(step, redress, f"{number:02}") for number in range(GUESSES)]
    assert at_once(*guesses) == [None] * GUESSES
    assert kinds(redress) == ["login.refused"] * MAX_FAILURES


def test_a_recovery_code_opens_once(redress: Redress, secret: str) -> None:
    first = redress.recovery[0]  # type: ignore[attr-defined]
    assert step(redress, first.upper()) is not None
    assert step(redress, first) is None
    assert step(redress, redress.recovery[1]) is not None  # type: ignore[attr-defined]


def test_wrong_codes_lock_the_account_although_the_password_is_right(redress: Redress, secret: str) -> None:
    for _ in range(MAX_FAILURES):
        assert authenticate(redress.sessions, "agent", "agent-demo") is not None
        assert step(redress, "000000") is None
    assert authenticate(redress.sessions, "agent", "agent-demo") is None
    assert step(redress, next_code(secret)) is None


def test_a_generator_counts_only_once_a_code_was_right(redress: Redress) -> None:
    handler = actor(redress, "handler")
    with redress.sessions.step() as session:
        begin_enrolment(session, redress.keyring, handler)
    assert not needs_code(redress.sessions, handler.id)
    with redress.sessions.step() as session, pytest.raises(InvalidInput, match="not right"):
        confirm_enrolment(session, redress.keyring, handler, "12345")
    with redress.sessions.step() as session, pytest.raises(NotFound, match="begin anew"):
        confirm_enrolment(session, redress.keyring, actor(redress, "auditor"), "123456")


def test_a_second_generator_takes_the_place_of_none(redress: Redress, secret: str) -> None:
    agent = actor(redress, "agent")
    with redress.sessions.step() as session, pytest.raises(Conflict, match="already"):
        begin_enrolment(session, redress.keyring, agent)
    with redress.sessions.step() as session:
        assert remove_second_factor(session, agent.id, "agent", agent)
        assert not remove_second_factor(session, agent.id, "agent", agent)
    assert not needs_code(redress.sessions, agent.id)


def test_the_secret_is_not_in_clear_and_survives_a_new_master_key(redress: Redress, secret: str) -> None:
    with redress.sessions.read() as session:
        row = session.execute(text("SELECT * FROM second_factor")).one()
    assert secret.encode() not in b"".join(bytes(str(value), "utf-8") for value in row)
    assert secret.encode() not in bytes(row.wrapped_key)
    rotate_master_key(redress.config.master_key_file)
    assert sum(rewrap_all(redress.sessions, redress.keyring)) == 1
    assert step(redress, next_code(secret)) is not None
