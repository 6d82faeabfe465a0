"""Handing out an archive: opened as it streams, noted in the trail before the first byte leaves."""

from __future__ import annotations

from flask import Response

from engine import read
from engine.audit import note
from engine.documents.register import open_document
from engine.errors import InvalidInput
from web import words
from web.extensions import db, redress
from web.identity import current_actor
from web.saved_file import saved_file


def archive_file(no: str, purpose: str, part: str) -> Response:
    """Return the ZIP file of an archive, or of the supplement whose number `part` is.

    Raises Forbidden, NotFound (none, or disposed of), InvalidInput.
    """
    actor = current_actor()
    actor.require("archive.export")
    if purpose not in words.PURPOSES:
        raise InvalidInput("say what the archive is needed for", {"purpose": ["say why"]})
    archive = read.archive_of(db.session(), actor, no)
    found = next((each for each in archive["supplements"] if str(each["number"]) == part), archive)
    opened = open_document(db.session(), redress().vault, found["document_id"])
    with redress().sessions.step() as session:
        data = {"complaint_no": no, "purpose": purpose, "manifest_sha256": found["manifest_sha256"]}
        note(session, actor.username, "archive.exported", data)
    return saved_file(opened.content, "application/zip", opened.name, size=opened.document.size)
