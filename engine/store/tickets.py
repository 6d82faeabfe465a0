"""The tables of Procrastinate, which the cluster dispatcher works with: made and kept up by its own scripts.

Procrastinate notes no version in the database. We keep the name of the newest script that was applied as the
comment on its main table.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

if TYPE_CHECKING:
    from procrastinate.schema import SchemaManager

PREFIX = "procrastinate"
"""What the names of all its tables begin with."""

_NOTED = (
    "SELECT to_regclass('procrastinate_jobs') IS NOT NULL, obj_description(to_regclass('procrastinate_jobs'))"
)
_NOTIFIERS = """
    SELECT tgname FROM pg_trigger
    WHERE tgrelid = 'procrastinate_jobs'::regclass AND tgname LIKE '%\\_notify\\_%' AND tgenabled <> 'D'
"""


def pending_scripts(connection: Connection) -> list[str]:
    """Return the names of the scripts that are not applied, oldest first."""
    _, noted = _state(connection)
    return [name for name in _scripts() if name > noted]


def install(connection: Connection) -> None:
    """Make the tables, or apply the scripts that are missing, in the caller's transaction."""
    exists, noted = _state(connection)
    scripts = _scripts()
    if not exists:
        _run(connection, _package().get_schema())
    else:
        for name, path in scripts.items():
            if name > noted:
                _run(connection, path.read_text(encoding="utf-8"))
    _run(connection, f"COMMENT ON TABLE procrastinate_jobs IS '{max(scripts)}'")
    # Workers poll. A NOTIFY in each step's transaction would have all commits of the database queue up for
    # one lock, and nobody listens.
    for trigger in connection.execute(text(_NOTIFIERS)).scalars().all():
        _run(connection, f'ALTER TABLE procrastinate_jobs DISABLE TRIGGER "{trigger}"')


def _state(connection: Connection) -> tuple[bool, str]:
    exists, noted = connection.execute(text(_NOTED)).one()
    return bool(exists), str(noted or "")


def _scripts() -> dict[str, Path]:
    return {path.name: path for path in sorted(Path(_package().get_migrations_path()).glob("*.sql"))}


def _package() -> type[SchemaManager]:
    from procrastinate.schema import SchemaManager  # a quarter of a second that SQLite need not wait for

    return SchemaManager


def _run(connection: Connection, script: str) -> None:
    """Run a script of several statements as it stands."""
    connection.connection.driver_connection.execute(script)  # type: ignore[union-attr]
