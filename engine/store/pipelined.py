"""Statements that go to PostgreSQL together: one way to the server, and no cursor for each of them.

What psycopg's cursors and pipeline do for a statement takes more of our processor's time than the server
takes to execute it. Here the statements of a step, BEGIN before and COMMIT behind them are handed to libpq at
once; psycopg goes on to connect, adapt values, wait and tell errors. The server executes nothing that stands
behind a statement that failed, COMMIT least of all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any

from psycopg import Connection, Error, OperationalError
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result
from psycopg.generators import execute, fetch_many, send
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

Call = tuple[bytes, Sequence[Any]]
"""A statement with $1, $2 ... for its values, and those."""
_Names = OrderedDict[tuple[bytes, tuple[int, ...]], bytes]
"""Statements, by the types of their values too, and the names that they are prepared under."""
Command = Callable[[], None]
_STALE = (InvalidSqlStatementName, FeatureNotSupported)
"""What PostgreSQL says where a statement is prepared no more, or its table has other columns by now."""
MOST_PREPARED = 100
"""So many statements a connection keeps prepared; what was used longest ago goes first."""


class PipelinedConnection(Connection[Any]):
    """A connection of psycopg's that also takes several statements at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.values = Transformer(self)
        self._names = count()
        self._prepared_as: _Names = OrderedDict()
        self._unused: list[bytes] = []

    def together(self, calls: Sequence[Call], *, commit: bool = False) -> list[tuple[Any, ...] | None]:
        """Execute `calls` in order, and COMMIT with them; return the first row of each, if it has one.

        BEGIN goes first where no transaction is open, unless each statement is one of its own (autocommit).
        Raises the first error: what stands behind it was not executed.
        """
        with self.lock:
            return [self._first_row(each) for each in self._answers(calls, commit=commit)]

    def rows_of_last(self, calls: Sequence[Call]) -> list[tuple[Any, ...]]:
        """As `together`; return every row of the last of `calls`."""
        with self.lock:
            result = self._answers(calls, commit=False)[-1]
            if result.status != ExecStatus.TUPLES_OK:
                return []
            self.values.set_pgresult(result)
            return self.values.load_rows(0, result.ntuples, tuple)

    def _answers(self, calls: Sequence[Call], *, commit: bool) -> list[PGresult]:
        """Execute, and return the result of each of `calls`.

        A transaction that begins here begins anew, once, where somebody dropped what was prepared, or
        changed the tables under it: nothing of it was executed then.
        """
        batch = _Batch(self, calls, commit=commit)
        results, error = self._sent(batch)
        if isinstance(error, _STALE) and batch.begins:
            self._undo()
            batch = _Batch(self, calls, commit=commit)
            results, error = self._sent(batch)
        if error is not None:
            raise error
        if commit and results[-1].command_status != b"COMMIT":
            raise OperationalError("the server did not commit")
        return [results[place] for place in batch.answers]

    def _sent(self, batch: _Batch) -> tuple[list[PGresult], Error | None]:
        try:
            results = self.wait(_exchanged(self, batch.commands))
        except BaseException:  # nobody knows how far it came
            self.close()
            raise
        error = _error_in(results, len(batch.commands))
        if error is None:
            self._keep(batch.fresh)
        else:
            self._give_up(batch.fresh, error)
        return results, error

    def rollback(self) -> None:
        """As psycopg's, which would also drop what is prepared; on a broken connection nothing is open."""
        with self.lock:
            self._undo()

    def _undo(self) -> None:
        if self.closed or self.pgconn.transaction_status == TransactionStatus.IDLE:
            return
        self.pgconn.send_query(b"ROLLBACK")
        if (error := _error_in(self.wait(execute(self.pgconn)), 1)) is not None:
            raise error

    def name_of(self, sql: bytes, types: tuple[int, ...]) -> bytes | None:
        """Return the name that a statement for values of these types is prepared under."""
        name = self._prepared_as.get((sql, types))
        if name is not None:
            self._prepared_as.move_to_end((sql, types))
        return name

    def new_name(self) -> bytes:
        """Return a name that no statement of this connection has had."""
        return b"redress_%d" % next(self._names)

    def unused(self) -> list[bytes]:
        """Return the names that are to be given up, once."""
        names, self._unused = self._unused, []
        return names

    def _first_row(self, result: PGresult) -> tuple[Any, ...] | None:
        if result.status != ExecStatus.TUPLES_OK or not result.ntuples:
            return None
        self.values.set_pgresult(result)
        return self.values.load_row(0, tuple)

    def _keep(self, fresh: _Names) -> None:
        self._prepared_as |= fresh
        while len(self._prepared_as) > MOST_PREPARED:
            self._unused.append(self._prepared_as.popitem(last=False)[1])

    def _give_up(self, fresh: _Names, error: Error) -> None:
        """What was to be prepared may not have been; where a name is not known, somebody dropped them all."""
        self._unused += fresh.values()
        if isinstance(error, _STALE):
            self._unused += self._prepared_as.values()
            self._prepared_as.clear()


class _Batch:
    """The commands of one way to the server, and at which of them an answer is expected."""

    def __init__(self, connection: PipelinedConnection, calls: Sequence[Call], *, commit: bool) -> None:
        pgconn = connection.pgconn
        self.commands: list[Command] = [
            partial(pgconn.send_close_prepared, name) for name in connection.unused()
        ]
        self.answers: list[int] = []
        self.fresh: _Names = OrderedDict()
        self.begins = not connection.autocommit and pgconn.transaction_status == TransactionStatus.IDLE
        if self.begins:
            self.commands.append(partial(pgconn.send_query_params, b"BEGIN", None))
        for sql, values in calls:
            self._add(connection, sql, values)
        if commit:
            self.commands.append(partial(pgconn.send_query_params, b"COMMIT", None))

    def _add(self, connection: PipelinedConnection, sql: bytes, values: Sequence[Any]) -> None:
        transformer = connection.values
        given = transformer.dump_sequence(values, [PyFormat.AUTO] * len(values))
        types, pgconn = transformer.types or (), connection.pgconn
        name = connection.name_of(sql, types) or self.fresh.get((sql, types))
        if name is None:
            name = self.fresh[sql, types] = connection.new_name()
            self.commands.append(partial(pgconn.send_prepare, name, sql, param_types=types))
        self.commands.append(partial(pgconn.send_query_prepared, name, given, transformer.formats))
        self.answers.append(len(self.commands) - 1)


def _error_in(results: Sequence[PGresult], expected: int) -> Error | None:
    """Return the first error that the server, or libpq, told; fewer results than expected are one as well."""
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            if result.error_field(DiagnosticField.SQLSTATE):
                return error_from_result(result)
            return OperationalError(result.get_error_message())  # libpq's own: the connection was lost
    lost = len(results) != expected
    return OperationalError("the connection was lost before the server had answered") if lost else None


def _exchanged(connection: PipelinedConnection, commands: Sequence[Command]) -> PQGen[list[PGresult]]:
    """Send all, then give the result of each; fewer where the connection was lost meanwhile."""
    pgconn, results = connection.pgconn, list[PGresult]()
    pgconn.enter_pipeline_mode()
    for command in commands:
        command()
    pgconn.pipeline_sync()
    yield from send(pgconn)
    while found := (yield from fetch_many(pgconn)):
        if found[0].status == ExecStatus.PIPELINE_SYNC:
            pgconn.exit_pipeline_mode()
            break
        results.append(found[0])
    else:
        connection.close()
    return results
