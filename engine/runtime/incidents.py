"""Incidents: steps that failed where no user was there to be told. Open until retried, resolved or moot."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.errors import Conflict, NotFound
from engine.people.actor import SYSTEM, Actor
from engine.privacy.finding import mask_text
from engine.runtime.ledger import lock_instance, note_on_instance
from engine.store.ids import new_id
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Incident, Timer


def open_incident(
    session: Session,
    kind: str,
    source_id: str,
    instance_id: str | None,
    element_id: str,
    message: str,
    *,
    process_id: str | None = None,
) -> None:
    """Make a failure visible to those who run the system, and note it in the instance's history.

    `process_id` says what could not be started, where there is no instance. The caller has locked the
    instance: it is locked before its timers and jobs, everywhere.
    """
    incident_id, text = new_id(), mask_text(message)
    session.execute(
        insert(Incident).values(
            id=incident_id,
            instance_id=instance_id,
            kind=kind,
            source_id=source_id,
            element_id=element_id,
            process_id=process_id,
            message=text,
            state="open",
            created_at=clock.now(),
        )
    )
    if instance_id is not None:
        data = {"incident": incident_id, "kind": kind, "message": text}
        note_on_instance(session, instance_id, SYSTEM, [Entry("incident.opened", data, element_id or None)])


def lock_open_incident(session: Session, incident_id: str) -> tuple[Incident, bool]:
    """Lock an open incident, after its instance as steps do; return it, and whether that one is suspended.

    Raises NotFound, Conflict (resolved already).
    """
    incident = session.get(Incident, incident_id)
    if incident is None:
        raise NotFound("there is no such incident")
    instance_id = incident.instance_id
    suspended = instance_id is not None and lock_instance(session, instance_id) == "suspended"
    session.refresh(incident, with_for_update=True)
    if incident.state != "open":
        raise Conflict(f"the incident was resolved already by {incident.resolved_by}")
    return incident, suspended


def close_incident(session: Session, incident: Incident, actor: Actor, *, reason: str, retried: bool) -> None:
    """Mark an open incident as resolved and note it in the history of its instance, which is locked."""
    session.execute(
        update(Incident)
        .where(Incident.id == incident.id)
        .values(state="resolved", resolved_at=clock.now(), resolved_by=actor.username)
    )
    if incident.instance_id is not None:
        data = {"incident": incident.id, "kind": incident.kind, "reason": reason, "retried": retried}
        entry = Entry("incident.resolved", data, incident.element_id or None)
        note_on_instance(session, incident.instance_id, actor, [entry])


def is_moot() -> ColumnElement[bool]:
    """The incident's timer or job is no more, or waits no longer: nothing is left to retry."""
    timer = exists(select(Timer.id).where(Timer.id == Incident.source_id))
    job = exists(select(Job.id).where(Job.id == Incident.source_id, Job.state == "dead"))
    gone: Any = or_(and_(Incident.kind == "timer", ~timer), and_(Incident.kind == "job", ~job))
    return and_(Incident.instance_id.is_not(None), gone)
