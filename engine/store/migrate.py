"""Bringing a database to the newest schema with Alembic, on both kinds of database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, inspect, text

from engine.errors import ConfigurationError
from engine.store import tickets

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig
    from alembic.script import ScriptDirectory

FOLDER = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(7310868735954207)"  # a number of our own


def migrate(engine: Engine) -> None:
    """Apply every migration that is missing; hosts that begin at the same time take turns.

    Raises ConfigurationError, with nothing changed, where rows would be left that point to nothing.
    """
    from alembic import command

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
    with engine.connect() as connection:
        current = _current(connection)
        scripts = tickets.pending_scripts(connection) if _is_postgres(connection) else []
    if current == newest():
        return scripts
    return [step.revision for step in reversed(list(_script().iterate_revisions("head", current)))] + scripts


def newest() -> str:
    """Return the newest revision that this version knows: scripts are numbered and named after theirs."""
    return max(path.stem for path in (FOLDER / "versions").glob("[0-9]*.py"))


def _current(connection: Connection) -> str | None:
    """Return the revision of the database: without Alembic, because every command asks."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _is_postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def unknown_revision(engine: Engine) -> str | None:
    """Return the revision of the database where this version does not know it: a newer one made it."""
    with engine.connect() as connection:
        current = _current(connection)
    if current is None or current == newest():
        return None
    return None if current in {step.revision for step in _script().walk_revisions()} else current


def _script() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def _config() -> AlembicConfig:
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", str(FOLDER))
    return config
