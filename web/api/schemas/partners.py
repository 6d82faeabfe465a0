"""The register of third-party partners."""

from __future__ import annotations

from marshmallow import fields, validate

from engine.people.partners import KINDS
from web.api.schemas.base import Answer, Body, Instant


class PartnerSchema(Answer):
    """A partner; `active_until` is the last day of the cooperation, null while no end is agreed."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    contract_no = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    contact = fields.String(required=True)
    active_from = fields.Date(required=True)
    active_until = fields.Date(allow_none=True)
    department_id = fields.String(allow_none=True)
    version = fields.Integer(required=True)


class PartnerChangeSchema(Answer):
    """Who changed what: each field with its value before and after."""

    changed = fields.Dict(keys=fields.String(), values=fields.List(fields.String(allow_none=True)))
    by = fields.String(required=True)
    at = Instant(required=True)


class WholePartnerSchema(PartnerSchema):
    """A partner with the names that complaints know it by, and its changes, the newest first."""

    names = fields.List(fields.String(), required=True)
    changes = fields.List(fields.Nested(PartnerChangeSchema), required=True)


class PartnerTerms(Body):
    """What is kept of a partner."""

    name = fields.String(required=True)
    contract_no = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    contact = fields.String(required=True)
    active_from = fields.Date(required=True)
    active_until = fields.Date(load_default=None, allow_none=True)
    department_id = fields.String(load_default=None, allow_none=True)


class PartnerBody(PartnerTerms):
    """A new partner."""

    id = fields.String(required=True)


class PartnerNameBody(Body):
    """Another name by which complaints know a partner."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=100))


class UnknownNameSchema(Answer):
    """A name in complaints that is no partner's yet."""

    name = fields.String(required=True)
    cases = fields.Integer(required=True)


class UnknownNamesSchema(Answer):
    """The most frequent ones first."""

    items = fields.List(fields.Nested(UnknownNameSchema), required=True)
