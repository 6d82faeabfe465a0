"""Erasing whom a closed case is about: the keys are destroyed, every proof of the trail stays (R61, R62)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.cases.archive.retention import refuse_held
from engine.cases.erased import list_after_commit
from engine.cases.rows import lock_complaint
from engine.documents.register import destroy_documents
from engine.documents.vault import Vault
from engine.domain.complaint import Status
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.actor import Actor
from engine.privacy.subjects import erase_subject, find_same_persons
from engine.runtime.once import Once, recall, remember
from engine.runtime.runtime import Runtime
from engine.store.tables.cases import Complaint
from engine.store.tables.privacy import DataSubject


class ErasureReason(StrEnum):
    """Why personal data is destroyed: these are the grounds that the law knows (PIPL Art. 47)."""

    RETENTION = "retention"
    REQUEST = "request"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Erased:
    """What was destroyed: the certificate (R62). `also_in` are other cases of the same person, still held."""

    complaint_no: str
    erased_at: str
    documents: int
    also_in: list[str]


def erase_customer(
    rt: Runtime, vault: Vault, actor: Actor, no: str, *, reason: str, idempotency: Once | None = None
) -> Erased:
    """Destroy the keys of the customer of a closed case and of its documents; what was sealed stays unread.

    Raises Forbidden, NotFound, InvalidInput (no such reason), Conflict (the case is open, held, or
    was erased before).
    """
    actor.require("personal.erase")
    if reason not in list(ErasureReason):
        message = f"say why: {', '.join(ErasureReason)}"
        raise InvalidInput(message, {"reason": [message]})
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return Erased(**known)
        erased = _erase(session, vault, no)
        list_after_commit(rt, session, no)
        note(session, actor.username, "personal.erased", asdict(erased) | {"reason": str(reason)})
        remember(session, actor, idempotency, asdict(erased))
    return erased


def _erase(session: Session, vault: Vault, no: str) -> Erased:
    row = lock_complaint(session, no)
    if row is None:
        raise NotFound(f"there is no complaint {no}")
    if not Status(row["status"]).is_final:
        raise Conflict(
            f"complaint {no} is {row['status']}: whom it is about is needed until it is archived or ended"
        )
    refuse_held(session, no)
    also_in = cases_of_same_person(session, no)
    if not erase_subject(session, row["subject_id"]):
        raise Conflict(f"the personal data of complaint {no} was erased before")
    documents = destroy_documents(session, vault, no)
    return Erased(no, clock.now().isoformat(), documents, also_in)


def cases_of_same_person(session: Session, no: str) -> list[str]:
    """Return the numbers of other cases whose customer shares a phone, e-mail, identity or account number."""
    subject = session.scalars(select(Complaint.subject_id).where(Complaint.no == no)).one_or_none()
    same = find_same_persons(session, subject) if subject else []
    held = (
        select(Complaint.no)
        .join(DataSubject, DataSubject.id == Complaint.subject_id)
        .where(Complaint.subject_id.in_(same), DataSubject.erased_at.is_(None))
    )
    return sorted(session.scalars(held)) if same else []
