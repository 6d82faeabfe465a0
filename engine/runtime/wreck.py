"""An instance whose stored state cannot be read: nothing can run in it, but it can be given up.

What it waits for is known from the rows beside the state, which every step keeps equal to it. So cancelling
closes the rows, and the bytes of the state stay as they were found, for whoever looks into the damage.
"""

from __future__ import annotations

from typing import Any, NoReturn

from sqlalchemy import bindparam, select

from engine.audit import Entry
from engine.errors import RedressError
from engine.runtime.spiff import Changes, Closed, Workflow
from engine.runtime.step import Step
from engine.store.base import table_of
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Subscription, Task, Timer

_TASK, _TIMER, _JOB, _SUBSCRIPTION = table_of(Task), table_of(Timer), table_of(Job), table_of(Subscription)
_INSTANCE: Any = bindparam("instance")
_TASKS = (
    select(_TASK.c.token, _TASK.c.process_id, _TASK.c.element_id, _TASK.c.name)
    .where(_TASK.c.instance_id == _INSTANCE, _TASK.c.state == "open")
    .order_by(_TASK.c.token)
)
_TIMERS = select(_TIMER.c.token).where(_TIMER.c.instance_id == _INSTANCE)
_JOBS = select(_JOB.c.token).where(_JOB.c.instance_id == _INSTANCE, _JOB.c.token.is_not(None))
_SUBSCRIPTIONS = select(_SUBSCRIPTION.c.token, _SUBSCRIPTION.c.kind).where(
    _SUBSCRIPTION.c.instance_id == _INSTANCE
)


class Wreck(Workflow):
    """Stands in a step where the workflow should. It can be cancelled; any other act raises `why`."""

    def __init__(self, step: Step, state: bytes, why: RedressError) -> None:
        self._step, self._state, self._why = step, state, why
        self._closed: list[Closed] = []

    @property
    def _tree(self) -> NoReturn:  # type: ignore[override]
        raise self._why

    @property
    def surroundings(self) -> Any:
        """The step that it is in."""
        return self._step

    @surroundings.setter
    def surroundings(self, surroundings: Any) -> None:
        self._step = surroundings

    @property
    def is_completed(self) -> bool:
        """It never is: only a cancellation ends it."""
        return False

    def cancel(self, reason: str = "") -> None:
        """Close every wait that a row stands for, and say in history why no more is told of them."""
        self._step.note(Entry("process.cancelled", {"reason": reason, "unreadable": str(self._why)}))
        ask, instance = self._step.session.connection().execute, {"instance": self._step.instance.id}
        for row in ask(_TASKS, instance):
            where = {"process_id": row.process_id, "token": row.token}
            self._step.note(
                Entry("task.withdrawn", {"reason": reason, **where}, row.element_id, row.name),
            )
            self._closed.append(Closed(row.token, "user", "cancelled"))
        self._closed += [Closed(row.token, "timer", "cancelled") for row in ask(_TIMERS, instance)]
        self._closed += [Closed(row.token, "job", "cancelled") for row in ask(_JOBS, instance)]
        self._closed += [Closed(row.token, row.kind, "cancelled") for row in ask(_SUBSCRIPTIONS, instance)]

    def take_changes(self) -> Changes:
        """Return the waits that `cancel` closed."""
        closed, self._closed = self._closed, []
        return Changes([], [], closed)

    def dump(self) -> bytes:
        """Return the state as it was found."""
        return self._state
