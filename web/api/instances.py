"""`/instances`: starting and looking at processes, and their trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import read
from engine.errors import NotFound, StateUnreadable
from engine.people.actor import Actor
from engine.runtime.commands import start_instance
from engine.runtime.form_context import read_step
from engine.store.tables.cases import Complaint
from engine.store.types import instant_text
from web.access import requires
from web.api.operation import operation
from web.api.personal import NOTHING_SHOWN, Personal, personal_values
from web.api.requests import idempotency
from web.api.schemas import instances as schemas
from web.api.schemas.base import PageQuery, page_of
from web.extensions import db, runtime
from web.identity import current_actor
from web.language import label_of

TAG = "instances"


@operation(
    TAG,
    "POST",
    "/instances",
    requires("instance.start"),
    body=schemas.StartBody,
    answer=schemas.StartedSchema,
    status=201,
    repeatable=True,
    errors=(404, 409),
)
def start(body: Mapping[str, Any]) -> Any:
    """Start the newest version of a process, or the one given."""
    instance_id = start_instance(runtime(), current_actor(), **body, idempotency=idempotency())
    return {"instance_id": instance_id}


@operation(
    TAG,
    "GET",
    "/instances",
    requires("instance.read"),
    query=schemas.InstanceQuery,
    answer=page_of(schemas.InstanceSchema),
)
def instance_page(query: Mapping[str, Any]) -> Any:
    """List instances that the caller may see, the newest first."""
    found = read.instance_list(db.session(), current_actor(), **query)
    return {"items": [_named(row) for row in found.items], "next": found.next}


@operation(
    TAG,
    "GET",
    "/instances/<instance_id>",
    requires("instance.read"),
    answer=schemas.InstanceDetailSchema,
)
def one_instance(instance_id: str) -> Any:
    """Give an instance with its variables, open tasks, timers and incidents."""
    actor, session = current_actor(), db.session()
    row = _named(read.instance(session, actor, instance_id))
    tasks = [task | {"name": label_of(task)} for task in row["open_tasks"]]
    try:
        variables, unreadable = read_step(runtime(), session, instance_id, actor).workflow.variables, None
    except StateUnreadable as error:  # what is known beside the state is still told, its incidents above all
        variables, unreadable = {}, str(error)
    shown = {"variables": NOTHING_SHOWN.show(variables), "unreadable": unreadable}
    return row | shown | {"open_tasks": tasks}


@operation(
    TAG,
    "GET",
    "/instances/<instance_id>/history",
    requires("instance.read"),
    query=PageQuery,
    answer=page_of(schemas.HistorySchema),
)
def trail(query: Mapping[str, Any], instance_id: str) -> Any:
    """List what happened in an instance, in the order of `seq`.

    Personal values are shown to those who may read them and have to do with the case, which is noted.
    """
    actor, session = current_actor(), db.session()
    instance = read.instance(session, actor, instance_id)
    found = read.history(session, instance_id, **query)
    personal = _personal(session, actor, instance["business_key"], [row["values"] for row in found.items])
    items = [
        row | {"at": instant_text(row["at"]), "values": personal.show(row["values"])} for row in found.items
    ]
    return {"items": items, "next": found.next}


def _named(row: dict[str, Any]) -> dict[str, Any]:
    name = label_of(row, name="process_name", labels="process_labels")
    return row | {"process_name": name}


def _personal(session: Session, actor: Actor, business_key: str | None, values: list[Any]) -> Personal:
    """What is shown of the values of a case's instances: its lifecycle, and those that belong to it."""
    columns = select(Complaint.no, Complaint.subject_id).where(Complaint.no == (business_key or ""))
    case = session.execute(columns).one_or_none()
    if case is None:
        return NOTHING_SHOWN
    try:
        read.complaint(session, actor, case.no)
    except NotFound:
        return NOTHING_SHOWN
    return personal_values(session, actor, {**case._mapping, "personal": {}}, values)
