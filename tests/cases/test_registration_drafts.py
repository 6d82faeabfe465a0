"""Registrations that were begun: kept for who typed them, sealed, gone once registered or too old."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
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
from engine.errors import Conflict, InvalidInput, NewerDraft, NotFound
from engine.runtime.drafts import Continued
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


def test_one_is_kept_registered_and_thrown_away_only_by_who_has_seen_it_as_it_is(redress: Redress) -> None:
    agent, rt, before = actor(redress, "agent"), redress.runtime, subjects(redress)
    keep_begun(rt, agent, FIRST, {"name": "one window"}, Continued("", "1"))
    keep_begun(rt, agent, FIRST, {"name": "one window, no answer came"}, Continued("", "1"))
    stale = Continued("", "2")
    for verb in (
        lambda: keep_begun(rt, agent, FIRST, {"name": "another window"}, stale),
        lambda: drop_begun(rt, agent, FIRST, stale),
        lambda: register_complaint(
            rt, agent, intake(), idempotency=Once(FIRST, "0" * 64), draft_id=FIRST, continued=stale
        ),
    ):
        with pytest.raises(NewerDraft, match="in another window"):
            verb()
    assert begun(redress) == [{"name": "one window, no answer came"}]
    keep_begun(rt, agent, FIRST, {"name": "having seen it"}, Continued("1", "2"))
    once = Once(FIRST, "0" * 64)
    for _sent_twice in range(2):
        register_complaint(
            rt, agent, intake(), idempotency=once, draft_id=FIRST, continued=Continued("1", "2")
        )
    assert begun(redress) == []
    assert subjects(redress) == before + 1


def test_two_windows_that_begin_one_at_the_same_moment_leave_one_draft_and_one_key(redress: Redress) -> None:
    agent, before = actor(redress, "agent"), subjects(redress)

    def keep(name: str) -> bool:
        try:
            keep_begun(redress.runtime, agent, FIRST, {"name": name}, Continued("", name))
        except NewerDraft:
            return False
        return True

    with ThreadPoolExecutor(4) as windows:
        kept = list(windows.map(keep, ("a", "b", "c", "d")))
    assert sum(kept) == 1
    assert begun(redress) == [{"name": "abcd"[kept.index(True)]}]
    assert subjects(redress) == before + 1


def test_more_than_can_be_kept_is_refused(redress: Redress) -> None:
    agent = actor(redress, "agent")
    with pytest.raises(InvalidInput, match="at most 256 kB"):
        keep_begun(redress.runtime, agent, FIRST, {"content": "x" * MOST_BYTES})
    for number in range(50):
        keep_begun(redress.runtime, agent, f"{number:032d}", {})
    with pytest.raises(InvalidInput, match="begun 50"):
        keep_begun(redress.runtime, agent, FIRST, {})
