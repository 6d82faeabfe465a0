"""Names of documents as they are shown: they often tell whom a case is about (R60, R61)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import read
from engine.documents.register import document_name
from engine.people.actor import Actor
from engine.store.tables.documents import Document
from web.casefile import HIDDEN, note_reveal
from web.extensions import redress


def document_names(
    session: Session,
    actor: Actor,
    ids: Iterable[str],
    complaint_no: str | None = None,
    *,
    drafted: bool = False,
    noted: bool = False,
) -> dict[str, str]:
    """Return id -> file name of those documents that are the actor's own or the case's, or belong to nothing
    yet and stand in a draft that the actor goes on with (`drafted`), whoever uploaded them.

    The caller has checked that the actor may see the case. Of the case's files the kind alone is told, unless
    the trail says already that the actor is shown what the case is about (`noted`); only those who may open
    documents are told anything.
    """
    wanted = sorted(set(ids))
    if not wanted or not actor.may("document.read"):
        return {}
    rows = session.scalars(select(Document).where(Document.id.in_(wanted), Document.wrapped_key.is_not(None)))
    return {
        row.id: _name(row, in_clear=noted or row.complaint_no is None)
        for row in rows
        if (row.uploaded_by == actor.username and row.instance_id is None)
        or (drafted and row.complaint_no is None and row.instance_id is None)
        or (complaint_no and row.complaint_no == complaint_no)
    }


def name_for(session: Session, actor: Actor, document: Document) -> str:
    """Return the name of a document that the actor may see, for an answer about it alone.

    In clear to whoever handed it in while it belongs to nothing, and to those who may read personal data and
    have to do with its case, as the trail then says; to all others only what kind of file it is.
    """
    no = document.complaint_no
    if no is None:
        return _name(document, in_clear=document.instance_id is None)
    concerned = actor.may("personal.read") and read.concerns(session, actor, no)
    if concerned:
        note_reveal(actor, no, "handling")
    return _name(document, in_clear=concerned)


def _name(document: Document, *, in_clear: bool) -> str:
    name = document_name(document, redress().keyring)
    return name if in_clear else HIDDEN + PurePath(name).suffix[:10]
