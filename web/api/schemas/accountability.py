"""Accountability: opening a file, and counts that name nobody."""

from __future__ import annotations

from marshmallow import fields, validate

from engine.quality.accountability.opening import CAUSES
from web.api.schemas.base import Answer, Body
from web.api.schemas.quality import QualityFileSchema


class AccountBody(Body):
    """About which case, and why."""

    complaint_no = fields.String(required=True, validate=validate.Length(min=1, max=24))
    cause = fields.String(load_default="manual", validate=validate.OneOf(CAUSES))
    reason = fields.String(
        load_default="",
        validate=validate.Length(max=4000),
        metadata={"description": "What happened; needed where it is opened by hand."},
    )


class AccountabilityFileSchema(QualityFileSchema):
    """A file to which the caller is a party; `owner` is the person concerned."""


class AccountabilityFiguresSchema(Answer):
    """Counts of the files of the last 365 days; null is fewer than `least`."""

    files = fields.Integer(required=True, allow_none=True)
    least = fields.Integer(required=True)
    owed = fields.Integer(
        required=True, metadata={"description": "Causes without a file, since files open by themselves."}
    )
    cause = fields.Dict(keys=fields.String(), values=fields.Integer(allow_none=True), required=True)
    conduct = fields.Dict(keys=fields.String(), values=fields.Integer(allow_none=True), required=True)
    severity = fields.Dict(keys=fields.String(), values=fields.Integer(allow_none=True), required=True)
    measure = fields.Dict(keys=fields.String(), values=fields.Integer(allow_none=True), required=True)
    outcome = fields.Dict(keys=fields.String(), values=fields.Integer(allow_none=True), required=True)
