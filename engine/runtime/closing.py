"""The rows of what an instance waits for no more: tasks and jobs are withdrawn, all else is removed.

Waits that end together, as the timers on a task do, go in one statement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Delete, Table, Update, and_, bindparam, delete, or_, select, update

from engine.runtime.spiff import Closed
from engine.runtime.step import Step
from engine.store.base import table_of
from engine.store.prepared import Prepared
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Subscription, Task, TaskGroup, Timer
from engine.store.tables.workplace import TaskDraft

TOKENS_AT_ONCE = 8
"""The rows of so many waits go in one statement."""


def close(step: Step, closed: list[Closed], opened_now: set[int]) -> None:
    """Have the rows of earlier steps closed whose tokens are gone; `opened_now` never had one."""
    by_kind: dict[str, list[Closed]] = {}
    for item in closed:
        if item.token not in opened_now:
            by_kind.setdefault(item.kind, []).append(item)
    if users := by_kind.get("user"):  # what was completed, the command has closed
        by_kind["user"] = [item for item in users if item.token not in step.completed_tasks]
    for kind, one, several in _GONE:
        tokens: dict[str, list[int]] = {}
        for item in by_kind.get(kind, ()):
            tokens.setdefault(item.reason, []).append(item.token)
        for why, gone in tokens.items():
            rows = _of_tokens(gone, {"instance": step.instance.id, "now": step.now, "why": why})
            step.writes.add(one if len(gone) == 1 else several, rows)


def _of_tokens(tokens: list[int], common: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the values of one execution for so many tokens as a statement takes; the last fills it up."""
    if len(tokens) == 1:
        return [{**common, "of": tokens[0]}]
    rows = []
    for start in range(0, len(tokens), TOKENS_AT_ONCE):
        part = tokens[start : start + TOKENS_AT_ONCE]
        part += part[-1:] * (TOKENS_AT_ONCE - len(part))
        rows.append({**common, **{f"of_{place}": token for place, token in enumerate(part)}})
    return rows


_TASK, _GROUP, _TIMER = table_of(Task), table_of(TaskGroup), table_of(Timer)
_JOB, _SUBSCRIPTION, _DRAFT = table_of(Job), table_of(Subscription), table_of(TaskDraft)
Chosen = Callable[[Table], ColumnElement[bool]]


def _of_one(table: Table) -> ColumnElement[bool]:
    return and_(table.c.instance_id == bindparam("instance"), table.c.token == bindparam("of"))


def _of_several(table: Table) -> ColumnElement[bool]:
    tokens: Any = [bindparam(f"of_{place}") for place in range(TOKENS_AT_ONCE)]
    return and_(table.c.instance_id == bindparam("instance"), table.c.token.in_(tokens))


def _withdraw_task(of: Chosen) -> Update:
    gone = {"state": "withdrawn", "ended_at": bindparam("now"), "end_reason": bindparam("why")}
    return update(_TASK).where(of(_TASK)).values(gone)


def _of_task(table: Table) -> Callable[[Chosen], Delete]:
    return lambda of: delete(table).where(table.c.task_id.in_(select(_TASK.c.id).where(of(_TASK))))


def _away(table: Table) -> Callable[[Chosen], Delete]:
    return lambda of: delete(table).where(of(table))


def _withdraw_job(of: Chosen) -> Update:
    open_ = or_(*(_JOB.c.state == state for state in ("ready", "held", "dead")))
    return update(_JOB).where(of(_JOB), open_).values(state="withdrawn", ended_at=bindparam("now"))


_GONE = tuple(
    (kind, Prepared(make(_of_one)), Prepared(make(_of_several)))
    for kind, make in (
        ("user", _withdraw_task),
        ("user", _of_task(_GROUP)),
        ("user", _of_task(_DRAFT)),
        ("timer", _away(_TIMER)),
        ("message", _away(_SUBSCRIPTION)),
        ("signal", _away(_SUBSCRIPTION)),
        ("job", _withdraw_job),
    )
)
"""What ends the rows of a kind of wait: where one token is gone, and where several are."""
