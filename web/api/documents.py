"""`/documents`: files that forms and cases refer to by id."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import Response, request, url_for
from sqlalchemy.orm import Session

from engine import read
from engine.audit import note
from engine.documents.register import document_name, open_document, store_document
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.quality.accountability.documents import is_shown, note_opened
from engine.store.tables.documents import Document
from web.access import requires
from web.api.operation import operation
from web.api.requests import form_fields
from web.api.schemas import documents as schemas
from web.documents import name_for
from web.extensions import db, redress
from web.identity import current_actor
from web.saved_file import saved_file

ARCHIVE_TYPE = "application/zip"
"""Sealed archives lie among the documents and leave by `/archive` alone."""
TAG = "documents"


@operation(
    TAG,
    "POST",
    "/documents",
    requires("document.add"),
    form=schemas.DocumentForm,
    answer=schemas.DocumentSchema,
    status=201,
    errors=(413,),
)
def upload() -> Any:
    """Hand in a file; forms then take its `document_id`."""
    actor, file = current_actor(), request.files.get("file")
    complaint_no = form_fields(schemas.DocumentFields).get("complaint_no")
    if file is None or not file.filename:
        raise InvalidInput("there is no file in the request", {"file": ["choose a file"]})
    if complaint_no is not None:
        read.complaint(db.session(), actor, complaint_no)
    engine = redress()
    with engine.sessions.step() as session:
        document = store_document(
            session,
            engine.vault,
            cast(BinaryIO, file.stream),
            file.filename,
            file.mimetype or None,
            actor,
            complaint_no=complaint_no,
        )
        return _shown(document, document_name(document, engine.keyring))


@operation(TAG, "GET", "/documents/<document_id>", requires("document.read"), answer=schemas.DocumentSchema)
def one_document(document_id: str) -> Any:
    """Say what a document is; its content is at `content_url`.

    Its name may tell whom the case is about: it is masked to those who have nothing to do with the case, and
    the trail says who was shown it.
    """
    actor, session = current_actor(), db.session()
    document = _visible(session, actor, document_id)
    return _shown(document, name_for(session, actor, document))


@operation(
    TAG,
    "GET",
    "/documents/<document_id>/content",
    requires("document.read"),
    answer=None,
    media_type="application/octet-stream",
)
def content(document_id: str) -> Response:
    """Give the content of a document, to be saved. The trail says who opened it."""
    actor, session = current_actor(), db.session()
    _visible(session, actor, document_id)
    opened = open_document(session, redress().vault, document_id)
    document = opened.document
    with redress().sessions.step() as step:
        if document.instance_id is not None:
            note_opened(step, actor, document)
        else:
            data = {"document": document_id, "complaint_no": document.complaint_no}
            note(step, actor.username, "document.opened", data)
    return saved_file(opened.content, document.media_type, opened.name, size=document.size)


def _visible(session: Session, actor: Actor, document_id: str) -> Document:
    """Return a document of a case or file that the actor may see, or that they handed in and that no file
    holds. Raises NotFound.
    """
    document = session.get(Document, document_id)
    if document is None or document.wrapped_key is None or document.media_type == ARCHIVE_TYPE:
        raise NotFound("there is no such document, or it is not one that you may see")
    if document.instance_id is not None:
        if not is_shown(session, actor, document):
            raise NotFound("there is no such document, or it is not one that you may see")
    elif document.uploaded_by != actor.username:
        if document.complaint_no is None:
            raise NotFound("there is no such document, or it is not one that you may see")
        read.complaint(session, actor, document.complaint_no)
    return document


def _shown(document: Document, name: str) -> dict[str, Any]:
    names = ("id", "sha256", "size", "media_type", "complaint_no", "uploaded_by", "created_at")
    return {name: getattr(document, name) for name in names} | {
        "name": name,
        "content_url": url_for("api.content", document_id=document.id),
    }
