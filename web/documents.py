"""Names of documents as a page shows them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.documents.register import document_name
from engine.people.actor import Actor
from engine.store.tables.documents import Document
from web.extensions import redress


def document_names(
    session: Session,
    actor: Actor,
    ids: Iterable[str],
    complaint_no: str | None = None,
    *,
    drafted: bool = False,
) -> dict[str, str]:
    """Return id -> file name of those documents that are the actor's own or the case's, or belong to nothing
    yet and stand in a draft that the actor goes on with (`drafted`), whoever uploaded them.

    The caller has checked that the actor may see the case, and a file's name may name people: it is given
    only to those who may open documents.
    """
    wanted = sorted(set(ids))
    if not wanted or not actor.may("document.read"):
        return {}
    rows = session.scalars(select(Document).where(Document.id.in_(wanted), Document.wrapped_key.is_not(None)))
    return {
        row.id: document_name(row, redress().keyring)
        for row in rows
        if (row.uploaded_by == actor.username and row.instance_id is None)
        or (drafted and row.complaint_no is None and row.instance_id is None)
        or (complaint_no and row.complaint_no == complaint_no)
    }
