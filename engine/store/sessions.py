"""Two kinds of session: `read` never writes, `step` is one transaction that commits once.

On SQLite a step takes the write lock at its beginning (`BEGIN IMMEDIATE`), so that two steps never
deadlock half-way; on PostgreSQL steps lock the rows that they work on. What must happen only after the
commit (putting a workflow back into memory, waking the job worker) is left with `after_commit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from engine.store.turns import Turns

_AFTER = "redress.after_commit"
_UNDONE = "redress.after_rollback"
BUSY_TIMEOUT_MS = 15_000


class Sessions:
    """The database as the engine uses it: a factory of reading sessions and of steps."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        """Connect lazily to `url` (a SQLAlchemy URL); nothing is opened before the first use."""
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            _make_folder(url)
        self.step_engine = _engine(url, pool_size)
        if self.is_sqlite:
            self.read_engine = _engine(url, pool_size)
            prepare_sqlite(self.step_engine, immediate=True)
            prepare_sqlite(self.read_engine, immediate=False)
        else:
            self.read_engine = self.step_engine
        self._reads = sessionmaker(self.read_engine, expire_on_commit=False, autoflush=False)
        self._turns = _turns(url)
        self._steps = sessionmaker(self.step_engine, expire_on_commit=False, autoflush=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session for queries; nothing is written. Rows that were read stay readable afterwards."""
        with self._reads() as session:
            yield session
            session.expunge_all()
            session.rollback()

    @contextmanager
    def step(self) -> Iterator[Session]:
        """Give a session whose block is one transaction: committed at its end, undone by any exception."""
        session = self._steps()
        try:
            with self._turns.taken() if self._turns is not None else nullcontext():
                try:
                    yield session
                    session.commit()
                except BaseException:
                    session.rollback()
                    raise
        except BaseException:
            _run(session, _UNDONE)
            raise
        finally:
            session.close()
        _run(session, _AFTER)

    def close(self) -> None:
        """Close all connections."""
        self.step_engine.dispose()
        self.read_engine.dispose()


def after_commit(session: Session, call: Callable[[], None]) -> None:
    """Have `call` run once the session's step has been committed; not at all if it is undone."""
    session.info.setdefault(_AFTER, []).append(call)


def after_rollback(session: Session, call: Callable[[], None]) -> None:
    """Have `call` run if the session's step is undone."""
    session.info.setdefault(_UNDONE, []).append(call)


def prepare_sqlite(engine: Engine, *, immediate: bool) -> None:
    """Give each connection of a SQLite engine our settings: WAL, durable commits, explicit transactions."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _engine(url: str, pool_size: int) -> Engine:
    options: dict[str, Any] = {
        "json_serializer": lambda value: orjson.dumps(value).decode(),
        "hide_parameters": True,  # an error is told with its statement, never with the values
    }
    if not url.startswith("sqlite"):
        options |= {"pool_size": pool_size, "max_overflow": pool_size, "pool_pre_ping": True}
    return create_engine(url, **options)


def _make_folder(url: str) -> None:
    if (file := _file(url)) is not None:
        file.parent.mkdir(parents=True, exist_ok=True)


def _turns(url: str) -> Turns | None:
    file = _file(url)
    return Turns(file) if file is not None else None


def _file(url: str) -> Path | None:
    """Return the file of a SQLite database; None for one in memory, and for PostgreSQL."""
    database = make_url(url).database
    return Path(database) if url.startswith("sqlite") and database and database != ":memory:" else None


def _run(session: Session, key: str) -> None:
    for call in session.info.pop(key, []):
        call()
