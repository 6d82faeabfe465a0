"""Problem documents (RFC 9457), as `web.errors` writes them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, pre_dump

from engine.errors import Finding
from web.api.schemas.base import Answer
from web.findings import told


class FindingSchema(Answer):
    """Something that is wrong with a model file, or a warning about it."""

    file = fields.String()
    element_id = fields.String()
    line = fields.Integer(allow_none=True)
    code = fields.String()
    severity = fields.String()
    message = fields.String(metadata={"description": "In the language asked for."})
    template = fields.String(
        metadata={
            "description": "The message in English, with {name} for each of `params`: what it is known by."
        }
    )
    params = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={
            "description": "What the message is about; names and texts of the model as they are drawn."
        },
    )

    @pre_dump
    def _told(self, finding: Finding, **_options: Any) -> dict[str, Any]:
        return told(finding)


class ProblemSchema(Answer):
    """Why a request was not carried out."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    findings = fields.List(fields.Nested(FindingSchema))
