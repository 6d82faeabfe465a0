"""Retry what failed: the timer or job of an incident is due again at once, and the incident resolved.

A timer that could not start an instance starts it in the very transaction that resolves its incident.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import Conflict, NotFound, StepFailed
from engine.people.actor import SYSTEM, Actor
from engine.runtime.incidents import close_incident, is_moot, lock_open_incident
from engine.runtime.once import Once, recall, remember
from engine.runtime.operating import PERMISSION, stated
from engine.runtime.runtime import Runtime
from engine.runtime.starts import start_again
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Incident, Instance, Timer

RETRIES = 3
"""How often a job that is retried may fail until it is an incident again."""
BATCH = 100


def retry_incident(
    rt: Runtime, actor: Actor, incident_id: str, reason: str, *, idempotency: Once | None = None
) -> dict[str, Any]:
    """Resolve an open incident and let its timer or job be tried again at once, or on resumption.

    Returns the incident's `id` and `state`, and whether there was anything left to retry (`retried`): what
    an instance has left behind is only resolved. Should it fail again, a new incident is opened. Raises
    Forbidden, InvalidInput (no reason), NotFound, Conflict (resolved already), StepFailed (an instance that
    cannot be started still: the incident stays open).
    """
    actor.require(PERMISSION)
    why = stated(reason)
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return known
        incident, suspended = lock_open_incident(session, incident_id)
        if incident.process_id is not None:
            retried = start_again(rt, session, incident.process_id, incident.element_id)
        else:
            retried = _arm(session, incident, suspended)
        close_incident(session, incident, actor, reason=why, retried=retried)
        answer = {"id": incident_id, "state": "resolved", "retried": retried}
        remember(session, actor, idempotency, answer)
    rt.wake()
    return answer


def retry_incidents(
    rt: Runtime,
    actor: Actor,
    reason: str,
    *,
    kind: str | None = None,
    process_id: str | None = None,
    element_id: str | None = None,
) -> int:
    """Retry every incident of a kind that is open now, each in a transaction of its own; return how many.

    `kind` is timer or job; what is not given is not asked for. Those that somebody else resolves meanwhile
    are passed over. Raises Forbidden, InvalidInput (no reason).
    """
    actor.require(PERMISSION)
    stated(reason)
    query = select(Incident.id).outerjoin(Instance, Instance.id == Incident.instance_id)
    process: Any = func.coalesce(Instance.process_id, Incident.process_id)
    wanted = ((Incident.kind, kind), (process, process_id), (Incident.element_id, element_id))
    query = query.where(
        Incident.state == "open", *(column == value for column, value in wanted if value is not None)
    )
    with rt.sessions.read() as session:
        last = session.scalar(select(Incident.id).order_by(Incident.id.desc()).limit(1))
    done, seen = 0, ""
    while True:
        with rt.sessions.read() as session:
            batch = session.scalars(
                query.where(Incident.id > seen, Incident.id <= (last or ""))
                .order_by(Incident.id)
                .limit(BATCH)
            ).all()
        if not batch:
            return done
        for seen in batch:
            try:
                retry_incident(rt, actor, seen, reason)
                done += 1
            except (Conflict, NotFound):
                continue  # somebody else was faster
            except StepFailed:
                continue  # it cannot be started still, and stays open


def resolve_moot_incidents(rt: Runtime) -> int:
    """Resolve the incidents whose timer or job is gone: their instance went another way; return how many."""
    with rt.sessions.read() as session:
        moot = session.scalars(
            select(Incident.id).where(Incident.state == "open", is_moot()).order_by(Incident.id).limit(BATCH)
        ).all()
    resolved = 0
    for incident_id in moot:
        try:
            retry_incident(rt, SYSTEM, incident_id, "the instance waits there no more")
            resolved += 1
        except (Conflict, NotFound):
            continue  # retried in this very moment
    return resolved


def _arm(session: Session, incident: Incident, suspended: bool) -> bool:
    now = clock.now()
    if incident.kind == "timer":
        again = (
            update(Timer)
            .where(Timer.id == incident.source_id, Timer.state == "failed")
            .values(state="held" if suspended else "armed", attempts=0, run_at=now)
            .returning(Timer.id)
        )
    else:
        again = (
            update(Job)
            .where(Job.id == incident.source_id, Job.state == "dead")
            .values(
                state="held" if suspended else "ready",
                attempts=0,
                retries=RETRIES,
                run_at=now,
                locked_by=None,
                locked_until=None,
            )
            .returning(Job.id)
        )
    return session.execute(again).first() is not None
