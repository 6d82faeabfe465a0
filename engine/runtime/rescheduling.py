"""Giving running timers other instants: those that their expressions give now, or what an operator says."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import bindparam, case, update

from engine.audit import Entry
from engine.runtime.spiff import Wait
from engine.runtime.step import Step
from engine.store.base import table_of
from engine.store.tables.runtime import Timer

_TIMER = table_of(Timer)
_MOVE = (
    update(_TIMER)
    .where(_TIMER.c.instance_id == bindparam("instance"), _TIMER.c.token == bindparam("of"))
    .values(
        due_at=bindparam("due"),
        run_at=bindparam("due"),
        attempts=0,
        # One that failed is tried again at its new time; its incident has nothing to retry then.
        state=case((_TIMER.c.state == "failed", "armed"), else_=_TIMER.c.state),
    )
)


def move_timer(step: Step, wait: Wait, due_at: datetime, *, reason: str | None = None) -> None:
    """Let a waiting timer fire at `due_at` (UTC): in the token's state and in its row; both into history."""
    step.session.connection().execute(_MOVE, {"instance": step.instance.id, "of": wait.token, "due": due_at})
    step.workflow.reschedule_timer(wait.token, due_at)
    data = {"token": wait.token, "process_id": wait.process_id, "from": wait.due_at, "to": due_at}
    if reason is not None:
        data["reason"] = reason
    step.note(Entry("timer.rescheduled", data, wait.element.element_id, wait.element.name))


def recount_timers(step: Step) -> int:
    """Evaluate the dates of all waiting timers again and move those that differ; return how many moved.

    Both instants go into history. Durations and cycles keep what they were armed with.
    """
    moved = 0
    for wait in step.workflow.waits():
        timer = wait.element.timer
        if wait.kind != "timer" or timer is None or timer.kind != "date" or wait.due_at is None:
            continue
        value = step.workflow.evaluate(timer.text, wait.token)
        if not isinstance(value, datetime) or value.tzinfo is None or value == wait.due_at:
            continue
        move_timer(step, wait, value.astimezone(UTC))
        moved += 1
    return moved
