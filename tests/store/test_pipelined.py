"""Statements that go to PostgreSQL together: all of them and the commit, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from psycopg import Connection, DataError, OperationalError, errors
from sqlalchemy import bindparam, column, insert, select, table, text, update
from sqlalchemy.exc import OperationalError as Unavailable

from engine.errors import LostRace
from engine.store import pipelined
from engine.store.pipelined import PipelinedConnection
from engine.store.prepared import Prepared, Writes
from engine.store.sessions import Sessions
from tests.statements import trips

_SHELF = table("shelf", column("id"), column("books"))
_PUT = Prepared(insert(_SHELF))
_SWAP = Prepared(
    update(_SHELF)
    .where(_SHELF.c.id == bindparam("of"), _SHELF.c.books == bindparam("known"))
    .values(books=bindparam("now"))
)
_ALL = Prepared(select(_SHELF.c.id, _SHELF.c.books).order_by(_SHELF.c.id))
INSERT = b"INSERT INTO shelf VALUES ($1, $2) RETURNING books"


@pytest.fixture(scope="module")
def address(postgres_url: str) -> str:
    with closing(Sessions(postgres_url)) as sessions, sessions.step() as session:
        session.execute(text("CREATE TABLE shelf (id integer PRIMARY KEY, books integer)"))
    return postgres_url


@pytest.fixture
def sessions(address: str) -> Iterator[Sessions]:
    with closing(Sessions(address)) as sessions:
        with sessions.step() as session:
            session.execute(text("DELETE FROM shelf"))
        yield sessions


@pytest.fixture
def link(sessions: Sessions, address: str) -> Iterator[PipelinedConnection]:
    del sessions
    with closing(PipelinedConnection.connect(address.replace("+psycopg", ""))) as link:
        yield link


def test_statements_and_their_commit_are_one_transaction(
    link: PipelinedConnection, sessions: Sessions
) -> None:
    assert link.together([(INSERT, [1, 5]), (b"SELECT $1::int WHERE false", [1])]) == [(5,), None]
    assert _shelf(sessions) == []
    assert link.together([(INSERT, [2, 6])], commit=True) == [(6,)]
    assert _shelf(sessions) == [(1, 5), (2, 6)]


def test_nothing_behind_a_statement_that_fails_is_executed(
    link: PipelinedConnection, sessions: Sessions
) -> None:
    with pytest.raises(errors.UniqueViolation):
        link.together([(INSERT, [1, 5]), (INSERT, [1, 6]), (INSERT, [2, 7])], commit=True)
    link.rollback()
    assert _shelf(sessions) == []
    with pytest.raises(DataError):  # told before anything is sent
        link.together([(INSERT, [1, 5]), (b"SELECT $1::text", ["\0"])], commit=True)
    assert link.together([(INSERT, [3, 8])], commit=True) == [(8,)]
    assert _shelf(sessions) == [(3, 8)]


def test_a_commit_in_a_transaction_that_failed_before_is_told(link: PipelinedConnection) -> None:
    with pytest.raises(errors.SyntaxError):
        link.together([(b"SELEKT 1", [])])
    with pytest.raises(OperationalError):
        link.together([], commit=True)


def test_what_is_prepared_outlives_a_rollback_and_goes_when_it_is_long_unused(
    link: PipelinedConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipelined, "MOST_PREPARED", 2)
    link.together([(b"SELECT 1", []), (b"SELECT $1::int", [1])])
    link.rollback()
    link.together([(b"SELECT 1", [])])
    assert _prepared(link) == {"SELECT 1", "SELECT $1::int"}
    for number in (2, 3):
        link.together([(b"SELECT %d" % number, [])], commit=True)
    link.together([(b"SELECT 3", [])])
    assert _prepared(link) == {"SELECT 2", "SELECT 3"}


def test_a_connection_recovers_from_somebody_else_dropping_what_is_prepared(
    link: PipelinedConnection,
) -> None:
    link.together([(b"SELECT 1", [])])
    link.execute("DEALLOCATE ALL")
    with pytest.raises(errors.InvalidSqlStatementName):
        link.together([(b"SELECT 1", [])])
    link.rollback()
    assert link.together([(b"SELECT 1", [])]) == [(1,)]


def test_a_transaction_that_begins_with_what_somebody_dropped_begins_anew_by_itself(
    link: PipelinedConnection, sessions: Sessions
) -> None:
    asked = b"SELECT * FROM shelf"
    assert link.together([(INSERT, [1, 5]), (asked, [])], commit=True) == [(5,), (1, 5)]
    for change in ("DEALLOCATE ALL", "ALTER TABLE shelf ADD COLUMN room integer"):
        link.execute(change)
        link.commit()
        link.together([(asked, []), (b"UPDATE shelf SET books = books + 1", [])], commit=True)
    assert link.rows_of_last([(asked, [])]) == [(1, 7, None)]
    link.execute("ALTER TABLE shelf DROP COLUMN room")
    link.commit()
    assert _shelf(sessions) == [(1, 7)]


def test_a_step_whose_connection_is_cut_fails_and_the_next_has_another(sessions: Sessions) -> None:
    with pytest.raises(Unavailable):
        _step_that_is_cut(sessions)
    with sessions.step() as session:
        _PUT.run(session, {"id": 1, "books": 1})
    assert _shelf(sessions) == [(1, 1)]


def test_a_fence_that_breaks_keeps_the_commit_that_was_sent_along_from_happening(sessions: Sessions) -> None:
    with sessions.step() as session:
        _PUT.run(session, {"id": 1, "books": 1})
    writes = Writes()
    writes.add(_PUT, [{"id": 2, "books": 2}])
    writes.add(_SWAP, [{"of": 1, "known": 9, "now": 3}], fenced=True)
    with pytest.raises(LostRace), sessions.step() as session:
        writes.send_last(session)
    assert _shelf(sessions) == [(1, 1)]


def test_what_is_sent_last_is_there_for_whoever_asks_before_the_commit(sessions: Sessions) -> None:
    with sessions.step() as session:
        writes = Writes()
        writes.add(_PUT, [{"id": 1, "books": 1}])
        writes.send_last(session)
        _swap(session, {"of": 1, "known": 1, "now": 2}, fenced=True)
        assert session.scalar(text("SELECT books FROM shelf")) == 2
        writes.add(_SWAP, [{"of": 1, "known": 2, "now": 3}], fenced=True)
        writes.send_last(session)
    assert _shelf(sessions) == [(1, 3)]


def test_several_last_writes_go_to_the_server_in_order_and_with_the_next_question(sessions: Sessions) -> None:
    with trips(sessions) as ways, sessions.step() as session:
        _PUT.run_last(session, {"id": 1, "books": 1}, {"id": 2, "books": 1})
        _SWAP.run_last(session, {"of": 1, "known": 1, "now": 2})
        _SWAP.run_last(session, {"of": 1, "known": 2, "now": 3})
        assert [(row.id, row.books) for row in _ALL.all(session, {})] == [(1, 3), (2, 1)]
        _SWAP.run_last(session, {"of": 2, "known": 1, "now": 4})
    assert len(ways) == 2
    assert _shelf(sessions) == [(1, 3), (2, 4)]


def test_what_is_sent_last_is_undone_with_its_step(sessions: Sessions) -> None:
    with pytest.raises(ZeroDivisionError):
        _step_that_fails_behind_its_last_writes(sessions)
    assert _shelf(sessions) == []


def _step_that_fails_behind_its_last_writes(sessions: Sessions) -> None:
    writes = Writes()
    writes.add(_PUT, [{"id": 1, "books": 1}])
    with sessions.step() as session:
        writes.send_last(session)
        raise ZeroDivisionError


def _step_that_is_cut(sessions: Sessions) -> None:
    with sessions.step() as session:
        _PUT.run(session, {"id": 2, "books": 2})
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        with sessions.read() as beside:
            beside.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        _PUT.run(session, {"id": 3, "books": 3})


def _swap(session: Any, values: dict[str, int], *, fenced: bool) -> None:
    writes = Writes()
    writes.add(_SWAP, [values], fenced=fenced)
    writes.send(session)


def _shelf(sessions: Sessions) -> list[Any]:
    with sessions.read() as session:
        return [tuple(row) for row in session.execute(text("SELECT id, books FROM shelf ORDER BY id"))]


def _prepared(link: Connection[Any]) -> set[str]:
    rows = link.execute("SELECT statement FROM pg_prepared_statements").fetchall()
    return {row[0] for row in rows}
