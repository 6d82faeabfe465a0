"""What a form is opened with, as JSON: the browser and the server must see the same texts and numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine.models.forms.numbers import plain_number
from engine.models.forms.tree import Container, Field

_WORD = re.compile(r"[^\W\d]\w*")


def names_read(form: Container) -> frozenset[str]:
    """Return the words in every expression and template of the form: what it may read is among them."""
    keys = {item.options_key for item in form.fields() if item.options_key}
    return frozenset(_words(form.raw) | keys)


def _words(raw: Any) -> set[str]:
    if isinstance(raw, Mapping):
        return set().union(*(_words(item) for name, item in raw.items() if name != "translations"))
    if isinstance(raw, list):
        return set().union(*map(_words, raw))
    if isinstance(raw, str) and (raw.startswith("=") or "{{" in raw):
        return words_of(raw)
    return set()


def words_of(expression: str) -> set[str]:
    """Return the words of an expression; the names that it reads are among them."""
    return set(_WORD.findall(expression))


def readable(context: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """Return the part of a context that expressions with these names may read: functions, and JSON."""
    found = ((name, context[name]) for name in names if name in context)
    return {name: value if callable(value) else plain_json(value) for name, value in found}


def plain_json(value: Any) -> Any:
    """Return the value as JSON has it: instants and dates as ISO 8601 texts, numbers as numbers."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal):
        number = plain_number(value)
        return number if isinstance(number, int) else float(number)
    if isinstance(value, Mapping):
        return {str(name): plain_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_json(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def field_json(field: Field, value: Any) -> Any:
    """Return a stored value as the field's component takes it; an instant is read in the zone it carries."""
    if field.type == "datetime" and isinstance(value, datetime):
        subtype = field.raw.get("subtype", "date")
        if subtype == "date":
            return value.date().isoformat()
        if subtype == "time":
            return value.time().isoformat("minutes")
        return value.isoformat(timespec="minutes")
    if field.type == "datetime" and isinstance(value, time):
        return value.isoformat("minutes")
    return plain_json(value)
