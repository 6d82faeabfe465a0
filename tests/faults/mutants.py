"""Variants of the system with one mistake each. The harness that does not catch one of them proves nothing.

A process started with `REDRESS_FAULT_MUTANT` (see `injected/sitecustomize.py`) runs the mutant of that name,
and so does one that `forked` begins; the product knows nothing of it. Where it can be, the mistake is made in
the SQL that goes out or in a class that every layout of the engine has, so that the mutants outlive its
refactorings. One whose harm needs a crash in the right moment dwells there (`DWELL_S`): few kills find it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

DWELL_S = 0.15
EARLY = timedelta(seconds=0.9)


def no_row_lock() -> None:
    """Two steps of one instance run at the same time: rows are read without FOR UPDATE."""
    from sqlalchemy import Engine, event

    @event.listens_for(Engine, "before_cursor_execute", retval=True)
    def unlock(_connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> tuple[str, Any]:
        at = statement.rfind(" FOR UPDATE")
        if at >= 0:
            time.sleep(DWELL_S / 2)
        return (statement[:at] if at >= 0 else statement), given

    _unlock_prepared()


def torn_history() -> None:
    """The trail is committed before the state that it tells of."""
    from sqlalchemy import Engine, event

    @event.listens_for(Engine, "after_cursor_execute")
    def tear(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO history ("):
            _commit(cursor.connection)

    _tear_prepared()


def at_most_once() -> None:
    """A job is marked as done, and that committed, before it is carried out."""
    from engine.jobs import handlers

    def hasty(record: handlers.Recording) -> handlers.Recording:
        def carry_out(rt: Any, session: Any, job: handlers.JobView) -> Mapping[str, Any] | None:
            _now(session, "UPDATE job SET state = 'done' WHERE id = :id", id=job.id)
            result = record(rt, session, job)
            _now(session, "UPDATE job SET state = 'ready' WHERE id = :id", id=job.id, commit=False)
            return result

        return carry_out

    table: dict[str, handlers.Handler] = handlers.HANDLERS  # type: ignore[assignment]
    for name, handler in table.items():
        if handler.record is not None:
            table[name] = replace(handler, record=hasty(handler.record))


def lost_timer() -> None:
    """A timer's row is deleted, and that committed, before the timer fires."""
    from engine.runtime.spiff.workflow import Workflow

    fire = Workflow.fire_timer

    def hasty(self: Workflow, token: int) -> None:
        step: Any = self.surroundings
        statement = "DELETE FROM timer WHERE instance_id = :instance AND token = :token"
        _now(step.session, statement, instance=step.instance.id, token=token)
        fire(self, token)

    Workflow.fire_timer = hasty  # type: ignore[method-assign]


def early_timer() -> None:
    """Timers are armed for an instant before the one that was drawn."""
    from engine.runtime.spiff import timers

    after = timers.Period.after

    def earlier(self: timers.Period, instant: datetime, *given: Any, **named: Any) -> datetime:
        return after(self, instant, *given, **named) - EARLY

    timers.Period.after = earlier  # type: ignore[method-assign]


def kept_after_rollback() -> None:
    """A workflow stays in memory under its old version when its step is undone."""
    from engine.runtime.workflow_cache import WorkflowCache

    def take(self: Any, instance_id: str, version: int) -> Any:
        with self._lock:
            found = self._held.get(instance_id)
            return found[1] if found is not None and found[0] == version else None

    WorkflowCache.take = take  # type: ignore[method-assign]
    WorkflowCache.drop = lambda *_: None  # type: ignore[method-assign]


def acknowledged_before_commit() -> None:
    """The caller is answered while the commit is still to come."""
    from engine.store.sessions import Sessions, StepSession

    @contextmanager
    def step(self: Any) -> Iterator[Any]:
        session = StepSession(self.step_engine, self._idle)
        try:
            yield session
        except BaseException:
            session.undo()
            session.close()
            raise

        def later() -> None:
            time.sleep(DWELL_S)
            session.finish()
            session.close()

        session.flush()
        threading.Thread(target=later).start()

    Sessions.step = step  # type: ignore[method-assign]


def not_durable() -> None:
    """The database acknowledges commits that it has not written to disk."""
    from sqlalchemy import Engine, event

    @event.listens_for(Engine, "connect")
    def hurry(connection: Any, _record: Any) -> None:
        connection.execute("SET synchronous_commit = off")
        connection.commit()


def forgotten_key() -> None:
    """A request that is repeated under its key acts again."""
    from engine.store import prepared

    ask = prepared.Prepared.one_or_none

    def forget(self: prepared.Prepared, session: Any, values: Any, **named: Any) -> Any:
        driver, dialect = prepared.driver_of(session)
        if self.text(dialect).sql.startswith("INSERT INTO idempotency "):
            driver.execute("DELETE FROM idempotency")
        return ask(self, session, values, **named)

    prepared.Prepared.one_or_none = forget  # type: ignore[method-assign]


MUTANTS: Mapping[str, Callable[[], None]] = {
    mutant.__name__.replace("_", "-"): mutant
    for mutant in (
        no_row_lock,
        torn_history,
        at_most_once,
        lost_timer,
        early_timer,
        kept_after_rollback,
        acknowledged_before_commit,
        not_durable,
        forgotten_key,
    )
}


def _unlock_prepared() -> None:
    """The same for statements that go straight to the driver."""
    from engine.store import prepared

    of, ask = prepared._Text.of, prepared.Prepared.one_or_none

    def unlocked(statement: Any, dialect: Any) -> prepared._Text:
        text = of(statement, dialect)
        return replace(text, sql=text.sql.partition(" FOR UPDATE")[0])

    def slowly(self: prepared.Prepared, session: Any, values: Any, **named: Any) -> Any:
        if getattr(self._statement, "_for_update_arg", None) is not None:
            time.sleep(DWELL_S / 2)
        return ask(self, session, values, **named)

    prepared._Text.of = staticmethod(unlocked)  # type: ignore[method-assign]
    prepared.Prepared.one_or_none = slowly  # type: ignore[method-assign]


def _tear_prepared() -> None:
    """The same for what a step writes together."""
    from engine.store import prepared

    send = prepared.Writes.send

    def torn(self: prepared.Writes, session: Any) -> None:
        held, self._held = self._held, []
        for each in held:
            self._held = [each]
            send(self, session)
            driver, dialect = prepared.driver_of(session)
            if each[0].text(dialect).sql.startswith("INSERT INTO history ("):
                _commit(driver)

    prepared.Writes.send = prepared.Writes.send_last = torn  # type: ignore[method-assign]


def _now(session: Any, statement: str, *, commit: bool = True, **given: Any) -> None:
    """Execute a statement, commit it alone in the middle of the step, and dwell there."""
    from sqlalchemy import text

    connection = session.connection()
    connection.execute(text(statement), given)
    if commit:
        _commit(connection.connection.dbapi_connection)


def _commit(connection: Any) -> None:
    import sqlite3

    connection.commit()
    time.sleep(DWELL_S)
    if isinstance(connection, sqlite3.Connection):
        connection.execute("BEGIN IMMEDIATE")
