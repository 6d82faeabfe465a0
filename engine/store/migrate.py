"""Bringing a database to the newest schema with Alembic, on both kinds of database."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from engine.store import tickets

FOLDER = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(7310868735954207)"  # a number of our own


def migrate(engine: Engine) -> None:
    """Apply every migration that is missing; hosts that begin at the same time take turns."""
    with engine.connect() as connection:
        if _is_postgres(connection):
            connection.execute(text(ONE_AT_A_TIME))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if _is_postgres(connection):
            tickets.install(connection)
        connection.commit()


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
