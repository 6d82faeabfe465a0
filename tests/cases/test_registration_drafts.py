"""Registrations that were begun: kept for who typed them, sealed, gone once registered or too old."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from engine import clock
from engine.assembly import Redress
from engine.cases.registration import register_complaint
from engine.cases.registration_drafts import (
    KEPT_FOR,
    MOST_BYTES,
    begun_by,
    drop_begun,
    forget_abandoned,
    keep_begun,
    read_begun,
)
from engine.errors import Conflict, InvalidInput, NotFound
from engine.privacy.subjects import rewrap_subjects
from engine.runtime.once import Once
from engine.store.tables.privacy import DataSubject
from tests.world import actor, intake

FIRST, SECOND = "a" * 32, "b" * 32


def begun(redress: Redress, by: str = "agent") -> list[dict[str, str]]:
    with redress.sessions.read() as session:
        return [each.values for each in begun_by(session, redress.keyring, actor(redress, by))]


def subjects(redress: Redress) -> int:
    with redress.sessions.read() as session:
        return session.scalar(select(func.count()).select_from(DataSubject)) or 0


def test_what_was_begun_is_its_writer_s_alone_and_the_database_does_not_show_it(redress: Redress) -> None:
    agent = actor(redress, "agent")
    keep_begun(redress.runtime, agent, FIRST, {"name": "王𠮷CANARY"})
    keep_begun(redress.runtime, agent, SECOND, {"content": "half"})
    keep_begun(redress.runtime, agent, FIRST, {"name": "王𠮷CANARY", "phone": "139"})
    assert sorted(map(len, begun(redress))) == [1, 2]
    with redress.sessions.read() as session:
        found = read_begun(session, redress.keyring, agent, FIRST)
        assert found.values == {"name": "王𠮷CANARY", "phone": "139"}
        sealed = session.execute(text("SELECT sealed FROM registration_draft")).scalars().all()
    assert not any(b"CANARY" in bytes(each) for each in sealed)
    other = actor(redress, "agent2")
    assert begun(redress, "agent2") == []
    with redress.sessions.read() as session, pytest.raises(NotFound):
        read_begun(session, redress.keyring, other, FIRST)
    for verb in (
        lambda: keep_begun(redress.runtime, other, FIRST, {}),
        lambda: drop_begun(redress.runtime, other, FIRST),
    ):
        with pytest.raises(NotFound):
            verb()


def test_it_goes_with_its_key_when_it_is_registered_thrown_away_or_too_old(redress: Redress) -> None:
    agent, before = actor(redress, "agent"), subjects(redress)
    for draft_id in (FIRST, SECOND, "c" * 32):
        keep_begun(redress.runtime, agent, draft_id, {"name": "x"})
    with redress.sessions.step() as session:
        rewrap_subjects(session, redress.keyring)
    register_complaint(redress.runtime, agent, intake(), idempotency=Once(FIRST, "0" * 64), draft_id=FIRST)
    with pytest.raises(Conflict):  # a word that was under way when the form was sent
        keep_begun(redress.runtime, agent, FIRST, {"name": "late"})
    drop_begun(redress.runtime, agent, SECOND)
    drop_begun(redress.runtime, agent, SECOND)
    assert len(begun(redress)) == 1
    assert forget_abandoned(redress.runtime) == 0
    clock.advance(KEPT_FOR + timedelta(minutes=1))
    assert forget_abandoned(redress.runtime) == 1
    assert begun(redress) == []
    assert subjects(redress) == before + 1  # the registered complaint's


def test_more_than_can_be_kept_is_refused(redress: Redress) -> None:
    agent = actor(redress, "agent")
    with pytest.raises(InvalidInput, match="at most 256 kB"):
        keep_begun(redress.runtime, agent, FIRST, {"content": "x" * MOST_BYTES})
    for number in range(50):
        keep_begun(redress.runtime, agent, f"{number:032d}", {})
    with pytest.raises(InvalidInput, match="begun 50"):
        keep_begun(redress.runtime, agent, FIRST, {})
