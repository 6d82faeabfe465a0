"""Migrations of all instances of a process as rows: how far they are, and what failed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.read.paging import Order, Page, page
from engine.store.tables.migrations import Migration, MigrationFailure

_MIGRATION = Migration.__table__.c
_FAILURE = MigrationFailure.__table__.c
_NEWEST = Order("newest", (_MIGRATION.id,), descending=True)
MOST_FAILURES = 500


def migration_list(session: Session, *, limit: int | None = None, cursor: str | None = None) -> Page:
    """Return migrations, the newest first."""
    return page(session, select(*_MIGRATION), _NEWEST, limit=limit, cursor=cursor)


def migration(session: Session, migration_id: str) -> dict[str, Any]:
    """Return one with its `failures`, the first 500. Raises NotFound."""
    row = session.execute(select(*_MIGRATION).where(_MIGRATION.id == migration_id)).one_or_none()
    if row is None:
        raise NotFound("there is no such migration")
    failed = select(*_FAILURE).where(_FAILURE.migration_id == migration_id).order_by(_FAILURE.instance_id)
    failures = [dict(each._mapping) for each in session.execute(failed.limit(MOST_FAILURES))]
    return dict(row._mapping) | {"failures": failures}
