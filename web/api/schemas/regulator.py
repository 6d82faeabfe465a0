"""What the regulator is told and asks."""

from __future__ import annotations

from marshmallow import fields, validate

from web.api.schemas.base import Answer, Body, Instant, Values
from web.api.schemas.quality import FileQuery, QualityFileSchema

KINDS = ("major_report", "inquiry", "return", "rectification")


class MatterQuery(FileQuery):
    """Which kind, and which files of it."""

    kind = fields.String(load_default=KINDS[0], validate=validate.OneOf(KINDS))


class MatterSchema(QualityFileSchema):
    """A report, inquiry, return or rectification; `facts` hold its reference or period."""


class ReportBody(Body):
    """A case that is to be reported as a major event, and why."""

    complaint_no = fields.String(required=True)
    reason = fields.String(required=True, validate=validate.Length(1, 4000))


class InquiryBody(Body):
    """A letter with a question; without `answer_by` the setting for inquiries counts."""

    reference = fields.String(required=True, validate=validate.Length(1, 100))
    question = fields.String(required=True, validate=validate.Length(1, 4000))
    received_on = fields.Date(required=True)
    answer_by = fields.Date()
    complaint_no = fields.String()


class RectificationBody(Body):
    """A letter that wants something to be put right."""

    reference = fields.String(required=True, validate=validate.Length(1, 100))
    opinion = fields.String(required=True, validate=validate.Length(1, 4000))
    received_on = fields.Date(required=True)
    parent_no = fields.String()


class ReturnBody(Body):
    """The period of a return: 2026-03, 2026-Q1 or 2026."""

    period = fields.String(required=True)


class ReturnFindingSchema(Answer):
    """What is wrong with a return: `row` counts from 1; null is the whole."""

    level = fields.String(required=True)
    code = fields.String(required=True)
    row = fields.Integer(allow_none=True)
    no = fields.String(allow_none=True)
    field = fields.String(allow_none=True)


class AttemptSchema(Answer):
    """An attempt at a return, with what the check found and from which frozen figures it was made."""

    attempt = fields.Integer(required=True)
    rows = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    totals = Values()
    findings = fields.List(fields.Nested(ReturnFindingSchema), required=True)
    frozen = Values()
    created_at = Instant(required=True)


class AttemptsSchema(Answer):
    """The attempts, the newest first."""

    items = fields.List(fields.Nested(AttemptSchema), required=True)
