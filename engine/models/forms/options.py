"""The options of a choice: written in the form, read from data, or asked for by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from engine.models.forms.expressions import Place
from engine.models.forms.tree import Field

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)


class OptionSource(Protocol):
    """Knows lists that a form may name, such as `people.handlers`, `people.all` or `departments`."""

    def options(self, expression: str) -> Sequence[Mapping[str, Any]] | None:
        """Return `[{"label": ..., "value": ...}]` for a name, or None or nothing for an unknown name."""


class NoOptions:
    """An OptionSource that knows nothing."""

    def options(self, expression: str) -> Sequence[Mapping[str, Any]] | None:
        """Know no name."""
        del expression
        return None


NO_OPTIONS = NoOptions()


def resolve_options(
    field: Field, data: Mapping[str, Any], place: Place, source: OptionSource
) -> list[dict[str, Any]]:
    """Return the options of `field` at this place as label and value; none where they cannot be found out."""
    if field.options_value is not None:
        named = _NAME.fullmatch(field.options_expression)
        found = source.options(field.options_expression) if named else None
        if not found:
            found = field.options_value.evaluate(place.scope(data))
    elif field.options_key:
        found = data.get(field.options_key)
        if found is None:
            found = source.options(field.options_key)
    else:
        found = field.raw.get("values")
    return normalize_options(found)


def normalize_options(found: Any) -> list[dict[str, Any]]:
    """Return options as form-js understands them: plain values are their own label, others left out."""
    if not isinstance(found, Sequence) or isinstance(found, str):
        return []
    options = (_option(item) for item in found)
    return [option for option in options if option is not None]


def _option(item: Any) -> dict[str, Any] | None:
    if _is_primitive(item):
        return {"label": str(item), "value": item}
    if not isinstance(item, Mapping):
        return None
    label, value = item.get("label"), item.get("value")
    if (
        isinstance(label, str)
        and label
        and (_is_primitive(value) or (isinstance(value, Mapping | list) and value))
    ):
        return dict(item)
    return {"label": str(value), "value": value} if _is_primitive(value) else None


def _is_primitive(value: Any) -> bool:
    return isinstance(value, bool | int | float | Decimal) or (isinstance(value, str) and value != "")


def same_value(left: Any, right: Any) -> bool:
    """Return whether two JSON values are the same: true is not 1, and 1 is not "1"."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same_value(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same_value, left, right))
    return bool(left == right)
