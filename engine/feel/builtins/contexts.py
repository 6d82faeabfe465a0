"""Context functions (DMN 1.5, table 81), and Camunda's tests for null."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.feel.builtins.conversion import string
from engine.feel.builtins.registry import builtin
from engine.feel.limits import checked_text, checked_value
from engine.feel.types import kind_of
from engine.feel.values.numbers import number_of, whole_if_exact


@builtin("get value", "m: context, key: string")
def get_value(m: Mapping[str, Any], key: str) -> Any:
    """Return the entry of that key."""
    return m.get(key)


@builtin("get value", "m: context, keys: list")
def get_value_deep(m: Any, keys: Sequence[Any]) -> Any:
    """Return the entry behind a row of keys."""
    for key in keys:
        if kind_of(m) != "context" or not isinstance(key, str):
            return None
        m = m.get(key)
    return m


@builtin("get entries", "m: context")
def get_entries(m: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entries as contexts of key and value."""
    return [{"key": key, "value": value} for key, value in m.items()]


@builtin("context put", "context: context, key: string, value: any")
def context_put(context: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return the context with another entry, or with a changed one."""
    return {**context, key: value}


@builtin("context put", "context: context, keys: list, value: any")
def context_put_deep(context: Mapping[str, Any], keys: Sequence[Any], value: Any) -> Any:
    """Return the context with an entry changed inside."""
    if not keys or not all(isinstance(key, str) for key in keys):
        return None
    first, *rest = keys
    if not rest:
        return {**context, first: value}
    inner = context.get(first, {})
    if not isinstance(inner, Mapping):
        return None
    changed = context_put_deep(inner, rest, value)
    return None if changed is None else {**context, first: changed}


@builtin("context merge", "contexts: list")
def context_merge(contexts: Sequence[Any]) -> Any:
    """Return one context of all entries; later ones win."""
    if not all(kind_of(context) == "context" for context in contexts):
        return None
    return {key: value for context in contexts for key, value in context.items()}


@builtin("context", "entries: list")
def context_of(entries: Sequence[Any]) -> Any:
    """Return the context of entries of key and value; null when a key stands twice or is missing."""
    found: dict[str, Any] = {}
    for entry in entries:
        key = entry.get("key") if kind_of(entry) == "context" else None
        if not isinstance(key, str) or key in found or "value" not in entry:
            return None
        found[key] = entry["value"]
    return found


@builtin("is defined", "value: any")
def is_defined(value: Any) -> bool:
    """Return whether there is a value (Camunda)."""
    return value is not None


@builtin("get or else", "value: any, default: any")
def get_or_else(value: Any, default: Any) -> Any:
    """Return the value, or the default for null (Camunda)."""
    return default if value is None else value


@builtin("assert", "value: any, condition: any, cause?: any")
def assert_(value: Any, condition: Any, cause: Any = None) -> Any:  # noqa: ARG001 - there is nowhere to tell it
    """Return the value if the condition is true, else null (Camunda)."""
    return value if condition is True else None


@builtin("from json", "value: string")
def from_json(value: str) -> Any:
    """Return the value that a JSON text holds (Camunda)."""
    return json.loads(value, parse_float=_number, parse_int=_number, parse_constant=lambda _name: None)


def _number(text: str) -> Any:
    return whole_if_exact(number_of(Decimal(text)))


@builtin("to json", "value: any")
def to_json(value: Any) -> str:
    """Return a value as JSON; dates and durations become their texts (Camunda)."""
    return checked_text(
        json.dumps(_plain(checked_value(value)), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    )


def _plain(value: Any) -> Any:
    kind = kind_of(value)
    if kind == "list":
        return [_plain(item) for item in value]
    if kind == "context":
        return {str(key): _plain(item) for key, item in value.items()}
    if kind == "number":
        number = number_of(value)
        return float(number) if isinstance(number, Decimal) else number
    return value if kind in ("null", "boolean", "string") else string(value)
