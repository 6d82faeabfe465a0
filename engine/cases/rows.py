"""Rows of the complaint register, read under lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from engine.domain.complaint import Status
from engine.errors import Conflict, NotFound
from engine.runtime.ledger import lock_instance
from engine.store.tables.cases import Complaint

COMPLAINT: Table = Complaint.__table__  # type: ignore[assignment]


def lock_complaint(session: Session, no: str, *, readonly: bool = False) -> Mapping[str, Any] | None:
    """Return the row of a complaint, locked unless `readonly`, or None."""
    query = select(COMPLAINT).where(COMPLAINT.c.no == no)
    if not readonly:
        query = query.with_for_update()
    row = session.execute(query).one_or_none()
    return None if row is None else dict(row._mapping)


def open_complaint(session: Session, no: str) -> Mapping[str, Any]:
    """Lock a complaint whose clocks still run, after its lifecycle's instance, as that one's own steps do.

    Raises NotFound, Conflict.
    """
    lifecycle = session.scalar(select(COMPLAINT.c.instance_id).where(COMPLAINT.c.no == no))
    if lifecycle is not None:
        lock_instance(session, lifecycle)
    row = lock_complaint(session, no)
    if row is None:
        raise NotFound(f"there is no complaint {no}")
    if Status(row["status"]).stops_clocks:
        raise Conflict(f"complaint {no} is {row['status']}; this is possible only before the result is sent")
    return row
