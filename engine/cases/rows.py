"""Rows of the complaint register, read under lock.

Whoever locks more than one row takes them in this order, everywhere, so that no two wait for each other:
instances (that of a request before that of the lifecycle), then the complaint, then what belongs to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.domain.complaint import Status
from engine.errors import Conflict, NotFound
from engine.store.base import table_of
from engine.store.prepared import Prepared
from engine.store.tables.cases import Complaint
from engine.store.tables.runtime import Instance

COMPLAINT, _INSTANCE = table_of(Complaint), table_of(Instance)
_OF = select(COMPLAINT.c.instance_id).where(COMPLAINT.c.no == bindparam("complaint")).scalar_subquery()
_LIFECYCLE = Prepared(select(_INSTANCE.c.id).where(_INSTANCE.c.id == _OF).with_for_update())
_READ = select(COMPLAINT).where(COMPLAINT.c.no == bindparam("complaint"))
_LOCK = Prepared(_READ.with_for_update())

_INSTANCES = (
    select(_INSTANCE.c.id)
    .where(_INSTANCE.c.business_key == bindparam("complaint"), _INSTANCE.c.state.in_(("active", "suspended")))
    .order_by(_INSTANCE.c.id.desc())
    .with_for_update()
)


def lock_complaint(session: Session, no: str) -> Mapping[str, Any] | None:
    """Lock a complaint and return its row, or None.

    The instance of its lifecycle is locked before it, as that one's own steps do.
    """
    row = _LOCK.one_or_none(session, {"complaint": no}, locking_first=_LIFECYCLE)
    return None if row is None else row._asdict()


def lock_case(session: Session, no: str) -> Mapping[str, Any] | None:
    """As `lock_complaint`, with all its running instances: who does so may change any of their tasks.

    For who holds none of them yet: requests are locked from the newest on, the lifecycle, the oldest, last.
    """
    session.connection().execute(_INSTANCES, {"complaint": no})
    return lock_complaint(session, no)


def read_complaint(session: Session, no: str, *, locked: bool) -> Mapping[str, Any] | None:
    """Return the row of a complaint, or None; `locked` by a step, which holds its own instance already."""
    if locked:
        row = _LOCK.one_or_none(session, {"complaint": no})
        return None if row is None else row._asdict()
    found = session.execute(_READ, {"complaint": no}).one_or_none()
    return None if found is None else dict(found._mapping)


def open_complaint(session: Session, no: str) -> Mapping[str, Any]:
    """Lock a complaint whose clocks still run. Raises NotFound, Conflict."""
    row = lock_complaint(session, no)
    if row is None:
        raise NotFound(f"there is no complaint {no}")
    if Status(row["status"]).stops_clocks:
        raise Conflict(f"complaint {no} is {row['status']}; this is possible only before the result is sent")
    return row
