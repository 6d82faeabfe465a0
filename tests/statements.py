"""What the database is given to execute: every statement, also those that do not go through SQLAlchemy."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from sqlalchemy import event

from engine.store.sessions import Sessions

_SENT = re.compile(rb'\tF\t\d+\t(Parse|Query|Execute)\t(?: "[^"]*" "([^"]*)"| "([^"]*)")?')


@contextmanager
def statements(sessions: Sessions) -> Iterator[list[str]]:
    """Give a list that holds, after the block, what steps executed, in order: BEGIN and COMMIT too.

    On PostgreSQL a statement that was prepared before has no text.
    """
    seen: list[str] = []
    traced: list[Any] = []
    sessions.close()  # connections of before are not watched
    with tempfile.TemporaryFile() as trace:

        def watch(connection: Any, _record: Any) -> None:
            if sessions.is_sqlite:
                connection.set_trace_callback(lambda sql: None if sql.startswith("--") else seen.append(sql))
            else:
                connection.pgconn.trace(trace.fileno())
                traced.append(connection)

        event.listen(sessions.step_engine, "connect", watch)
        try:
            yield seen
            for connection in traced:
                connection.pgconn.untrace()  # writes what it still holds
            if not sessions.is_sqlite:
                seen.extend(_of_trace(trace))
        finally:
            event.remove(sessions.step_engine, "connect", watch)
            sessions.close()


def _of_trace(trace: IO[bytes]) -> Iterator[str]:
    """Read the messages to the server that libpq wrote down."""
    trace.seek(0)
    parsed = b""
    for line in trace:
        found = _SENT.search(line)
        if found is None:
            continue
        kind, prepared, simple = found.groups()
        if kind == b"Parse":
            parsed = prepared or b""
        else:
            yield ((simple if kind == b"Query" else parsed) or b"prepared").decode()
            parsed = b""
