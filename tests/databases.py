"""A room's own tables on either database, empty for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Table, delete

from engine.store.base import Base
from engine.store.sessions import Sessions

DATABASES = tuple(os.environ.get("REDRESS_TEST_DATABASES", "sqlite,postgresql").split(","))


def sqlite_url(folder: Path) -> str:
    """Return the address of a SQLite file in `folder`."""
    return f"sqlite:///{folder / 'redress.db'}"


@contextmanager
def opened(url: str, tables: Sequence[type[Base]]) -> Iterator[Sessions]:
    """Open the database with `tables` (parents first) made where they are missing; empty them afterwards."""
    sessions = Sessions(url)
    made = [cast(Table, table.__table__) for table in tables]
    Base.metadata.create_all(sessions.step_engine, tables=made)
    try:
        yield sessions
        with sessions.step() as session:
            for table in reversed(made):
                session.execute(delete(table))
    finally:
        sessions.close()
