"""The trail finds every kind of tampering."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from engine import clock
from engine.audit import Entry, Head, append, note
from engine.audit.checkpoint import make_checkpoint, merkle_root, verify_against, verify_checkpoints
from engine.audit.export import export_stream
from engine.audit.verify import verify
from engine.errors import NotFound
from engine.privacy.key_file import create_master_key
from engine.privacy.keyring import Keyring, load_keyring
from engine.store.base import Base
from engine.store.sessions import Sessions
from engine.store.tables.audit import StreamHead


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    made = Sessions(f"sqlite:///{tmp_path}/trail.db")
    Base.metadata.create_all(made.step_engine)
    with made.step() as session:
        head = Head("s1")
        entries = [
            Entry("thing.done", {"n": n}, values={"answer": n} if n == 3 else None) for n in range(1, 6)
        ]
        append(session, head, entries, actor="agent", at=clock.now())
        session.add(StreamHead(stream="s1", seq=head.seq, hash=head.hash))
    yield made
    made.close()


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    create_master_key(tmp_path / "master.key")
    return load_keyring(tmp_path / "master.key", strict=True)


def tamper(sessions: Sessions, statement: str) -> None:
    with sessions.step() as session:
        session.execute(text(statement))


def problems(sessions: Sessions) -> list[str]:
    with sessions.read() as session:
        return verify(session).problems


def test_an_untouched_trail_verifies(sessions: Sessions) -> None:
    with sessions.read() as session:
        report = verify(session)
    assert report.holds
    assert (report.streams, report.rows, report.values) == (1, 5, 1)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE history SET data = '[]' WHERE seq = 2", "content does not match"),
        ("UPDATE history SET actor = 'somebody' WHERE seq = 2", "content does not match"),
        ("UPDATE history SET at = '2020-01-01T00:00:00.000000Z' WHERE seq = 2", "content does not match"),
        ("DELETE FROM history WHERE seq = 3", "removed or inserted"),
        ("DELETE FROM history WHERE seq = 5", "ends at row 4"),
        ("UPDATE history SET seq = -seq WHERE seq IN (2, 3)", "removed or inserted"),
        ("UPDATE history_value SET value = '4'", "not the committed one"),
        ("UPDATE stream_head SET seq = 4", "its head says 4"),
        ("DELETE FROM stream_head", "no head"),
    ],
)
def test_tampering_is_found(sessions: Sessions, statement: str, said: str) -> None:
    tamper(sessions, statement)
    assert any(said in problem for problem in problems(sessions))


def test_a_value_that_was_removed_leaves_the_chain_valid(sessions: Sessions) -> None:
    tamper(sessions, "DELETE FROM history_value")
    assert problems(sessions) == []


def test_notes_continue_their_stream(sessions: Sessions) -> None:
    for number in range(3):
        with sessions.step() as session:
            note(session, "admin", "setting.changed", {"n": number})
    with sessions.read() as session:
        lines = list(export_stream(session, "system"))
        assert verify(session, "system").rows == 3
    assert len(lines) == 3


def test_exporting_an_unknown_stream_is_refused(sessions: Sessions) -> None:
    with sessions.read() as session, pytest.raises(NotFound, match="no stream"):
        list(export_stream(session, "nothing"))


def test_a_checkpoint_kept_outside_finds_a_rewritten_end(sessions: Sessions, keyring: Keyring) -> None:
    kept = make_checkpoint(sessions, keyring)
    with sessions.read() as session:
        assert verify_against(session, keyring, kept) == []
    tamper(sessions, "DELETE FROM history WHERE seq = 5")
    tamper(sessions, "UPDATE stream_head SET seq = 4, hash = (SELECT hash FROM history WHERE seq = 4)")
    assert problems(sessions) == []  # the chain alone cannot know
    with sessions.read() as session:
        assert verify_against(session, keyring, kept) == ["s1: had 5 rows at the checkpoint, has 4 now"]


def test_a_forged_checkpoint_is_found(sessions: Sessions, keyring: Keyring) -> None:
    kept = make_checkpoint(sessions, keyring)
    make_checkpoint(sessions, keyring)
    with sessions.read() as session:
        assert verify_checkpoints(session, keyring) == []
        assert verify_against(session, keyring, kept.replace('"seq":5', '"seq":4')) != []
    tamper(sessions, "UPDATE checkpoint SET streams = 7")
    with sessions.read() as session:
        assert len(verify_checkpoints(session, keyring)) == 2


def test_the_merkle_root_depends_on_each_leaf_and_their_order() -> None:
    roots = {
        merkle_root(leaves)
        for leaves in (["a"], ["a", "b"], ["b", "a"], ["a", "b", "c"], ["a", "b", "c", "c"], [])
    }
    assert len(roots) == 6
