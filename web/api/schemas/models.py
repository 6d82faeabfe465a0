"""Deployments and what is deployed."""

from __future__ import annotations

from flask_smorest.fields import Upload  # type: ignore[import-untyped]
from marshmallow import fields, validate

from web.api.schemas.base import Answer, Body, Instant, PageQuery
from web.api.schemas.problem import FindingSchema


class DeploymentFields(Body):
    """How to deploy."""

    family = fields.String(validate=validate.Regexp(r"[a-z][a-z0-9-]{0,63}\Z"))
    note = fields.String(load_default="", validate=validate.Length(max=2000))
    replace = fields.Boolean(
        load_default=False,
        metadata={"description": "Instead of the family's latest bundle; else the files overlay it."},
    )


class DeploymentForm(DeploymentFields):
    """Model files, and how to deploy them."""

    files = fields.List(Upload(), required=True)


class VersionSchema(Answer):
    """A version of a process."""

    process_id = fields.String(required=True)
    version = fields.Integer(required=True)


class DeployedSchema(Answer):
    """A bundle in force. The same content again gives the bundle that there is (`is_new` false)."""

    bundle = fields.String(attribute="bundle_id", required=True)
    family = fields.String(required=True)
    is_new = fields.Boolean(required=True)
    definitions = fields.List(fields.Nested(VersionSchema), required=True)
    warnings = fields.List(fields.Nested(FindingSchema), required=True)


class DefinitionQuery(PageQuery):
    """Filters of the deployed processes."""

    process_id = fields.String()
    family = fields.String()
    bundle = fields.String()
    latest = fields.Boolean(load_default=False, metadata={"description": "Only those in force."})


class DefinitionSchema(VersionSchema):
    """A deployed process."""

    id = fields.String(required=True)
    name = fields.String(metadata={"description": "In the language asked for."})
    bundle = fields.String(attribute="bundle_id")
    bundle_number = fields.Integer()
    family = fields.String()
    file = fields.String()
    executable = fields.Boolean()
    deployed_at = Instant()
    deployed_by = fields.String()
    note = fields.String()
