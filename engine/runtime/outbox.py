"""Messages and signals that a step threw, as jobs: handed to other instances after the step has committed.

The job is written with the step and ends in the transaction that hands it over: nothing is lost, nothing
comes twice, and no step ever locks two instances.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from engine import clock
from engine.runtime.runtime import Runtime
from engine.runtime.spiff.values import to_plain
from engine.runtime.step import Step
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.prepared import Prepared
from engine.store.tables.jobs import Job

MESSAGE_JOB, SIGNAL_JOB, SIGNAL_TO_JOB = "redress:message", "redress:signal", "redress:signal-to"
_TYPES = {"message.thrown": MESSAGE_JOB, "signal.thrown": SIGNAL_JOB}
RETRIES = 5
_INSERT = Prepared(insert(table_of(Job)))
_FRESH = dict.fromkeys(("locked_by", "locked_until", "lock_key", "last_error", "ended_at"))


def add_jobs(rt: Runtime, session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows of jobs and tell the dispatcher of them, in the caller's transaction."""
    if rows:
        _INSERT.run_last(session, *({**_FRESH, **row} for row in rows))
        rt.enqueue(session, [(row["id"], row["type"]) for row in rows])


def thrown_jobs(step: Step) -> list[dict[str, Any]]:
    """Return rows of jobs for what was thrown in this step, in order."""
    return [
        {
            **outbox_row(
                _TYPES[event.kind],
                {
                    "name": event.data["name"],
                    "key": event.data.get("key", ""),
                    "variables": to_plain(event.data.get("variables", {})),
                    "thrower": step.instance.id,
                },
            ),
            "instance_id": step.instance.id,
            "element_id": event.element_id,
        }
        for changes in step.changes
        for event in changes.events
        if event.kind in _TYPES
    ]


def outbox_row(job_type: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a job that no token waits for, to be done at once."""
    now = clock.now()
    return {
        "id": new_id(),
        "instance_id": None,
        "token": None,
        "element_id": "",
        "type": job_type,
        "payload": payload,
        "state": "ready",
        "retries": RETRIES,
        "attempts": 0,
        "run_at": now,
        "created_at": now,
    }
