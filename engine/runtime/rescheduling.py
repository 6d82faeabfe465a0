"""Giving running timers the instants that their expressions give now, as after a new calendar."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import bindparam, delete

from engine.audit import Entry
from engine.runtime.step import Step
from engine.store.base import table_of
from engine.store.tables.runtime import Timer

_TIMER = table_of(Timer)
_FORGET = delete(_TIMER).where(
    _TIMER.c.instance_id == bindparam("instance"), _TIMER.c.token == bindparam("token")
)


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
        due_at = value.astimezone(UTC)
        step.session.connection().execute(_FORGET, {"instance": step.instance.id, "token": wait.token})
        step.workflow.reschedule_timer(wait.token, due_at)
        step.note(
            Entry(
                "timer.rescheduled",
                {"token": wait.token, "from": wait.due_at, "to": due_at},
                wait.element.element_id,
                wait.element.name,
            )
        )
        moved += 1
    step.collect()
    return moved
