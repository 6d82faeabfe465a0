"""Training of staff: coverage, sessions, records."""

from __future__ import annotations

from marshmallow import fields, validate

from engine.quality.training.records import BEST, CONTENTS
from web.api.schemas.base import Answer, Body, Instant, PageQuery

_CONTENTS = fields.List(
    fields.String(validate=validate.OneOf(CONTENTS)), required=True, validate=validate.Length(min=1)
)


class CoverageQuery(PageQuery):
    """Whom to list: those who handle complaints, or everybody."""

    everybody = fields.Boolean(load_default=False)


class SessionQuery(PageQuery):
    """The year in which sessions are planned."""

    year = fields.Integer(validate=validate.Range(2000, 2100))


class CoveredSchema(Answer):
    """How a content is covered: valid, soon (runs out within 30 days), expired or missing."""

    state = fields.String(required=True)
    until = Instant(allow_none=True)


class CoverageSchema(Answer):
    """A person and how each content is covered; `is_valid` tells whether they may take handlers' tasks."""

    username = fields.String(required=True)
    display_name = fields.String(required=True)
    valid_until = Instant(allow_none=True)
    is_valid = fields.Boolean(required=True)
    contents = fields.Dict(keys=fields.String(), values=fields.Nested(CoveredSchema), required=True)


class TrainingRecordSchema(Answer):
    """What a person attended; `score` is told to the person and to who keeps the register."""

    id = fields.String(required=True)
    session_id = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    contents = fields.List(fields.String(), required=True)
    held_on = fields.Date(required=True)
    score = fields.Integer(allow_none=True)
    passed = fields.Boolean(required=True)
    valid_until = Instant(allow_none=True)
    source = fields.String(required=True)
    reference = fields.String(allow_none=True)


class PersonTrainingSchema(CoverageSchema):
    """A person's coverage with the records behind it, the newest first."""

    records = fields.List(fields.Nested(TrainingRecordSchema), required=True)


class TrainingSessionSchema(Answer):
    """A session: planned, and held once `held_on` is given."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    contents = fields.List(fields.String(), required=True)
    trainer = fields.String(allow_none=True)
    planned_on = fields.Date(required=True)
    held_on = fields.Date(allow_none=True)
    attended = fields.Integer(required=True)
    passed = fields.Integer(required=True)


class TrainingBody(Body):
    """A training that was held elsewhere; `reference` tells where its proof lies."""

    username = fields.String(required=True)
    contents = _CONTENTS
    held_on = fields.Date(required=True)
    score = fields.Integer(required=True, strict=True, validate=validate.Range(0, BEST))
    reference = fields.String(required=True, validate=validate.Length(1, 100))


class SessionBody(Body):
    """A session beside the plan of the year."""

    title = fields.String(required=True, validate=validate.Length(1, 200))
    contents = _CONTENTS
    planned_on = fields.Date(required=True)
    trainer = fields.String(load_default=None)


class PlannedSchema(Answer):
    """The instance that carries the session."""

    instance_id = fields.String(required=True)
