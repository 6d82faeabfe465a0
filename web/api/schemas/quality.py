"""Quality files: improvement measures and what they came to."""

from __future__ import annotations

from marshmallow import fields, validate

from web.api.schemas.base import Answer, Body, Instant, PageQuery, Query, Values


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


class ReportProblemBody(Body):
    """Which problem of a report a measure is opened for, and what is to become better."""

    problem_id = fields.String(required=True, metadata={"description": "Such as 2026-03-P1."})
    problem = fields.String(required=True, validate=validate.Length(min=1, max=4000))


class OpenedSchema(Answer):
    """A file that was opened."""

    no = fields.String(required=True)
    instance_id = fields.String(required=True)


class InspectionBody(Body):
    """Why an inspection is held."""

    occasion = fields.String(required=True, validate=validate.OneOf(["regular", "special"]))


class RedrawQuery(Query):
    """Which seed."""

    seed = fields.String(metadata={"description": "Another seed than the one that was drawn with."})


class DrawnSchema(Answer):
    """A case that the seed draws."""

    place = fields.Integer(required=True)
    complaint_no = fields.String(required=True)
    weight = fields.Float(required=True)
    risks = fields.List(fields.String(), required=True)
    key = fields.Float(required=True)
    call_back = fields.Boolean(required=True)


class SampleSchema(Answer):
    """A sample drawn again. `same`: these are the cases that were drawn; `frame_intact`: so is the frame."""

    seed = fields.String(required=True)
    cases = fields.List(fields.Nested(DrawnSchema), required=True)
    same = fields.Boolean(required=True)
    frame_intact = fields.Boolean(required=True)
    frame_cases = fields.Integer(required=True)


class ConformanceQuery(PageQuery):
    """Of which period."""

    period = fields.String(required=True, metadata={"description": "2026-03, 2026-Q1 or 2026."})


class DeviationSchema(Answer):
    """A difference between log and diagram: unexpected, remaining, skipped or intervened."""

    kind = fields.String(required=True)
    element_id = fields.String(required=True)
    seq = fields.Integer(allow_none=True)
    detail = fields.String()


class ConformingSchema(Answer):
    """A case replayed against its diagram, by tokens; `fitness` from 0 to 1, null where nothing was."""

    complaint_no = fields.String(required=True)
    instance_id = fields.String(required=True)
    fitness = fields.Float(required=True, allow_none=True)
    produced = fields.Integer(required=True)
    consumed = fields.Integer(required=True)
    missing = fields.Integer(required=True)
    remaining = fields.Integer(required=True)
    deviations = fields.List(fields.Nested(DeviationSchema), required=True)
