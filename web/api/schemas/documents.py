"""Documents."""

from __future__ import annotations

from flask_smorest.fields import Upload  # type: ignore[import-untyped]
from marshmallow import fields, validate

from web.api.schemas.base import Answer, Body, Instant


class DocumentFields(Body):
    """What may be said of an upload."""

    complaint_no = fields.String(validate=validate.Length(max=24))


class DocumentForm(DocumentFields):
    """A file, and the complaint it belongs to."""

    file = Upload(required=True)


class DocumentSchema(Answer):
    """A document; `sha256` is that of its content."""

    document_id = fields.String(attribute="id", required=True)
    sha256 = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "In bytes."})
    media_type = fields.String(required=True)
    name = fields.String(required=True)
    complaint_no = fields.String(allow_none=True)
    uploaded_by = fields.String()
    created_at = Instant()
    content_url = fields.String(metadata={"description": "Where the content is."})
