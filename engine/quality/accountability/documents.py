"""Files handed in with the steps of a quality file: seen by whom that file is for, and by nobody else."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.audit import Entry
from engine.errors import NotFound
from engine.people.actor import Actor
from engine.quality.accountability.reading import own_matter
from engine.quality.files import FILE
from engine.quality.reading import file_of
from engine.runtime.ledger import note_on_instance
from engine.store.tables.documents import Document


def is_shown(session: Session, actor: Actor, document: Document) -> bool:
    """Whether the actor may open a document of a quality file: they see the file, or it is about them and
    the document is of what they are shown of it. Having handed it in is no reason (R49).
    """
    instance_id = document.instance_id
    if instance_id is None:
        return False
    return file_of(session, actor, instance_id) is not None or _is_own(session, actor, document)


def _is_own(session: Session, actor: Actor, document: Document) -> bool:
    no = session.scalar(select(FILE.c.no).where(FILE.c.instance_id == document.instance_id))
    try:
        shown = own_matter(session, actor, no or "")
    except NotFound:
        return False
    values = (value for record in shown["records"] for value in record["values"].values())
    return any(isinstance(value, list) and document.id in value for value in values)


def note_opened(session: Session, actor: Actor, document: Document) -> None:
    """Note in the file's own trail who opened a document of it; the caller commits."""
    if document.instance_id is not None:
        entry = Entry("document.opened", {"document": document.id})
        note_on_instance(session, document.instance_id, actor, [entry])
