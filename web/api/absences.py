"""`/absences`: who is away, and who does their tasks meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.people.absence import arrange_absence, end_absence
from engine.read.absences import absence_list
from web.access import logged_in
from web.api.operation import operation
from web.api.schemas import absences as schemas
from web.api.schemas.base import PageQuery, page_of
from web.api.schemas.tasks import NothingSchema
from web.extensions import db, redress
from web.identity import current_actor

TAG = "people"


@operation(TAG, "GET", "/absences", logged_in, query=PageQuery, answer=page_of(schemas.AbsenceSchema))
def absence_page(query: Mapping[str, Any]) -> Any:
    """List absences that are not over: one's own, of one's people, and where one stands in."""
    return absence_list(db.session(), current_actor(), **query)


@operation(
    TAG,
    "POST",
    "/absences",
    logged_in,
    body=schemas.AbsenceBody,
    answer=schemas.ArrangedSchema,
    status=201,
    errors=(409,),
)
def arrange(body: Mapping[str, Any]) -> Any:
    """Arrange an absence and its substitute: one's own, that of somebody below, or as administrator."""
    actor = current_actor()
    who = body["username"] or actor.username
    with redress().sessions.step() as session:
        made = arrange_absence(session, actor, who, body["substitute"], body["begins_at"], body["ends_at"])
    return {"absence_id": made}


@operation(TAG, "POST", "/absences/<absence_id>/end", logged_in, answer=NothingSchema, status=204)
def end(absence_id: str) -> Any:
    """Let an absence end now; one that is over stays as it is."""
    with redress().sessions.step() as session:
        end_absence(session, current_actor(), absence_id)
    return {}
