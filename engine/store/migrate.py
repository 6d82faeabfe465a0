"""Bringing a database to the newest schema with Alembic, on both kinds of database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from engine.errors import ConfigurationError
from engine.store import tickets

FOLDER = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(7310868735954207)"  # a number of our own


def migrate(engine: Engine) -> None:
    """Apply every migration that is missing; hosts that begin at the same time take turns.

    Raises ConfigurationError, with nothing changed, where rows would be left that point to nothing.
    """
    with engine.connect() as connection, _foreign_keys_off(connection):
        # Begun here, the transaction is ours to commit: Alembic would, before the references are checked.
        connection.execute(text(ONE_AT_A_TIME if _is_postgres(connection) else "SELECT 1"))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if _is_postgres(connection):
            tickets.install(connection)
        else:
            _check_references(connection)
        connection.commit()


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    """On SQLite some changes make a table anew and drop the old one, which must not take its children along.

    The setting cannot be changed within a transaction, so it is done on the connection itself.
    """
    raw: Any = connection.connection.dbapi_connection
    if not _is_postgres(connection):
        raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        if not _is_postgres(connection):
            connection.rollback()
            raw.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection) -> None:
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        places = ", ".join(sorted({f"{row[0]} -> {row[2]}" for row in broken}))
        raise ConfigurationError(
            f"the migration would leave rows that point to nothing: {places}; nothing was changed, and "
            "`sqlite3 FILE 'PRAGMA foreign_key_check'` lists them"
        )


def pending(engine: Engine) -> list[str]:
    """Return the migrations that are not applied, oldest first."""
    script = ScriptDirectory.from_config(_config())
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        scripts = tickets.pending_scripts(connection) if _is_postgres(connection) else []
    return [step.revision for step in reversed(list(script.iterate_revisions("head", current)))] + scripts


def _is_postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def unknown_revision(engine: Engine) -> str | None:
    """Return the revision of the database where this version does not know it: a newer one made it."""
    script = ScriptDirectory.from_config(_config())
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    known = {step.revision for step in script.walk_revisions()}
    return current if current is not None and current not in known else None


def _config() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(FOLDER))
    return config
