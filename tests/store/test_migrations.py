"""Migrations make exactly the tables that the code declares, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from engine import config
from engine.errors import ConfigurationError
from engine.store import tables
from engine.store.base import Base
from engine.store.migrate import _config, migrate, pending
from engine.store.sessions import Sessions
from engine.store.tickets import PREFIX
from tests.world import DATABASES

assert tables.__all__


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "sqlite":
        return Sessions(f"sqlite:///{tmp_path}/empty.db").step_engine
    url = request.getfixturevalue("postgres_url")
    return Sessions(config.load({"REDRESS_DATABASE_URL": url}).database_url).step_engine


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
