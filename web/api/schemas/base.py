"""What all schemas share: instants, pages, bodies that refuse what they do not know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, fields, post_load, pre_load, validate

from engine.runtime.plain import instant, plain

DEFAULT_LIMIT = 50
MAXIMUM_LIMIT = 200


class Instant(fields.AwareDateTime):
    """An instant, RFC 3339; written in UTC with Z."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> datetime:
        try:
            read = super()._deserialize(value, attr, data, **options).astimezone(UTC)
        except OverflowError as error:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from error
        if read.year in (MINYEAR, MAXYEAR):  # no page could tell it in local time
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return read

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **_options: Any) -> str | None:
        return None if value is None else instant(value)


class Values(fields.Dict):
    """Variables by name: anything that JSON holds."""

    def __init__(self, **options: Any) -> None:
        super().__init__(keys=fields.String(), **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_options: Any) -> Any:
        return plain(value)


class Answer(Schema):
    """Something that the API answers with."""


class Body(Schema):
    """The JSON body of a request: a field that it does not know is a mistake of the caller."""

    class Meta:
        unknown = RAISE


class Query(Schema):
    """The query of a request; empty parameters count as absent."""

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def _without_empty(self, data: Mapping[str, Any], **_options: Any) -> dict[str, Any]:
        return {name: data[name] for name in data if data[name] != ""}


class PageQuery(Query):
    """The query of a list."""

    limit = fields.Integer(
        load_default=DEFAULT_LIMIT,
        validate=validate.Range(min=1),
        metadata={
            "description": f"How many; of more than {MAXIMUM_LIMIT} the first {MAXIMUM_LIMIT} are given."
        },
    )
    cursor = fields.String(metadata={"description": "The `next` of the page before."})

    @post_load
    def _bounded(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        return data | {"limit": min(data["limit"], MAXIMUM_LIMIT)}


class ReasonBody(Body):
    """A change that needs a reason."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=2000))


def page_of(item: type[Schema]) -> Schema:
    """Return the schema of a page of `item`."""
    name = item.__name__.removesuffix("Schema")
    made = type(
        f"{name}PageSchema",
        (Answer,),
        {
            "__doc__": f"A page of {name}.",
            "items": fields.List(fields.Nested(item), required=True),
            "next": fields.String(required=True, allow_none=True),
        },
    )
    return made()  # type: ignore[no-any-return]
