"""What the database is given to execute: every statement, also those that do not go through SQLAlchemy."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from engine.store.sessions import Sessions

_SENT = re.compile(rb'\tF\t\d+\t(Parse|Query|Execute)\t(?: "[^"]*" "([^"]*)"| "([^"]*)")?')
_WAY = re.compile(rb"\tF\t\d+\t(Sync|Query)\b")


@contextmanager
def statements(sessions: Sessions) -> Iterator[list[str]]:
    """Give a list that holds, after the block, what steps executed, in order: BEGIN and COMMIT too.

    On PostgreSQL a statement that was prepared before has no text.
    """
    seen: list[str] = []
    if not sessions.is_sqlite:
        with _traced(sessions) as lines:
            yield seen
        seen.extend(_of_trace(lines))
        return

    def watch(connection: Any) -> None:
        connection.set_trace_callback(lambda sql: None if sql.startswith("--") else seen.append(sql))

    with _watched(sessions, watch):
        yield seen


@contextmanager
def trips(sessions: Sessions) -> Iterator[list[bytes]]:
    """Give a list that holds, after the block, one entry for each way that steps made to PostgreSQL."""
    ways: list[bytes] = []
    with _traced(sessions) as lines:
        yield ways
    ways.extend(line for line in lines if _WAY.search(line))


@contextmanager
def _traced(sessions: Sessions) -> Iterator[list[bytes]]:
    """Give a list that holds, after the block, the messages that libpq wrote down."""
    lines: list[bytes] = []
    traced: list[Any] = []
    with tempfile.TemporaryFile() as trace:

        def watch(connection: Any) -> None:
            connection.pgconn.trace(trace.fileno())
            traced.append(connection)

        with _watched(sessions, watch):
            yield lines
            for connection in traced:
                connection.pgconn.untrace()  # writes what it still holds
        trace.seek(0)
        lines.extend(trace)


@contextmanager
def _watched(sessions: Sessions, watch: Callable[[Any], None]) -> Iterator[None]:
    """Show `watch` each connection that steps open within the block."""
    sessions.close()  # connections of before are not watched

    def show(connection: Any, _record: Any) -> None:
        watch(connection)

    event.listen(sessions.step_engine, "connect", show)
    try:
        yield
    finally:
        event.remove(sessions.step_engine, "connect", show)
        sessions.close()


def _of_trace(lines: list[bytes]) -> Iterator[str]:
    parsed = b""
    for line in lines:
        found = _SENT.search(line)
        if found is None:
            continue
        kind, prepared, simple = found.groups()
        if kind == b"Parse":
            parsed = prepared or b""
        else:
            yield ((simple if kind == b"Query" else parsed) or b"prepared").decode()
            parsed = b""
