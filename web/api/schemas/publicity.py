"""What is published, and the check of it."""

from __future__ import annotations

from marshmallow import fields, validate

from web.api.schemas.base import Answer, Body, Instant
from web.api.schemas.quality import QualityFileSchema


class PublicationSchema(QualityFileSchema):
    """A publication; `facts` hold subject, place, material and the channels that it lists."""


class PublicationBody(Body):
    """What is to be published."""

    title = fields.String(required=True, validate=validate.Length(1, 200))


class PlaceSchema(Answer):
    """A place: what it has to publish, what is published there and valid, and whether that is complete."""

    place = fields.String(required=True)
    asks_channels = fields.Boolean(required=True)
    asks_process = fields.Boolean(required=True)
    channels = fields.Dict(keys=fields.String(), values=fields.Boolean(), required=True)
    process = fields.Boolean(required=True)
    publications = fields.List(fields.String(), required=True)
    until = Instant(allow_none=True)
    complete = fields.Boolean(required=True)


class PublicationCheckSchema(Answer):
    """All places."""

    items = fields.List(fields.Nested(PlaceSchema), required=True)
