"""INSERT ... ON CONFLICT, which both databases speak and SQLAlchemy keeps in their dialects."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert_into(session: Session, table: Any) -> sqlite.Insert | postgresql.Insert:
    """Return an insert of the session's database that knows `on_conflict_do_nothing` and `..._update`."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
