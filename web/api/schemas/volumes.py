"""The business that complaints are held against."""

from __future__ import annotations

from marshmallow import fields, validate

from web.api.schemas.base import Answer, Body, Instant, Query


class VolumeSchema(Answer):
    """What was entered of a month, product and partner; the newest row of all three holds."""

    month = fields.String(required=True)
    product = fields.String(required=True, metadata={"description": "Empty: all products of the partner."})
    partner = fields.String(required=True, metadata={"description": "Its id; empty: whichever partner."})
    accounts = fields.Integer(required=True)
    lent_cents = fields.Integer(allow_none=True)
    reason = fields.String(required=True)
    set_by = fields.String(required=True)
    set_at = Instant(required=True)


class VolumeBody(Body):
    """The numbers of a month and product, or of a month and partner."""

    month = fields.String(required=True, metadata={"description": "Such as 2026-03."})
    product = fields.String(
        metadata={"description": "As complaints name it; without one, all products of the partner."}
    )
    partner = fields.String(
        metadata={"description": "The id or a name of a partner; without one, whichever partner."}
    )
    accounts = fields.Integer(required=True, metadata={"description": "Active in the month."})
    lent = fields.String(metadata={"description": "Lent in the month, in yuan, such as 1500000.50."})
    reason = fields.String(metadata={"description": "The source, or why it is corrected."})


class VolumesBody(Body):
    """Numbers of months, products and partners."""

    rows = fields.List(fields.Nested(VolumeBody), required=True, validate=validate.Length(min=1, max=5000))


class EnteredSchema(Answer):
    """How many of the rows were new."""

    new = fields.Integer(required=True)


class RatesQuery(Query):
    """Of which period."""

    period = fields.String(required=True, metadata={"description": "2026-03, 2026-Q1 or 2026."})
    state = fields.String(
        load_default="running",
        validate=validate.OneOf(["running", "frozen"]),
        metadata={
            "description": "As cases stand now, or as the newest frozen version of each month counted."
        },
    )


class RateSchema(Answer):
    """So many cases to an exposure; the interval is the exact one of a Poisson count at 95 per cent."""

    count = fields.Integer(required=True)
    exposure = fields.Float(required=True)
    value = fields.Float(allow_none=True)
    interval = fields.List(fields.Float(), allow_none=True)
    may_rank = fields.Boolean(
        required=True, metadata={"description": "Whether there are cases enough to compare by it."}
    )


class HeldSchema(Answer):
    """Complaints held against accounts and the amount lent, of the months that have numbers."""

    months = fields.List(fields.String(), required=True)
    per_10000_accounts = fields.Nested(RateSchema, required=True)
    per_million_lent = fields.Nested(RateSchema, required=True)


class ProductRateSchema(HeldSchema):
    """The rates of a product; of null all together."""

    product = fields.String(allow_none=True)


class PartnerRateSchema(HeldSchema):
    """The rates of a partner, by its id."""

    partner = fields.String(required=True)


class RatesSchema(Answer):
    """The rates of a period, and the complaints of months, products or partners without numbers."""

    total = fields.Nested(ProductRateSchema, required=True)
    products = fields.List(fields.Nested(ProductRateSchema), required=True)
    left_out = fields.Integer(required=True)
    partners = fields.List(fields.Nested(PartnerRateSchema), required=True)
    partners_left_out = fields.Integer(required=True)
    versions = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "The version of each month, where frozen figures were asked for."},
    )
