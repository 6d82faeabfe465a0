"""Problem documents (RFC 9457), as `web.errors` writes them."""

from __future__ import annotations

from marshmallow import fields

from web.api.schemas.base import Answer


class FindingSchema(Answer):
    """Something that is wrong with a model file, or a warning about it."""

    file = fields.String()
    element_id = fields.String()
    line = fields.Integer(allow_none=True)
    code = fields.String()
    severity = fields.String()
    message = fields.String()


class ProblemSchema(Answer):
    """Why a request was not carried out."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    findings = fields.List(fields.Nested(FindingSchema))
