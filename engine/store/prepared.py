"""Statements of the hot path: built once from the tables, run on the driver's own cursor.

Building, compiling and unwrapping a statement through SQLAlchemy costs more than a step of the engine and the
database's own work together. A `Prepared` is compiled once for each database and then only gives the driver
text and values; the driver keeps it prepared. What a step writes is gathered in `Writes` and sent at its end:
on PostgreSQL as one statement, so that the way to the server, and what it does for each statement, are paid
once.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from operator import itemgetter
from sqlite3 import Cursor
from typing import Any

from sqlalchemy import Delete, Insert, Select, Update
from sqlalchemy.engine import Compiled, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine.errors import LostRace
from engine.store.sessions import StepSession, as_sqlalchemy

Statement = Select[*tuple[Any, ...]] | Insert | Update | Delete
Values = Mapping[str, Any]
CALLS_AT_ONCE = 24
"""So many writes go into one statement on PostgreSQL; each combination is a statement of its own there."""
ROWS_AT_ONCE = 100
"""So many rows go into one INSERT; SQLite takes at most 32,766 values in a statement."""


class Prepared:
    """A statement with named parameters (`bindparam`). An INSERT takes every column of its table."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._by_dialect: dict[str, _Text] = {}

    def one_or_none(self, session: Session, values: Values, *, locking_first: Prepared | None = None) -> Any:
        """Return the one row as a named tuple, or None.

        `locking_first` is executed before, with the same values, for its locks: not on SQLite, where a step
        holds the whole database.
        """
        dialect = dialect_of(session)
        text = self.text(dialect)
        if dialect.name == "sqlite":
            row = _read(session, text, values, Cursor.fetchone)
        else:
            asked = [each.text(dialect) for each in (locking_first, self) if each]
            row = _together(session, [each.numbered(values) for each in asked])[-1]
        return None if row is None else text.row(row)

    def all(self, session: Session, values: Values) -> list[Any]:
        """Return every row as a named tuple."""
        dialect = dialect_of(session)
        text = self.text(dialect)
        if dialect.name == "sqlite":
            rows = _read(session, text, values, Cursor.fetchall)
        else:
            rows = _together(session, [text.numbered(values)], every_row=True)
        return [text.row(row) for row in rows]

    def run(self, session: Session, *rows: Values) -> None:
        """Execute with each of `rows`."""
        writes = Writes()
        writes.add(self, rows)
        writes.send(session)

    def run_last(self, session: Session, *rows: Values) -> None:
        """As `run`; on PostgreSQL together with what is sent next (see `Writes.send_last`)."""
        writes = Writes()
        writes.add(self, rows)
        writes.send_last(session)

    def text(self, dialect: Dialect) -> _Text:
        """Return the statement as this database takes it."""
        found = self._by_dialect.get(dialect.name)
        if found is None:
            found = self._by_dialect[dialect.name] = _Text.of(self._statement, dialect)
        return found


class Writes:
    """What a step is going to write, in order."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: list[tuple[Prepared, Sequence[Values], bool]] = []

    def add(self, statement: Prepared, rows: Sequence[Values], *, fenced: bool = False) -> None:
        """Have `statement` executed with each of `rows`. `fenced`: each must change exactly one row."""
        if rows:
            self._held.append((statement, rows, fenced))

    def send(self, session: Session) -> None:
        """Execute what was gathered.

        Raises LostRace where a fenced statement did not change its row; nothing may be committed then.
        """
        if not self._held:
            return
        dialect = dialect_of(session)
        calls = self._take(dialect)
        if dialect.name == "sqlite":
            _one_by_one(session, calls)
        else:
            _together(session, _joined(calls))

    def send_last(self, session: Session) -> None:
        """As `send`; on PostgreSQL together with what is sent next, be it the commit.

        Then it is that which raises.
        """
        if self._held and isinstance(session, StepSession) and session.may_put_off:
            session.put_off(_joined(self._take(session.dialect)), _together)
        else:
            self.send(session)

    def _take(self, dialect: Dialect) -> list[Call]:
        held, self._held = self._held, []
        return [
            (sql, values, fenced)
            for statement, rows, fenced in held
            for sql, values in statement.text(dialect).calls(rows)
        ]


Call = tuple[str, Sequence[Any], bool]
Numbered = tuple[bytes, Sequence[Any]]
"""A statement as PostgreSQL takes it, and its values."""
_BROKEN_FENCE = "22012"
"""What PostgreSQL says to a division by zero: a fenced statement did not change exactly one row."""


def _lost() -> LostRace:
    return LostRace("the instance was changed by another step meanwhile; try again")


def _read(session: Session, text: _Text, values: Values, fetch: Callable[[Cursor], Any]) -> Any:
    """Execute on SQLite and return what `fetch` takes of it."""
    driver, dialect = driver_of(session)
    try:
        return fetch(driver.execute(text.sql, text.bind(values)))
    except dialect.loaded_dbapi.Error as error:
        raise _told(session, text.sql, error) from error


def _one_by_one(session: Session, calls: list[Call]) -> None:
    """Execute on SQLite. Raises LostRace where a fenced statement did not change its row."""
    driver, dialect = driver_of(session)
    cursor = driver.cursor()
    for sql, values, fenced in calls:
        try:
            cursor.execute(sql, values)
        except dialect.loaded_dbapi.Error as error:
            raise _told(session, sql, error) from error
        if fenced and cursor.rowcount != 1:
            raise _lost()


def _together(
    session: Session, calls: Sequence[Numbered], *, commit: bool = False, every_row: bool = False
) -> Any:
    """Send to PostgreSQL, by one way, what was put off and then `calls`; return the first row of each, or
    `every_row` of the last. Raises LostRace where a fenced statement did not change its row.
    """
    if isinstance(session, StepSession):
        calls = [*session.take_put_off(), *calls]
    driver, dialect = driver_of(session)
    try:
        return driver.rows_of_last(calls) if every_row else driver.together(calls, commit=commit)
    except dialect.loaded_dbapi.Error as error:
        if getattr(error, "sqlstate", None) == _BROKEN_FENCE:
            raise _lost() from error
        raise _told(session, b"; ".join(sql for sql, _ in calls).decode(), error) from error


def _joined(calls: list[Call]) -> list[Numbered]:
    """Return the same as one statement, or a few, in the server's form: parsed and planned once."""
    parts = [calls[start : start + CALLS_AT_ONCE] for start in range(0, len(calls), CALLS_AT_ONCE)]
    return [
        (
            _in_one(tuple((sql, fenced) for sql, _, fenced in part)),
            [value for _, bound, _ in part for value in bound],
        )
        for part in parts
    ]


@lru_cache(maxsize=512)
def _in_one(calls: tuple[tuple[str, bool], ...]) -> bytes:
    """Return a statement that executes all of these, and fails where a fenced one does not change one row.

    It fails by itself, so that a COMMIT that is sent along is not executed. What they write must not depend
    on one another: all see the rows as they were before.
    """
    numbers = count(1)
    last_fence = max((place for place, (_, fenced) in enumerate(calls) if fenced), default=-1)
    parts, checks = [], []
    for place, (sql, fenced) in enumerate(calls):
        numbered = re.sub("%s", lambda _: f"${next(numbers)}", sql).replace("%%", "%")
        parts.append(f"w{place} AS ({numbered}{' RETURNING 1' if place <= last_fence else ''})")
        if place <= last_fence:  # counted in order: what stands before a fence is done before it may fail
            rows = "1 / (count(*) = 1)::int" if fenced else "count(*)"
            checks.append(f"(SELECT {rows} FROM w{place})")  # noqa: S608 - a number
    return f"WITH {', '.join(parts)} SELECT {', '.join(checks) or 'FROM (VALUES (1)) AS done'}".encode()


@lru_cache(maxsize=512)
def _numbered_sql(sql: str) -> bytes:
    """Return a statement as the server takes it: $1, $2 ... in the places of the driver's %s."""
    numbers = count(1)
    return re.sub("%s", lambda _: f"${next(numbers)}", sql).replace("%%", "%").encode()


@dataclass(frozen=True, slots=True)
class _Text:
    """A statement compiled for one database."""

    sql: str
    names: Callable[[Values], Sequence[Any]]
    fixed: Values
    convert: tuple[tuple[int, Callable[[Any], Any]], ...]
    row_type: Callable[[Iterable[Any]], Any]
    read: tuple[tuple[int, Callable[[Any], Any]], ...]
    multiple: tuple[str, str] | None
    """The parts of an INSERT up to its row of values, and that row."""

    @classmethod
    def of(cls, statement: Statement, dialect: Dialect) -> _Text:
        make: Any = type(dialect)
        positional = dialect if dialect.positional else make(paramstyle="format")
        columns = list(statement.table.c.keys()) if isinstance(statement, Insert) else None
        compiled: Any = statement.compile(dialect=positional, column_keys=columns)
        binds = [compiled.binds[name] for name in compiled.positiontup]
        read = list(statement.exported_columns)
        return cls(
            compiled.string,
            _getter([bind.key for bind in binds]),
            {bind.key: bind.effective_value for bind in binds if not bind.required},
            _numbered(bind.type.dialect_impl(dialect).bind_processor(dialect) for bind in binds),
            _row_type([str(column.key) for column in read]),
            _numbered(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in read),
            _row_of_values(statement, compiled),
        )

    def bind(self, values: Values) -> Sequence[Any]:
        """Return the values in the statement's order, as the driver takes them. Raises KeyError."""
        bound = self.names({**values, **self.fixed} if self.fixed else values)
        if not self.convert:
            return bound
        bound = list(bound)
        for place, convert in self.convert:
            if bound[place] is not None:
                bound[place] = convert(bound[place])
        return bound

    def numbered(self, values: Values) -> Numbered:
        """Return the statement as PostgreSQL takes it, with values."""
        return _numbered_sql(self.sql), self.bind(values)

    def calls(self, rows: Sequence[Values]) -> Iterator[tuple[str, Sequence[Any]]]:
        """Give text and values of each execution; rows of an INSERT go together."""
        if self.multiple is None or len(rows) == 1:
            for row in rows:
                yield self.sql, self.bind(row)
            return
        head, one = self.multiple
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = rows[start : start + ROWS_AT_ONCE]
            yield head + ", ".join([one] * len(part)), [value for row in part for value in self.bind(row)]

    def row(self, values: Sequence[Any]) -> Any:
        """Return a named tuple of the values, of our types."""
        if self.read:
            values = list(values)
            for place, convert in self.read:
                if values[place] is not None:
                    values[place] = convert(values[place])
        return self.row_type(values)


def _getter(names: list[str]) -> Callable[[Values], Sequence[Any]]:
    if not names:
        return lambda _values: ()
    if len(names) == 1:
        return lambda values, name=names[0]: (values[name],)  # type: ignore[misc]
    return itemgetter(*names)


def _row_type(names: list[str]) -> Callable[[Iterable[Any]], Any]:
    made: Any = namedtuple("Row", names)  # type: ignore[misc]
    make: Callable[[Iterable[Any]], Any] = made._make
    return make


def _numbered(
    converters: Iterable[Callable[[Any], Any] | None],
) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    return tuple((place, convert) for place, convert in enumerate(converters) if convert is not None)


def _row_of_values(statement: Statement, compiled: Compiled) -> tuple[str, str] | None:
    if not isinstance(statement, Insert):
        return None
    head, word, row = str(compiled.string).partition(" VALUES ")
    return head + word, row


def dialect_of(session: Session) -> Dialect:
    """Return what kind of database a session is of."""
    return session.dialect if isinstance(session, StepSession) else session.connection().dialect


def driver_of(session: Session) -> tuple[Any, Dialect]:
    """Return the driver's connection in the session's transaction, and what kind of database it is."""
    if isinstance(session, StepSession):
        return session.driver, session.dialect
    connection = session.connection()
    return connection.connection.driver_connection, connection.dialect


def _told(session: Session, sql: str, error: Exception) -> DBAPIError:
    if isinstance(session, StepSession):
        return session.told(error, sql)
    dialect = session.connection().dialect
    return as_sqlalchemy(dialect, error, sql, broken=False)
