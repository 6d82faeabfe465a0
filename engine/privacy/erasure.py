"""Leaving nothing of a destroyed key in the database's files."""

from __future__ import annotations

import logging

from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from engine.store.sessions import after_commit

_log = logging.getLogger(__name__)
_EMPTIED = "the log is emptied after the commit"


def overwrite_what_is_freed(session: Session) -> None:
    """Have SQLite overwrite the bytes that this transaction frees, and empty its log after the commit.

    Whoever calls has ended their own reading before: the log cannot be emptied while a transaction reads, and
    the caller's would outlast the wait for the others.

    PostgreSQL keeps old row versions until VACUUM and its log until it is recycled; that, like the backups of
    either, is a matter of how the database is run.
    """
    if session.get_bind().dialect.name != "sqlite":
        return
    if session.info.get(_EMPTIED):
        return
    session.info[_EMPTIED] = True
    session.execute(text("PRAGMA secure_delete = ON"))
    bind = session.get_bind()
    engine = bind if isinstance(bind, Engine) else bind.engine
    after_commit(session, lambda: _empty_log(engine))


def _empty_log(engine: Engine) -> None:
    connection = engine.raw_connection()
    try:
        busy, *_ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() or (0,)
        if busy:
            _log.warning(
                "the write-ahead log could not be emptied after an erasure, since somebody read for long; "
                "what was erased stays in it until the next erasure, or until all of Redress was stopped"
            )
    finally:
        connection.close()
