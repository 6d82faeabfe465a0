"""The date that a task shows: its own, the policy's or the statute's, whichever comes first.

The policy's and the statute's are the case's. When they move, all open tasks of the case follow at once, in
whichever instance they wait: a request for a later date is an instance of its own beside the lifecycle.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine.errors import LostRace
from engine.runtime.business import Limits
from engine.runtime.open_task import place
from engine.store.base import table_of
from engine.store.prepared import Prepared
from engine.store.tables.runtime import Task

_TASK = table_of(Task)
_OPEN = select(_TASK.c.id, _TASK.c.own_due_at).where(_TASK.c.state == "open").order_by(_TASK.c.id)
_OF_INSTANCE = Prepared(_OPEN.where(_TASK.c.instance_id == bindparam("instance")))
_OF_CASE = Prepared(
    _OPEN.where(
        and_(_TASK.c.complaint_no == bindparam("case"), _TASK.c.instance_id != bindparam("instance"))
    ).with_for_update(nowait=True)
)
_MOVE = Prepared(
    update(_TASK)
    .where(_TASK.c.id == bindparam("task"))
    .values(due_at=bindparam("due"), due_kind=bindparam("which"))
)


def earliest(own: datetime | None, limits: Limits) -> tuple[datetime | None, str | None]:
    """Return the earliest of a task's own date, the policy's and the statute's, and which one it is."""
    dates = [(own, "own"), (limits.policy, "policy"), (limits.statute, "statute")]
    known = [(at, kind) for at, kind in dates if at is not None]
    return min(known, key=lambda pair: pair[0]) if known else (None, None)


def move_in_instance(session: Session, instance_id: str, limits: Limits) -> None:
    """Bring the open tasks of an instance, which the caller has locked, to the dates of its case."""
    _move(session, _OF_INSTANCE, {"instance": instance_id}, limits)


def move_in_case(session: Session, complaint_no: str, limits: Limits, *, but: str = "") -> None:
    """Bring the open tasks of a complaint, which the caller has locked, to its dates; not those of the
    instance `but`.

    Raises LostRace where somebody is at work on one of them at this moment: they hold its instance and wait
    for the complaint, so that waiting for them would never end.
    """
    try:
        _move(session, _OF_CASE, {"case": complaint_no, "instance": but}, limits)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        raise LostRace("somebody is at work on a task of the case at this moment; try again") from error


_LOCK_NOT_AVAILABLE = "55P03"


def _move(session: Session, query: Prepared, of: dict[str, str], limits: Limits) -> None:
    rows = []
    for task_id, own in query.all(session, of):
        due_at, due_kind = earliest(own, limits)
        rows.append({"task": task_id, "due": due_at, "which": due_kind})
    _MOVE.run_last(session, *rows)
    place(session, [row["task"] for row in rows])
