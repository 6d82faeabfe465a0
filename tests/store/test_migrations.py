"""Migrations make exactly the tables that the code declares, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from engine import config
from engine.store import tables
from engine.store.base import Base
from engine.store.migrate import migrate, pending
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
