"""Waiting until whoever was in the middle of a transaction has come to its end."""

from __future__ import annotations

import time

from sqlalchemy import text

from engine import clock
from engine.errors import Conflict
from engine.store.sessions import Sessions

PATIENCE_S = 60.0
_PAUSE_S = 0.05


def wait_for_writers(sessions: Sessions) -> None:
    """Return once every transaction that had written by now has ended, so that what it wrote is visible.

    Nobody else is kept from anything. On SQLite, which has one writer at a time, it is our turn to write.
    Raises Conflict where one goes on for longer than `PATIENCE_S`.
    """
    with sessions.step() as session:
        if session.get_bind().dialect.name == "sqlite":
            return
        ours = session.scalar(text("SELECT pg_current_xact_id()::text"))
    until = clock.monotonic() + PATIENCE_S
    while True:
        with sessions.read() as session:
            oldest = session.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text"))
        if int(str(oldest)) > int(str(ours)):
            return
        if clock.monotonic() > until:
            raise Conflict("a transaction that began before still goes on: try again when it has ended")
        time.sleep(_PAUSE_S)
