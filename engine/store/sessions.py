"""Two kinds of session: `read` never writes, `step` is one transaction that commits once.

On SQLite a step takes the write lock at its beginning (`BEGIN IMMEDIATE`), so that two steps never
deadlock half-way; on PostgreSQL steps lock the rows that they work on. What must happen only after the
commit (putting a workflow back into memory, waking the job worker) is left with `after_commit`.
"""

from __future__ import annotations

import select
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, PoolProxiedConnection, create_engine, event
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.orm import Session, sessionmaker

from engine import clock
from engine.store.turns import Turns

Idle = deque[tuple[PoolProxiedConnection, float]]
"""Connections that steps hand to one another, and since when each lies there."""
Sending = Callable[..., Any]
"""Sends calls by a session, `commit=True` together with the commit."""
_AFTER = "redress.after_commit"
_UNDONE = "redress.after_rollback"
BEGIN_STEP = "BEGIN IMMEDIATE"
BUSY_TIMEOUT_MS = 15_000
CACHE_KIB = 16_384
"""The pages that each connection keeps; SQLite's own 2 MiB hold the indexes of a small company only."""
CHECKPOINT_PAGES = 4_000
"""After so many pages (16 MiB) the log is copied into the database: a step pays for it, so not too often."""
IDLE_STEPS = 4
"""So many connections steps hand to one another without the pool between them."""
UNTRIED_S = 30.0
"""A connection that lay this long is tried before it is used again."""
_OF_ONE_MOMENT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


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
        self._idle: Idle = deque()
        self._idle_reads: Idle = deque() if self.is_sqlite else self._idle
        self._reads = sessionmaker(self.read_engine, expire_on_commit=False, autoflush=False)
        self._turns = _turns(url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session for queries; nothing is written. Rows that were read stay readable afterwards."""
        with self._reads() as session:
            yield session
            session.expunge_all()
            session.rollback()

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """As `read`, all of it as of the first query: what is committed between two of them is not seen.

        SQLite reads so anyway. PostgreSQL keeps what was replaced since, as long as the session lasts.
        """
        with self.read() as session:
            if not self.is_sqlite:
                session.connection(execution_options=_OF_ONE_MOMENT)
            yield session

    @contextmanager
    def glance(self) -> Iterator[Session]:
        """Give a session for one `Prepared` query by itself, outside of any transaction.

        It costs one way to the server; `read` costs three, and SQLAlchemy's work for a transaction.
        """
        session = GlanceSession(self.read_engine, self._idle_reads)
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def step(self) -> Iterator[Session]:
        """Give a session whose block is one transaction: committed at its end, undone by any exception."""
        session = StepSession(self.step_engine, self._idle)
        try:
            with self._turns.taken() if self._turns is not None else nullcontext():
                try:
                    yield session
                    session.finish()
                except BaseException:
                    session.undo()
                    raise
                finally:  # within the turn: the next step finds the pages that this one read and wrote
                    session.close()
        except BaseException:
            _run(session, _UNDONE)
            raise
        _run(session, _AFTER)

    def close(self) -> None:
        """Close all connections."""
        for idle in (self._idle, self._idle_reads):
            while idle:
                idle.pop()[0].close()
        self.step_engine.dispose()
        self.read_engine.dispose()


class StepSession(Session):
    """One transaction on one connection of the pool, for `Prepared` statements and for any others.

    It begins with the first statement. Prepared ones go straight to the driver; SQLAlchemy's connection,
    which costs a step more than its own statements do, is put on top of it when it is first asked for.
    """

    def __init__(self, engine: Engine, idle: Idle) -> None:
        """`idle` are connections of the pool that steps took and hand to one another."""
        super().__init__(expire_on_commit=False, autoflush=False)
        self.dialect = engine.dialect
        self._engine = engine
        self._idle = idle
        self._pooled: PoolProxiedConnection | None = None
        self._wrapped: Connection | None = None
        self._holds_objects = False
        self._put_off: list[Any] = []
        self._sending: Sending = _nothing

    @property
    def may_put_off(self) -> bool:
        """Whether calls may be sent later: not on SQLite, which sends nothing, nor once SQLAlchemy is at work
        here, whose connection may be asked behind our back.
        """
        return self.dialect.name != "sqlite" and self._wrapped is None and not self._holds_objects

    def put_off(self, calls: Sequence[Any], sending: Sending) -> None:
        """Have calls sent later, in order: with the commit, or before whatever is asked of this session."""
        self._put_off += calls
        self._sending = sending

    def take_put_off(self) -> list[Any]:
        """Return what was put off, for who sends it together with calls of their own."""
        calls, self._put_off = self._put_off, []
        return calls

    def _send_put_off(self, *, commit: bool = False) -> None:
        if self._put_off:
            self._sending(self, self.take_put_off(), commit=commit)

    def add(self, instance: object, *args: Any, **kwargs: Any) -> None:
        """Have an object written, at the latest with the commit."""
        self._send_put_off()
        self._holds_objects = True
        super().add(instance, *args, **kwargs)

    @property
    def driver(self) -> Any:
        """The driver's connection, its transaction begun."""
        self._send_put_off()
        if self._pooled is None:
            self._pooled = self._take()
            if self.dialect.name == "sqlite":
                self._driving(lambda driver: driver.execute(BEGIN_STEP))
        return self._pooled.driver_connection

    def _take(self) -> PoolProxiedConnection:
        """Return a connection that another step left, or one of the pool, which costs more.

        Raises SQLAlchemy's error where there is none to be had, as its own connections do.
        """
        while self._idle:
            try:
                found, since = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if self.dialect.name == "sqlite" or _works(self.dialect, found.driver_connection, since):
                return found
            found.invalidate()
        try:
            return self._engine.raw_connection()
        except self.dialect.loaded_dbapi.Error as error:
            raise as_sqlalchemy(self.dialect, error, "", broken=True) from error

    def get_bind(self, *_args: Any, **_kwargs: Any) -> Connection:
        """Return SQLAlchemy's connection over the driver's."""
        if self._wrapped is None:
            assert self.driver is not None
            self._wrapped = Connection(self._engine, self._pooled)
        return self._wrapped

    def finish(self) -> None:
        """Commit."""
        if self._put_off:
            self._send_put_off(commit=True)
        elif self._wrapped is not None or self._holds_objects:
            self.commit()
        elif self._pooled is not None:
            self._driving(lambda driver: driver.commit())

    def undo(self) -> None:
        """Roll back, as far as there still is a connection."""
        self._put_off = []
        if self._wrapped is not None:
            self.rollback()
        elif self._pooled is not None and self._pooled.is_valid:
            self._driving(lambda driver: driver.rollback())

    def close(self) -> None:
        """Give the connection back to the pool."""
        if self._wrapped is not None or self._holds_objects:
            super().close()
        if self._wrapped is not None:
            self._wrapped.close()
        elif self._pooled is not None:
            if self._pooled.is_valid and len(self._idle) < IDLE_STEPS:
                self._idle.append((self._pooled, clock.monotonic()))
            else:
                self._pooled.close()
        self._pooled = self._wrapped = None

    def told(self, error: Exception, sql: str = "") -> DBAPIError:
        """Return the driver's error as SQLAlchemy's; a broken connection is taken out of the pool."""
        broken = self.dialect.is_disconnect(error, None, None)  # type: ignore[arg-type]
        if broken and self._wrapped is not None:
            self._wrapped.invalidate(error)
        elif broken and self._pooled is not None:
            self._pooled.invalidate(error)
        return as_sqlalchemy(self.dialect, error, sql, broken=broken)

    def _driving(self, call: Callable[[Any], object]) -> None:
        assert self._pooled is not None
        try:
            call(self._pooled.driver_connection)
        except self.dialect.loaded_dbapi.Error as error:
            raise self.told(error) from error


class GlanceSession(StepSession):
    """One statement that reads, on a connection that begins no transaction for it."""

    @property
    def driver(self) -> Any:
        """The driver's connection, each statement its own transaction."""
        if self._pooled is None:
            self._pooled = self._take()
            if self.dialect.name != "sqlite":
                self._driving(lambda driver: driver.set_autocommit(True))
        return self._pooled.driver_connection

    def close(self) -> None:
        """Give the connection back as steps take it."""
        if self._pooled is not None and self._pooled.is_valid and self.dialect.name != "sqlite":
            from psycopg.pq import TransactionStatus  # loaded where the database is PostgreSQL

            driver: Any = self._pooled.driver_connection
            if driver.pgconn.transaction_status == TransactionStatus.IDLE:
                driver.set_autocommit(False)
            else:  # it was cut
                self._pooled.invalidate()
        super().close()


def as_sqlalchemy(dialect: Dialect, error: Exception, sql: str, *, broken: bool) -> DBAPIError:
    """Return a driver's error as the one that SQLAlchemy raises for it, without any value."""
    made: Any = DBAPIError.instance(
        sql,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=broken,
        dialect=dialect,
    )
    return made  # type: ignore[no-any-return]


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
            f"cache_size=-{CACHE_KIB}",
            f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:  # a step has begun it by itself
            driver.execute(BEGIN_STEP if immediate else "BEGIN")


def _engine(url: str, pool_size: int) -> Engine:
    options: dict[str, Any] = {
        "json_serializer": lambda value: orjson.dumps(value).decode(),
        "hide_parameters": True,  # an error is told with its statement, never with the values
    }
    if not url.startswith("sqlite"):
        options |= {"pool_size": pool_size, "max_overflow": pool_size}
    engine = create_engine(url, **options)
    if not url.startswith("sqlite"):
        prepare_postgresql(engine)
    return engine


def prepare_postgresql(engine: Engine) -> None:
    """Take statements together, plan without compiling, and take connections that broke while they lay in the
    pool out of it.

    PostgreSQL compiles (jit) what it takes for expensive: 100 to 200 ms for a list that then reads a page.

    The server has nothing to say to an idle connection but that it ends it: one that has something to read,
    or has lain long, is asked. To ask every time would cost each step a way to the server and back.
    """

    from engine.store.pipelined import PipelinedConnection  # loads the driver: only where it is used

    @event.listens_for(engine, "do_connect")
    def _open(_dialect: Any, _record: Any, given: Any, named: Any) -> Any:
        return PipelinedConnection.connect(*given, **named)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.execute("SET jit = off")
        connection.commit()

    @event.listens_for(engine, "checkin")
    def _checkin(_connection: Any, record: Any) -> None:
        record.info["since"] = clock.monotonic()

    @event.listens_for(engine, "checkout")
    def _checkout(connection: Any, record: Any, _proxy: Any) -> None:
        if not _works(engine.dialect, connection, record.info.get("since", clock.monotonic())):
            raise DisconnectionError("the connection broke while it was not used")


def _works(dialect: Dialect, connection: Any, since: float) -> bool:
    """Whether a connection that has lain idle since then still leads to the server."""
    try:
        quiet = not select.select([connection.fileno()], [], [], 0)[0]
        if not quiet or clock.monotonic() - since > UNTRIED_S:
            dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error:
        return False
    return True


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


def _nothing(*_given: Any, **_named: Any) -> None:
    """What sends nothing: nothing was put off."""


def _run(session: Session, key: str) -> None:
    for call in session.info.pop(key, []):
        call()
