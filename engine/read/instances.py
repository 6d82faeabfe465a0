"""Instances as rows, with what they wait for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.people.actor import Actor
from engine.read.paging import Order, Page, bounded, merged, page
from engine.read.traillist import WantedInstances, trail_sources
from engine.read.visibility import COMPLAINT, INSTANCE, TASK, open_trail, visible_instances
from engine.store.tables.cases import Complaint
from engine.store.tables.models import Bundle, Definition
from engine.store.tables.runtime import Incident, Instance, Subscription, Timer

_BUNDLE = Bundle.__table__.c
_DEFINITION = Definition.__table__.c
_COLUMNS = (
    INSTANCE.id,
    INSTANCE.process_id,
    INSTANCE.bundle_id,
    INSTANCE.business_key,
    INSTANCE.state,
    INSTANCE.version,
    INSTANCE.started_at,
    INSTANCE.started_by,
    INSTANCE.ended_at,
    COMPLAINT.no.label("complaint_no"),
    _BUNDLE.family,
    _BUNDLE.number.label("bundle_number"),
    _DEFINITION.name.label("process_name"),
    _DEFINITION.labels.label("process_labels"),
    _DEFINITION.version.label("definition_version"),
)
_FROM = (
    Instance.__table__.join(Bundle.__table__, _BUNDLE.id == INSTANCE.bundle_id)
    .outerjoin(
        Definition.__table__,
        (_DEFINITION.bundle_id == INSTANCE.bundle_id) & (_DEFINITION.process_id == INSTANCE.process_id),
    )
    .outerjoin(Complaint.__table__, COMPLAINT.instance_id == INSTANCE.id)
)
_NEWEST = Order("newest", (INSTANCE.id,), descending=True)
WAITS_LIMIT = 500
"""The most open tasks, timers, subscriptions and incidents that are listed of one instance."""


def instance_list(
    session: Session,
    actor: Actor,
    *,
    state: str | None = None,
    process_id: str | None = None,
    business_key: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return instances that the actor may see, the newest first."""
    query = select(*_COLUMNS).select_from(_FROM)
    wanted = WantedInstances(actor, state, process_id, business_key)
    if actor.may("instance.read_all"):
        return page(
            session, query.where(*wanted.exact(), open_trail(actor)), _NEWEST, limit=limit, cursor=cursor
        )
    found = trail_sources(session, wanted)
    ids, following = merged(session, found, limit=bounded(limit), cursor=cursor)
    rows = {row.id: dict(row._mapping) for row in session.execute(query.where(INSTANCE.id.in_(ids)))}
    return Page([rows[each] for each in ids if each in rows], following)


def instance(session: Session, actor: Actor, instance_id: str) -> dict[str, Any]:
    """Return one instance with `open_tasks`, `timers`, `subscriptions` and `incidents`.

    Variables are in the workflow's state, which only the runtime reads. Raises NotFound, also where the actor
    may not see it.
    """
    query = select(*_COLUMNS).select_from(_FROM).where(INSTANCE.id == instance_id, visible_instances(actor))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such instance, or it is not one that you may see")
    found = dict(row._mapping)
    tasks = select(
        TASK.id, TASK.name, TASK.labels, TASK.element_id, TASK.assignee, TASK.due_at, TASK.created_at
    )
    found["open_tasks"] = _rows(
        session, tasks.where(TASK.instance_id == instance_id, TASK.state == "open").order_by(TASK.id)
    )
    for name, table in (("timers", Timer), ("subscriptions", Subscription), ("incidents", Incident)):
        columns = table.__table__.c
        waits = select(*columns).where(columns.instance_id == instance_id).order_by(columns.id)
        found[name] = _rows(session, waits)
    return found


def instance_bundle(session: Session, instance_id: str) -> str:
    """Return the id of the bundle that an instance is pinned to. Raises NotFound."""
    found = session.scalar(select(INSTANCE.bundle_id).where(INSTANCE.id == instance_id))
    if found is None:
        raise NotFound("there is no such instance")
    return str(found)


def _rows(session: Session, query: Any) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in session.execute(query.limit(WAITS_LIMIT))]
