"""Earlier complaints of the same customer, found through the blind index: nobody's data is opened for it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from engine.people.actor import Actor
from engine.read.visibility import COMPLAINT, visible_complaints
from engine.store.tables.privacy import SubjectIndex

MOST = 10


def same_customer(
    session: Session, actor: Actor, no: str, subject_id: str, *, limit: int = MOST
) -> list[dict[str, Any]]:
    """Return other complaints of whoever shares a phone, e-mail, identity or account number, newest first.

    Only those that the actor may see; the others are not even counted (R60). K3 counts repeats by itself.
    """
    own, other = aliased(SubjectIndex), aliased(SubjectIndex)
    subjects = (
        select(other.subject_id)
        .join(own, (own.kind == other.kind) & (own.digest == other.digest))
        .where(own.subject_id == subject_id)
    )
    query = (
        select(
            COMPLAINT.no,
            COMPLAINT.status,
            COMPLAINT.grade,
            COMPLAINT.urgent,
            COMPLAINT.category,
            COMPLAINT.product,
            COMPLAINT.received_at,
        )
        .where(COMPLAINT.subject_id.in_(subjects), COMPLAINT.no != no, visible_complaints(actor))
        .order_by(COMPLAINT.received_at.desc(), COMPLAINT.no.desc())
        .limit(limit)
    )
    return [dict(row._mapping) for row in session.execute(query)]
