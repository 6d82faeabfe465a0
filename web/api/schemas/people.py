"""People, as far as programs keep them."""

from __future__ import annotations

from marshmallow import fields, validate

from engine.people.skills import KINDS, MOST
from web.api.schemas.base import Answer, Body


class SkillSchema(Body):
    """What somebody is good at: a product line, a language (zh-Hant, zh-Hans, en) or a category."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    value = fields.String(required=True, validate=validate.Length(min=1, max=200))


class SkillsBody(Body):
    """All skills of a person: they take the place of those that are there."""

    skills = fields.List(fields.Nested(SkillSchema), required=True, validate=validate.Length(max=MOST))


class SkillsSchema(Answer):
    """The skills of a person."""

    username = fields.String(required=True)
    skills = fields.List(fields.Nested(SkillSchema), required=True)
