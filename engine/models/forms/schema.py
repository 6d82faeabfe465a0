"""Components -> a marshmallow schema: the same form, as something that loads and judges JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, missing

from engine.errors import Message
from engine.models.forms import messages
from engine.models.forms.tree import Component, Container, Field
from engine.models.forms.values import KINDS, SKIPPED

MAX_ROWS = 500


class FormSchema(Schema):
    """The schema of a form, a group or a row. Fields that the form does not have are refused."""

    error_messages = {  # noqa: RUF012 (marshmallow declares it so)
        "type": Message(messages.NOT_AN_OBJECT),
        "unknown": Message(messages.UNKNOWN_FIELD),
    }

    class Meta:
        """Nothing may be sent that was not asked for."""

        unknown = RAISE


class Rows(fields.Field[Any]):
    """dynamiclist: rows, each judged by itself."""

    def __init__(self, row: Schema) -> None:
        super().__init__()
        self.row = row

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Return the rows, or `missing`; form-js sends null for a row of which nothing is to be sent.

        Raises ValidationError with messages by the row's index.
        """
        if value is SKIPPED or value is missing:
            return missing
        if value is None:
            return []
        if not isinstance(value, list):
            raise ValidationError([Message(messages.NOT_ROWS)])
        if len(value) > MAX_ROWS:
            raise ValidationError([Message(messages.TOO_MANY_ROWS, value=MAX_ROWS)])
        found, problems = [], {}
        for number, row in enumerate(value):
            try:
                found.append(self.row.load({} if row is None else row))
            except ValidationError as error:
                problems[number] = error_tree(error)
        if problems:
            raise ValidationError(problems)
        return found


class Inner(fields.Nested):
    """A group with a path, or the front part of a key with dots."""

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Return the group; one that was not sent is judged as an empty one: its fields are asked for."""
        if value is SKIPPED:
            return missing
        return super().deserialize({} if value is None or value is missing else value, attr, data, **kwargs)


def error_tree(error: ValidationError) -> Mapping[Any, Any]:
    """Return the messages of a refusal by field, as nested mappings with lists at their ends."""
    found = error.messages
    return found if isinstance(found, Mapping) else {"_schema": found}


def build_schema(form: Container) -> Schema:
    """Return the marshmallow schema of a form (or of a row of a list)."""
    tree: dict[str, Any] = {}
    _collect(form.children, (), tree)
    return _schema(tree)


def _collect(children: tuple[Component, ...], base: tuple[str, ...], tree: dict[str, Any]) -> None:
    for child in children:
        path = (*base, *child.path)
        if isinstance(child, Field):
            _plant(tree, path, KINDS[child.type](child))
        elif isinstance(child, Container) and child.repeats:
            _plant(tree, path, Rows(build_schema(child)))
        elif isinstance(child, Container):
            _collect(child.children, path, tree)


def _plant(tree: dict[str, Any], path: tuple[str, ...], leaf: Any) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
    tree[path[-1]] = leaf


def _schema(tree: Mapping[str, Any]) -> Schema:
    found: dict[str, Any] = {}
    for number, (name, item) in enumerate(tree.items()):
        leaf = Inner(_schema(item)) if isinstance(item, dict) else item
        leaf.data_key = leaf.attribute = name
        found[f"value_{number}"] = leaf
    return FormSchema.from_dict(found, name="Form")()
