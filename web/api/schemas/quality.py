"""Quality files: improvement measures and what they came to."""

from __future__ import annotations

from marshmallow import fields, validate

from web.api.schemas.base import Answer, Body, Instant, PageQuery, Values


class FileQuery(PageQuery):
    """Which files of a kind."""

    status = fields.String(metadata={"description": "`open` for every one that is not closed."})
    complaint_no = fields.String()
    parent_no = fields.String()
    mine = fields.Boolean(load_default=False, metadata={"description": "Those that the caller has to do."})


class QualityFileSchema(Answer):
    """One file. `facts` are its plain facts; what people wrote is in the encrypted store."""

    no = fields.String(required=True)
    kind = fields.String(required=True)
    status = fields.String(required=True)
    instance_id = fields.String(required=True)
    complaint_no = fields.String(allow_none=True)
    parent_no = fields.String(allow_none=True)
    owner = fields.String(allow_none=True)
    department_id = fields.String(allow_none=True)
    due_at = Instant(allow_none=True)
    facts = Values()
    opened_by = fields.String(required=True)
    opened_at = Instant(required=True)
    closed_at = Instant(allow_none=True)


class FileRecordSchema(Answer):
    """What a form of a file recorded, or what was reckoned; personal values are references."""

    kind = fields.String(required=True)
    form_id = fields.String(allow_none=True)
    values = Values()
    actor = fields.String(required=True)
    at = Instant(required=True)


class WholeFileSchema(QualityFileSchema):
    """A file with its records, the oldest first."""

    records = fields.List(fields.Nested(FileRecordSchema), required=True)


class ProposalBody(Body):
    """A problem that an improvement measure is proposed for."""

    problem = fields.String(required=True, validate=validate.Length(min=1, max=4000))
    parent_no = fields.String(metadata={"description": "The finding that it comes from."})


class OpenedSchema(Answer):
    """A file that was opened."""

    no = fields.String(required=True)
    instance_id = fields.String(required=True)
