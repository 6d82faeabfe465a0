"""Absences and who stands in."""

from __future__ import annotations

from marshmallow import fields, validate

from web.api.schemas.base import Answer, Body, Instant


class AbsenceBody(Body):
    """Who is away from when to when, and who does their tasks meanwhile."""

    username = fields.String(
        load_default=None, metadata={"description": "Who is away; without it the caller."}
    )
    substitute = fields.String(required=True, validate=validate.Length(min=1))
    begins_at = Instant(required=True)
    ends_at = Instant(required=True)


class AbsenceSchema(Answer):
    """An absence that is not over. `can_end` says whether the caller may end it."""

    id = fields.String(required=True)
    username = fields.String(required=True)
    substitute = fields.String(required=True)
    begins_at = Instant(required=True)
    ends_at = Instant(required=True)
    arranged_by = fields.String(required=True)
    can_end = fields.Boolean(required=True)


class ArrangedSchema(Answer):
    """The absence's id."""

    absence_id = fields.String(required=True)
