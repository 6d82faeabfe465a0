"""A trail that is written to is no broken one: nothing that is committed between two statements of a
verification is a fault, and what was broken is found beside it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, select, update

from engine import clock
from engine.assembly import Redress
from engine.audit import Entry, note
from engine.audit.checkpoint import last_seal, make_checkpoint, verify_checkpoints
from engine.audit.verify import verify
from engine.people.actor import SYSTEM
from engine.quality import verification
from engine.quality.verification import begin_verification, verify_at_once, verify_due
from engine.runtime.ledger import note_on_instance
from engine.store.tables.audit import Checkpoint, History, StreamHead, Verification
from tests.at_once import at_once
from tests.world import actor, register

MOST = 60


@contextmanager
def beside_each_query(redress: Redress, write: Callable[[], object]) -> Iterator[None]:
    """Commit something after each of the first queries that reading sends, before its next one."""
    engine, writing, written = redress.sessions.read_engine, False, 0

    def _sent(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal writing, written
        if writing or written == MOST or not statement.startswith("SELECT") or "FOR UPDATE" in statement:
            return
        writing, written = True, written + 1
        try:
            write()
        finally:
            writing = False

    event.listen(engine, "after_cursor_execute", _sent)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", _sent)
    assert written > 10, "there was something to read"


def writer(redress: Redress, instance_id: str) -> Callable[[], None]:
    """Write to a new stream, to old ones and to an instance, and seal them, as a busy day does."""
    numbers = itertools.count()

    def _write() -> None:
        number = next(numbers)
        with redress.sessions.step() as session:
            note_on_instance(session, instance_id, SYSTEM, [Entry("setting.changed", {}, values={"n": 1})])
            note(session, "admin", "setting.changed", {}, stream=f"new-{number:03}")
            note(session, "admin", "setting.changed", {})
        make_checkpoint(redress.sessions, redress.keyring)

    return _write


def chore(redress: Redress) -> Any:
    """Let the chore verify to its end; return the run."""
    newest = select(Verification.__table__).order_by(Verification.id.desc()).limit(1)
    while True:
        verify_due(redress.runtime)
        with redress.sessions.read() as session:
            run = session.execute(newest).one()
        if run.state != "running":
            return run


def test_what_is_committed_while_the_trail_is_verified_is_no_fault(
    redress: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "ROWS", 20)
    monkeypatch.setattr(verification, "STREAMS", 3)
    write = writer(redress, register(redress).instance_id)
    for _ in range(6):
        write()
    with beside_each_query(redress, write), redress.sessions.read() as session:
        assert verify(session).problems == []
        assert verify_checkpoints(session, redress.keyring) == []
    with beside_each_query(redress, write):
        begin_verification(redress.runtime, actor(redress, "auditor"))
        whole = chore(redress)
    clock.advance(timedelta(days=1))
    with beside_each_query(redress, write):
        new = chore(redress)
    assert [(each.scope, each.problems) for each in (whole, new)] == [("full", []), ("new", [])]


def test_a_verification_at_one_go_says_it_saw_what_it_saw_and_not_what_came_meanwhile(
    redress: Redress,
) -> None:
    write = writer(redress, register(redress).instance_id)
    write()
    with redress.sessions.read() as session:
        seq = session.get_one(StreamHead, "system").seq
        seal = session.scalars(select(Checkpoint.seal)).one()
        rows = len(session.execute(select(History.seq)).all())
    with beside_each_query(redress, write):
        assert verify_at_once(redress.runtime, SYSTEM.username).problems == []
    with redress.sessions.read() as session:
        kept = session.scalars(select(Verification)).one()
        beyond = len(session.execute(select(History.seq)).all())
    assert (kept.upto_seq, kept.upto_seal, kept.rows) == (seq, seal, rows)
    assert beyond > rows


def test_checkpoints_follow_one_another_whoever_makes_them_and_whatever_the_clock_says(
    redress: Redress,
) -> None:
    at_once(*[lambda: make_checkpoint(redress.sessions, redress.keyring)] * 4)
    with redress.sessions.step() as session:
        made = session.execute(select(Checkpoint.id, Checkpoint.seal, Checkpoint.prev_seal)).all()
        assert len({row.prev_seal for row in made}) == len(made) == 4
        last = last_seal(session)
        for row in made:  # as if the clock had run backwards
            earlier = f"{(1 << 128) - int(row.id, 16):032x}"
            session.execute(update(Checkpoint).where(Checkpoint.id == row.id).values(id=earlier))
    make_checkpoint(redress.sessions, redress.keyring)
    with redress.sessions.step() as session:
        assert verify_checkpoints(session, redress.keyring) == []
        newest = session.scalars(select(Checkpoint).where(Checkpoint.prev_seal == last)).one()
        assert newest.seal == last_seal(session)
        session.execute(delete(Checkpoint).where(Checkpoint.seal == last))
        assert [each.partition(": ")[2] for each in verify_checkpoints(session, redress.keyring)] == [
            "the one before it is missing or changed"
        ]
