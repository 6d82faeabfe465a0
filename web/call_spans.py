"""How calls were answered within a span, as gateways and programs send it (R6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

MOST_SPANS = 1_000
"""So many come at once."""
COUNT = validate.Range(min=0, max=10_000_000)


class CallFigures(Schema):
    """A span beside its `begins_at` and `ends_at`; `wait_s` is that of all answered calls together."""

    offered = fields.Integer(required=True, validate=COUNT)
    answered = fields.Integer(required=True, validate=COUNT)
    abandoned = fields.Integer(required=True, validate=COUNT)
    wait_s = fields.Integer(required=True, validate=validate.Range(min=0, max=10**12))

    @validates_schema
    def _adds_up(self, data: Mapping[str, Any], **_options: Any) -> None:
        if data["ends_at"] <= data["begins_at"]:
            raise ValidationError({"ends_at": ["takes an instant after the beginning"]})
        if data["answered"] + data["abandoned"] > data["offered"]:
            raise ValidationError({"offered": ["is less than what was answered and abandoned"]})
