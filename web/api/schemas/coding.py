"""The second coding: samples of closed cases, coding one without seeing the first, and how far both agree."""

from __future__ import annotations

from marshmallow import fields, validate

from engine.domain.complaint import Category
from engine.quality.supervision.coding_samples import MOST_DRAWN
from web.api.schemas.base import Answer, Body, Instant, Query, Values


class CodingSampleSchema(Answer):
    """A drawn sample, and how far it is. Its cases are known by their places alone."""

    id = fields.String(required=True)
    period = fields.String(required=True)
    seed = fields.String(required=True)
    drawn_by = fields.String(required=True)
    drawn_at = Instant(required=True)
    closed_by = fields.String(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    frame_cases = fields.Integer(required=True, metadata={"description": "Of how many it was drawn."})
    size = fields.Integer(required=True)
    coded = fields.Integer(required=True)
    waiting = fields.List(
        fields.Integer(),
        required=True,
        metadata={"description": "The places that wait for the caller, in an order of the caller's own."},
    )
    own = fields.List(
        fields.Integer(), required=True, metadata={"description": "The places that the caller has coded."}
    )


class RedrawnSampleSchema(CodingSampleSchema):
    """A sample. `same`: its kept frame and seed draw the same cases again; null unless that was asked for."""

    same = fields.Boolean(required=True, allow_none=True)


class SampleQuery(Query):
    """Whether it is drawn again."""

    again = fields.Boolean(load_default=False)


class SampleBody(Body):
    """Of which period, and how many."""

    period = fields.String(
        required=True, metadata={"description": "In which cases were closed: 2026-03, 2026-Q1 or 2026."}
    )
    size = fields.Integer(required=True, validate=validate.Range(1, MOST_DRAWN))


class DrawnSampleSchema(Answer):
    """A sample that was drawn."""

    id = fields.String(required=True)


class CaseToCodeSchema(Answer):
    """What a coder may know of a case: neither its number nor how it was coded."""

    content = fields.String(required=True, metadata={"description": "With names and numbers masked."})
    product = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True)
    received_at = Instant(required=True)
    facts = Values(required=True)
    codes = Values(required=True, metadata={"description": "What the caller has entered before."})


class CodingBody(Body):
    """How the caller codes a case."""

    category = fields.String(required=True, validate=validate.OneOf([str(each) for each in Category]))
    sub_code = fields.String(load_default="", metadata={"description": "Of the registration form, or none."})
    grade = fields.Integer(required=True, validate=validate.OneOf((1, 2, 3)))


class CodingSchema(Answer):
    """Whether the coding corrects an earlier one of the caller's."""

    corrected = fields.Boolean(required=True)


class AgreementQuery(Query):
    """Of the cases closed in which period."""

    period = fields.String(required=True, metadata={"description": "2026-03, 2026-Q1 or 2026."})


class PairSchema(Answer):
    """So many cases were coded `first` at registration and `second` afterwards."""

    first = fields.String(required=True)
    second = fields.String(required=True)
    cases = fields.Integer(required=True)


class AgreementSchema(Answer):
    """How far both codings of a code agree. Without kappa `silent` says why: few cases, or one code alone."""

    code = fields.String(required=True, validate=validate.OneOf(("category", "sub_code", "grade")))
    cases = fields.Integer(required=True)
    alike = fields.Integer(required=True)
    kappa = fields.Float(required=True, allow_none=True)
    interval = fields.List(fields.Float(), required=True, allow_none=True)
    suffices = fields.Boolean(required=True, allow_none=True)
    silent = fields.String(required=True, allow_none=True, validate=validate.OneOf(("few", "constant")))
    pairs = fields.List(fields.Nested(PairSchema), required=True)


class CodedApartSchema(Answer):
    """A case that was coded differently, with both codings."""

    complaint_no = fields.String(required=True)
    coder = fields.String(required=True)
    at = Instant(required=True)
    apart = fields.List(fields.String(), required=True)
    first = Values(required=True)
    second = Values(required=True)


class AgreementsSchema(Answer):
    """The agreement of a period by code, the cases coded apart, and what counts once its sample is closed."""

    period = fields.String(required=True)
    agreements = fields.List(fields.Nested(AgreementSchema), required=True)
    apart = fields.List(fields.Nested(CodedApartSchema), required=True)
    pending = fields.Integer(required=True)
