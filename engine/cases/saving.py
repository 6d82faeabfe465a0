"""What a step reads and writes of its complaint beside the row itself, as statements that are built once."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.orm import Session

from engine.cases.rows import COMPLAINT
from engine.store.base import table_of
from engine.store.prepared import Prepared
from engine.store.tables.cases import CaseRecord
from engine.store.tables.runtime import Task, TaskGroup

_RECORD, _TASK, _GROUP = table_of(CaseRecord), table_of(Task), table_of(TaskGroup)
ADD_RECORDS = Prepared(insert(_RECORD))
RECORDS_OF = Prepared(
    select(_RECORD.c.kind, _RECORD.c["values"])
    .where(_RECORD.c.complaint_no == bindparam("of"))
    .order_by(_RECORD.c.id)
)


@lru_cache(maxsize=256)
def update_of(names: tuple[str, ...]) -> Prepared:
    """Return the update of these columns of the complaint `of`, and of no others: SQLite writes the indexes
    over every column that is named.
    """
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    return Prepared(update(COMPLAINT).where(COMPLAINT.c.no == bindparam("of")).values(values))


def move_open_tasks(session: Session, no: str, *, limit_at: datetime, traits: str | None) -> None:
    """Bring the open tasks of a complaint, of whichever instance, to its limit in the lists, and to its new
    traits (`engine.store.kinds`) where they changed.
    """
    if traits is not None:
        _RENAME.run_last(session, {"of": no, "traits": f"|{traits}"})
    _MOVE.run_last(session, {"of": no, "at": limit_at})


_OPEN_OF_CASE = and_(_TASK.c.complaint_no == bindparam("of"), _TASK.c.state == "open")
_RENAME = Prepared(
    update(_TASK)
    .where(_OPEN_OF_CASE)
    .values(kind=_TASK.c.process_id + "|" + _TASK.c.element_id + bindparam("traits"))
)
_MOVE = Prepared(
    update(_GROUP)
    .where(_GROUP.c.task_id.in_(select(_TASK.c.id).where(_OPEN_OF_CASE)))
    .values(
        limit_at=bindparam("at"),
        kind=select(_TASK.c.kind).where(_TASK.c.id == _GROUP.c.task_id).scalar_subquery(),
    )
)
