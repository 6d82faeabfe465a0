"""The policy's clauses and the terms that it leaves open."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from engine.cases.policy import InForce
from web.api.schemas.base import Answer, Instant, ReasonBody


class GuardSchema(Answer):
    """A promise that the program keeps, and the test that holds it to it."""

    function = fields.String(required=True)
    test = fields.String(required=True)


class ClauseSchema(Answer):
    """What carries out one clause; `kind` is element, decision, form, guard or open."""

    clause = fields.String(required=True)
    text = fields.String(required=True)
    kind = fields.String(required=True)
    elements = fields.List(fields.String())
    decisions = fields.List(fields.String())
    forms = fields.List(fields.String())
    scenarios = fields.List(fields.String())
    settings = fields.List(fields.String())
    guards = fields.List(fields.Nested(GuardSchema))


class MatrixSchema(Answer):
    """All clauses in their order."""

    items = fields.List(fields.Nested(ClauseSchema), required=True)


class ParameterDecisionSchema(Answer):
    """A dated decision."""

    value = fields.Integer(required=True)
    effective_from = fields.Date(required=True)
    reason = fields.String(required=True)
    decided_by = fields.String()
    decided_at = Instant()


class ParameterSchema(Answer):
    """A term with its value of today. `assumption`: neither policy nor law nor a decision names it."""

    name = fields.String(required=True)
    text = fields.String(required=True)
    value = fields.Integer(required=True)
    default = fields.Integer(required=True)
    least = fields.Integer()
    most = fields.Integer()
    unit = fields.String()
    assumption = fields.Boolean(required=True)
    clauses = fields.List(fields.String())
    decisions = fields.List(fields.Nested(ParameterDecisionSchema))


class ParametersSchema(Answer):
    """All parameters."""

    items = fields.List(fields.Nested(ParameterSchema), required=True)


class DecisionBody(ReasonBody):
    """Another value, and the first day on which it holds."""

    value = fields.Integer(required=True, strict=True)
    effective_from = fields.Date(required=True)


class DecidedSchema(Answer):
    """What was decided."""

    name = fields.String(required=True)
    value = fields.Integer(required=True)
    effective_from = fields.Date(required=True)


def plain_parameter(found: InForce, language: str) -> dict[str, Any]:
    """Return a parameter as its schema shows it."""
    each = found.parameter
    return {
        "name": each.name,
        "text": each.text[language],
        "value": found.value,
        "default": each.default,
        "least": each.least,
        "most": each.most,
        "unit": each.unit,
        "assumption": each.assumption and not found.is_decided,
        "clauses": each.clauses,
        "decisions": found.decisions,
    }
