"""Filling a form as somebody would who takes the first choice everywhere: to drive whole processes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine import clock

TEXT = "測試填寫的內容"
ZONE = ZoneInfo("Asia/Shanghai")


def fill(schema: Mapping[str, Any], values: Mapping[str, Any] | None = None, **wanted: Any) -> dict[str, Any]:
    """Return values for every field of a rendered form-js schema; `wanted` overrides by key.

    What the form was opened with is kept; the rest is the first option, a short text, a day two weeks ahead;
    of files only those that are named.
    """
    given = {**(values or {}), **wanted}
    filled: dict[str, Any] = {}
    for component in schema["components"]:
        _fill(component, given, filled)
    return filled


def _fill(component: Mapping[str, Any], given: Mapping[str, Any], into: dict[str, Any]) -> None:
    kind, key = component["type"], component.get("key")
    if component.get("readonly") or component.get("disabled"):
        return
    if kind == "group":
        place = into.setdefault(component["path"], {}) if component.get("path") else into
        for child in component["components"]:
            _fill(child, given.get(component["path"], {}) if component.get("path") else given, place)
    elif kind == "dynamiclist":
        rows = given.get(component["path"]) or [{}]
        into[component["path"]] = [_row(component, row) for row in rows]
    elif kind == "filepicker":
        if given.get(key):
            into[key] = given[key]
    elif key is not None:
        value = given.get(key)
        must_tick = kind == "checkbox" and component.get("validate", {}).get("required")
        into[key] = value if value not in (None, "", []) and not must_tick else _value(component)


def _row(component: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for child in component["components"]:
        _fill(child, given, row)
    return row


def _value(component: Mapping[str, Any]) -> Any:
    kind, validate = component["type"], component.get("validate", {})
    if kind in ("select", "radio"):
        return component["values"][0]["value"] if component.get("values") else None
    if kind in ("checklist", "taglist"):
        return [component["values"][0]["value"]] if component.get("values") else []
    if kind == "checkbox":
        return True
    if kind == "number":
        return validate.get("min", 1)
    if kind == "datetime":
        return _when(component)
    if validate.get("validationType") == "email":
        return "somebody@example.com"
    if validate.get("validationType") == "phone":
        return "+8613800000000"
    return TEXT


def _when(component: Mapping[str, Any]) -> str:
    ahead = timedelta(0 if component.get("properties", {}).get("past") else 14)
    at: datetime = (clock.now() + ahead).astimezone(ZONE).replace(second=0, microsecond=0)
    subtype = component.get("subtype", "date")
    if subtype == "date":
        return at.date().isoformat()
    return at.strftime("%H:%M") if subtype == "time" else at.isoformat()[:16]
