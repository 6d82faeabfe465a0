"""The business that complaints are held against."""

from __future__ import annotations

from marshmallow import fields, validate

from web.api.schemas.base import Answer, Body, Instant, Query


class VolumeSchema(Answer):
    """What was entered of a month and product; the newest row of both holds."""

    month = fields.String(required=True)
    product = fields.String(required=True)
    accounts = fields.Integer(required=True)
    lent_cents = fields.Integer(allow_none=True)
    reason = fields.String(required=True)
    set_by = fields.String(required=True)
    set_at = Instant(required=True)


class VolumeBody(Body):
    """The numbers of a month and product."""

    month = fields.String(required=True, metadata={"description": "Such as 2026-03."})
    product = fields.String(required=True, metadata={"description": "As complaints name it."})
    accounts = fields.Integer(required=True, metadata={"description": "Active in the month."})
    lent = fields.String(metadata={"description": "Lent in the month, in yuan, such as 1500000.50."})
    reason = fields.String(metadata={"description": "The source, or why it is corrected."})


class VolumesBody(Body):
    """Numbers of months and products."""

    rows = fields.List(fields.Nested(VolumeBody), required=True, validate=validate.Length(min=1, max=5000))


class EnteredSchema(Answer):
    """How many of the rows were new."""

    new = fields.Integer(required=True)


class RatesQuery(Query):
    """Of which period."""

    period = fields.String(required=True, metadata={"description": "2026-03, 2026-Q1 or 2026."})


class RateSchema(Answer):
    """So many cases to an exposure; the interval is the exact one of a Poisson count at 95 per cent."""

    count = fields.Integer(required=True)
    exposure = fields.Float(required=True)
    value = fields.Float(allow_none=True)
    interval = fields.List(fields.Float(), allow_none=True)


class ProductRateSchema(Answer):
    """The rates of a product; of null all together."""

    product = fields.String(allow_none=True)
    per_10000_accounts = fields.Nested(RateSchema, required=True)
    per_million_lent = fields.Nested(RateSchema, required=True)


class RatesSchema(Answer):
    """The rates of a period, and the complaints of months or products without numbers."""

    total = fields.Nested(ProductRateSchema, required=True)
    products = fields.List(fields.Nested(ProductRateSchema), required=True)
    left_out = fields.Integer(required=True)
