"""Migrations make exactly the tables that the code declares, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Engine, MetaData, Table, select, text
from sqlalchemy.orm import Session

from engine import config
from engine.domain.sampling import frame_digest
from engine.errors import ConfigurationError
from engine.quality.supervision.frames import kept_frame
from engine.store import tables
from engine.store.base import Base
from engine.store.migrate import _config, migrate, pending
from engine.store.sessions import Sessions
from engine.store.tables.cases import Complaint
from engine.store.tables.people import Person
from engine.store.tables.quality import QualityFrame
from engine.store.tables.runtime import TaskGroup, Timer
from engine.store.tables.training import TrainingRecord
from engine.store.tickets import PREFIX
from engine.store.types import Json, UtcDateTime
from tests.world import DATABASES

assert tables.__all__


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of the test's own."""
    if request.param == "sqlite":
        yield Sessions(f"sqlite:///{tmp_path}/empty.db").step_engine
        return
    with request.getfixturevalue("postgres").database() as url:
        made = Sessions(config.load({"REDRESS_DATABASE_URL": url}).database_url).step_engine
        yield made
        made.dispose()


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the tables that a package makes by its own scripts."""
    return not (kind == "table" and str(name).startswith(PREFIX))


def test_an_empty_database_gets_every_table_and_nothing_else(engine: Engine) -> None:
    assert pending(engine) != []
    migrate(engine)
    assert pending(engine) == []
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ours})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    engine = Sessions(f"sqlite:///{tmp_path}/twice.db").step_engine
    migrate(engine)
    migrate(engine)
    assert pending(engine) == []
    engine.dispose()


def test_an_old_database_with_people_in_it_keeps_them_and_all_that_belongs_to_them(tmp_path: Path) -> None:
    engine = Sessions(f"sqlite:///{tmp_path}/old.db").step_engine
    with engine.connect() as connection:
        old = _config()
        old.attributes["connection"] = connection
        command.upgrade(old, "0010_migrations")
        connection.execute(
            text(
                "INSERT INTO person (id, username, display_name, password_hash, active, credential_version,"
                " failed_logins, created_at) VALUES ('p', 'handler', 'H', '', 1, 1, 0, '2026-01-01')"
            )
        )
        connection.execute(text("INSERT INTO person_role (person_id, role) VALUES ('p', 'handlers')"))
        connection.commit()
    migrate(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT role FROM person_role")).scalars().all() == ["handlers"]
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def test_a_database_with_cases_from_before_the_second_clock_is_filled_on_the_way(engine: Engine) -> None:
    """The migrations from 0009 on fill what is there: clocks, lists of groups, sub-codes, trainings."""
    received, later = datetime(2026, 3, 2, 1, tzinfo=UTC), datetime(2026, 3, 5, 16, tzinfo=UTC)
    with engine.connect() as connection:
        old = _config()
        old.attributes["connection"] = connection
        command.upgrade(old, "0008_workplace_more")
        row = partial(_row, connection)
        row("person", id="p", username="handler", department_id=None, superior_id=None)
        row("person_role", person_id="p", role="handlers")
        row("data_subject", id="s")
        row("bundle", id="b")
        row("instance", id="i", bundle_id="b", process_id="complaint", business_key="RC-1-1")
        case = {"instance_id": "i", "subject_id": "s", "department_id": None, "received_at": received}
        case |= {"statutory_due_at": later, "due_at": later, "extended_until": later}
        row("complaint", no="RC-1-1", facts={"sub_code": "fee", "amount": "5", "accused": "handler"}, **case)
        row("complaint", no="RC-1-2", facts={"amount": "5"}, **case | {"instance_id": None})
        row("contact", id="c", complaint_no="RC-1-1", at=later, reached=True)
        row("extension", id="e", complaint_no="RC-1-1", new_due_at=later, late=False)
        row("task", id="t", instance_id="i", complaint_no="RC-1-1", assignee=None, state="open")
        row("task_group", task_id="t", group_name="handlers", due_at=later)
        row("timer", id="m", instance_id="i")
        connection.commit()
    migrate(engine)
    with Session(engine) as session:
        first, second = session.scalars(select(Complaint).order_by(Complaint.no)).all()
        assert [first.sub_code, second.sub_code] == ["fee", None]
        assert [first.accused, second.accused] == ["handler", None]
        assert [first.last_contact_at, second.last_contact_at] == [later, received]
        assert [first.extension_valid, second.extension_valid] == [True, False]
        assert (first.statutory_from, first.original_statutory_due_at) == (received, later)
        assert session.scalars(select(Timer.process_id)).one() == "complaint"
        listed = session.scalars(select(TaskGroup)).one()
        assert (listed.received_at, listed.limit_at) == (received, later)
        kept = session.scalars(select(TrainingRecord)).one()
        assert kept.valid_until == session.get_one(Person, "p").training_valid_until
    engine.dispose()


def _row(connection: Connection, name: str, **given: Any) -> None:
    """Add a row to a table as it is now; what has to be there and is not given is something of its type."""
    table = Table(name, MetaData(), autoload_with=connection)
    declared = Base.metadata.tables[name].c
    for column in table.c:
        if column.name in declared:
            column.type = declared[column.name].type
    needed = {
        column.name: _something(column)
        for column in table.c
        if not column.nullable and column.name not in given and column.server_default is None
    }
    connection.execute(table.insert().values(**needed, **given))


def _something(column: Column[Any]) -> Any:
    if isinstance(column.type, UtcDateTime):
        return datetime(2026, 3, 2, tzinfo=UTC)
    if isinstance(column.type, Json):
        return {}
    return {str: "x", int: 1, bool: True, bytes: b"x"}[column.type.python_type]


def test_the_frames_of_inspections_are_packed_and_draw_the_same_as_before(tmp_path: Path) -> None:
    engine = Sessions(f"sqlite:///{tmp_path}/frames.db").step_engine
    frame = {f"RC-1-{number}": 1.0 + 4 * (number == 2) for number in range(1, 13)}  # 10 stands before 2
    with engine.connect() as connection:
        old = _config()
        old.attributes["connection"] = connection
        command.upgrade(old, "0047_ended_sessions")
        row = partial(_row, connection)
        row("data_subject", id="s")
        row("bundle", id="b")
        row("instance", id="i", bundle_id="b", process_id="inspection", business_key="IN-1")
        row("quality_file", no="IN-1", instance_id="i", subject_id="s", complaint_no=None)
        for number, (no, weight) in enumerate(frame.items()):
            case = {"instance_id": None, "subject_id": "s", "department_id": None, "repeat_of": None}
            row("complaint", no=no, **case)
            kept = {"position": 1 if number == 1 else None, "risks": ["late"] if number == 1 else []}
            row("quality_frame", file_no="IN-1", complaint_no=no, weight=weight, **kept)
        connection.commit()
    migrate(engine)
    with Session(engine) as session:
        cases = list(kept_frame(session, "IN-1"))
        assert frame_digest((each.no, each.weight) for each in cases) == frame_digest(frame.items())
        assert [each.no for each in cases] == sorted(frame)
        assert [each.risks for each in cases if each.no == "RC-1-2"] == [("late",)]
        assert [row.complaint_no for row in session.scalars(select(QualityFrame))] == ["RC-1-2"]
    engine.dispose()


def test_a_migration_that_would_leave_rows_pointing_to_nothing_changes_nothing(tmp_path: Path) -> None:
    engine = Sessions(f"sqlite:///{tmp_path}/broken.db").step_engine
    with engine.connect() as connection:
        old = _config()
        old.attributes["connection"] = connection
        command.upgrade(old, "0010_migrations")
        connection.commit()
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]
        raw.execute("INSERT INTO person_role (person_id, role) VALUES ('nobody', 'x')")  # type: ignore[attr-defined]
    with pytest.raises(ConfigurationError, match="person_role -> person"):
        migrate(engine)
    assert "0011_second_factors" in pending(engine)
    engine.dispose()
