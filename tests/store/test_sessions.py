"""What an error of the database tells: its statement, never the values; and which error it is."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from engine.assembly import Redress
from engine.errors import NotFound
from engine.people.accounts import add_person
from engine.people.acting import load_actor
from engine.store.sessions import Sessions
from engine.store.tables.people import Department
from web import create_app
from web.extensions import db


def test_an_error_of_the_database_keeps_the_values_to_itself(redress: Redress) -> None:
    row = {"id": "collections", "name": "王小明CANARY"}
    with pytest.raises(SQLAlchemyError) as refused, redress.sessions.step() as session:
        session.execute(insert(Department).values(row))
    assert "INSERT INTO department" in str(refused.value)
    assert "CANARY" not in str(refused.value)


def test_so_does_one_of_the_webs_own_session(redress: Redress) -> None:
    app: Flask = create_app(redress)
    with app.app_context():
        with pytest.raises(SQLAlchemyError) as refused:
            db.session.execute(text("SELECT :value FROM nowhere"), {"value": "CANARY"})
        db.session.rollback()
        db.engine.dispose()
    assert "CANARY" not in str(refused.value)


def test_without_a_database_a_step_fails_as_reading_does(tmp_path: Path) -> None:
    (tmp_path / "redress.db").mkdir()
    with closing(Sessions(f"sqlite:///{tmp_path}/redress.db")) as sessions:
        for begin in (sessions.read, sessions.step):
            with pytest.raises(OperationalError), begin() as session:
                session.execute(text("SELECT 1"))
        with pytest.raises(OperationalError), sessions.glance() as session:
            load_actor(session, "admin")


def test_a_glance_sees_what_is_committed_and_leaves_its_connection_to_steps(redress: Redress) -> None:
    for name in ("auditor", "manager"):
        with redress.sessions.step() as session:
            add_person(session, f"{name}9", name, roles=["auditors"])
            with redress.sessions.glance() as beside, pytest.raises(NotFound):
                load_actor(beside, f"{name}9")
        with redress.sessions.glance() as session:
            assert load_actor(session, f"{name}9").roles == {"auditors"}
    with pytest.raises(NotFound):
        _add_and_undo(redress.sessions)
    with redress.sessions.glance() as session, pytest.raises(NotFound):
        load_actor(session, "auditor8")


def test_postgresql_compiles_no_query(postgres_url: str) -> None:
    with closing(Sessions(postgres_url)) as sessions, sessions.step() as step, sessions.read() as reading:
        assert [each.scalar(text("SHOW jit")) for each in (step, reading)] == ["off", "off"]


def _add_and_undo(sessions: Sessions) -> None:
    with sessions.step() as session:
        add_person(session, "auditor8", "undone", roles=["auditors"])
        load_actor(session, "nobody")
