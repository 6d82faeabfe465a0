"""The database in a backup: one consistent copy beside running writers, and what it is counted by.

SQLite copies itself with VACUUM INTO, which reads one snapshot and holds up no writer. PostgreSQL is dumped
by pg_dump from a snapshot that is counted in the same transaction.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, table, text
from sqlalchemy.engine import make_url

from engine.audit.checkpoint import merkle_root
from engine.errors import ConfigurationError
from engine.store.sessions import Sessions

SQLITE_FILE, POSTGRES_FILE = "redress.db", "redress.dump"


@dataclass(frozen=True, slots=True)
class Counted:
    """What a copy of the database holds, by which a restored one is judged.

    `key_versions` are those of the master key that something in it is wrapped under: all of them, where the
    copy was made in the middle of a rotation. `index_version` is the newest of the key of the blind index.
    """

    migration: str
    tables: dict[str, int]
    streams: int
    root: str
    documents: list[str]
    key_versions: list[int] = field(default_factory=list)
    index_version: int = 0


def kind_of(sessions: Sessions) -> str:
    """Return `sqlite` or `postgresql`."""
    return "sqlite" if sessions.is_sqlite else "postgresql"


def copy_database(sessions: Sessions, folder: Path) -> Counted:
    """Write a consistent copy of the database into `folder`; writers go on meanwhile.

    Raises ConfigurationError where pg_dump is missing or fails.
    """
    if sessions.is_sqlite:
        target = folder / SQLITE_FILE
        with sessions.read_engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("VACUUM INTO ?", (str(target),))
        _flush(target)
        with opened_copy(target) as copy:
            return replace(counted(copy), **_versions(copy))
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with sessions.step_engine.connect().execution_options(**options) as connection:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        target = folder / POSTGRES_FILE
        _postgres("pg_dump", sessions.url, f"--snapshot={snapshot}", "--format=custom", f"--file={target}")
        _flush(target)
        return replace(counted(connection), **_versions(connection))


def bring_back(url: str, folder: Path) -> None:
    """Put the copy in `folder` where `url` says; there must be nothing yet (see `is_empty`)."""
    if url.startswith("sqlite"):
        target = _sqlite_path(url)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = target.with_name(f"{target.name}.{os.getpid()}.new")
        shutil.copyfile(folder / SQLITE_FILE, draft)
        _flush(draft)
        draft.replace(target)
        return
    source = str(folder / POSTGRES_FILE)
    _postgres("pg_restore", url, "--single-transaction", "--exit-on-error", "--no-owner", source)


def is_empty(sessions: Sessions) -> bool:
    """Whether there is no table yet."""
    if sessions.is_sqlite and not _sqlite_path(sessions.url).exists():
        return True
    return not inspect(sessions.read_engine).get_table_names()


def counted(connection: Connection) -> Counted:
    """Count what a database holds: rows of each table, and the root over the heads of the trail."""
    names = sorted(inspect(connection).get_table_names())
    rows = {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}
    heads = connection.execute(
        text(
            "SELECT id, history_seq, history_hash FROM instance "
            "UNION ALL SELECT stream, seq, hash FROM stream_head"
        )
    )
    leaves = sorted(f"{stream}:{seq}:{digest}" for stream, seq, digest in heads)
    migration = connection.scalar(text("SELECT version_num FROM alembic_version"))
    documents = connection.scalars(text("SELECT id FROM document WHERE wrapped_key IS NOT NULL ORDER BY id"))
    return Counted(str(migration), rows, len(leaves), merkle_root(leaves), list(documents))


def _versions(connection: Connection) -> dict[str, Any]:
    used = "SELECT key_version FROM {} WHERE wrapped_key IS NOT NULL"
    tables = ("data_subject", "document", "second_factor")
    wrapping = connection.scalars(text(" UNION ".join(used.format(name) for name in tables)))
    newest = connection.scalar(text("SELECT max(index_version) FROM data_subject")) or 0
    return {"key_versions": sorted(wrapping), "index_version": newest}


@contextmanager
def opened_copy(path: Path) -> Iterator[Connection]:
    """Open a copy of SQLite for reading. Raises ConfigurationError where it is damaged."""
    engine: Engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            found = connection.scalar(text("PRAGMA quick_check"))
            if found != "ok":
                raise ConfigurationError(f"{path} is damaged: {found}")
            yield connection
    finally:
        engine.dispose()


def _sqlite_path(url: str) -> Path:
    return Path(make_url(url).database or "")


def _postgres(program: str, url: str, *options: str) -> None:
    """Run a program of PostgreSQL on the database; the password goes through the environment alone."""
    address = make_url(url).set(drivername="postgresql")
    password = {"PGPASSWORD": str(address.password)} if address.password else {}
    target = address.set(password=None).render_as_string()
    done = subprocess.run(  # noqa: S603 - a program that we found, with our own options
        [_program(program), *options, f"--dbname={target}"],
        env=os.environ | password,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ConfigurationError(f"{program} failed: {done.stderr.strip()[-500:]}")


def _program(name: str) -> str:
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if found is None:
        raise ConfigurationError(
            f"{name} is missing: install the PostgreSQL client programs, of the server's version or newer"
        )
    return found


def _flush(path: Path) -> None:
    with closing(os.fdopen(os.open(path, os.O_RDONLY), "rb")) as file:
        os.fsync(file.fileno())
