"""Values of variables as JSON: what JSON lacks is tagged, `{"$t": "date", "v": "2026-03-02"}`.

A variable that itself holds a key `$t` is escaped, so that every value comes back as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from engine.errors import StepFailed
from engine.feel import YearsMonths

TAG = "$t"
_MARK = b'"$t"'
_OPTIONS = (
    orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_LARGE = 2**63
_HOLDERS = (list, dict)


def whole_number(value: Any, least: int, most: int) -> int:
    """Return what an expression gave as a whole number, without what stands behind the point.

    Raises ValueError for what is no number, or not between `least` and `most`.
    """
    try:
        number = Decimal(value) if isinstance(value, str | int | float | Decimal) else None
        within = number is not None and least <= number <= most
    except ArithmeticError:
        number, within = None, False
    if number is None:
        raise ValueError(f"{value!r} is no number")
    if not within:
        raise ValueError(f"{number} is not between {least} and {most}")
    return int(number)


def dump_values(document: Any) -> bytes:
    """Write a document of plain and tagged values. Raises StepFailed for what no variable may hold."""
    count = 0

    def tagged(value: Any) -> Any:
        nonlocal count
        made = _tagged(value)
        count += isinstance(made, dict) and TAG in made
        return made

    try:
        raw = orjson.dumps(document, tagged, _OPTIONS)
        if raw.count(_MARK) == count:
            return raw
    except TypeError:
        pass
    return orjson.dumps(_escaped(document), option=_OPTIONS)


def load_values(raw: bytes) -> Any:
    """Read what `dump_values` wrote."""
    document = orjson.loads(raw)
    return _untagged(document) if _MARK in raw else document


def to_plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return variables as plain JSON values, what JSON lacks tagged. Raises StepFailed as `dump_values`."""
    plain: dict[str, Any] = orjson.loads(dump_values(dict(values)))
    return plain


def from_plain(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables that `to_plain` was given."""
    values: dict[str, Any] = load_values(orjson.dumps(plain))
    return values


def _tagged(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {TAG: "decimal", "v": str(value)}
    if isinstance(value, datetime):
        zone = getattr(value.tzinfo, "key", "")
        made = {TAG: "datetime", "v": value.isoformat()}
        return {**made, "z": zone} if zone else made
    if isinstance(value, date):
        return {TAG: "date", "v": value.isoformat()}
    if isinstance(value, time):
        return {TAG: "time", "v": value.isoformat()}
    if isinstance(value, timedelta):
        return {TAG: "duration", "v": [value.days, value.seconds, value.microseconds]}
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, YearsMonths):
        return {TAG: "months", "v": value.months}
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool | int | float | list):
        return (
            list(value)
            if isinstance(value, list)
            else (int(value) if isinstance(value, int) else float(value))
        )
    raise StepFailed(
        f"a variable cannot hold a value of type {type(value).__name__}; keep text, numbers, dates or lists"
    )


def _escaped(value: Any) -> Any:
    if value is None or isinstance(value, bool | str | float):
        return value
    if isinstance(value, int):
        return value if -_LARGE <= value < _LARGE else {TAG: "integer", "v": str(value)}
    if isinstance(value, dict):
        pairs = {str(key): _escaped(item) for key, item in value.items()}
        return {TAG: "context", "v": list(pairs.items())} if TAG in pairs else pairs
    if isinstance(value, list | tuple):
        return [_escaped(item) for item in value]
    made = _tagged(value)
    return made if isinstance(made, dict) and TAG in made else _escaped(made)


def _untagged(value: Any) -> Any:
    """Read what orjson made; most of a state are texts and numbers, which are not asked one by one."""
    if type(value) is list:
        return [_untagged(item) if type(item) in _HOLDERS else item for item in value]
    if type(value) is not dict:
        return value
    tag = value.get(TAG)
    if tag is None:
        return {key: _untagged(item) if type(item) in _HOLDERS else item for key, item in value.items()}
    return _READERS[tag](value)


def _read_datetime(value: Mapping[str, Any]) -> datetime:
    found = datetime.fromisoformat(value["v"])
    return found.astimezone(ZoneInfo(value["z"])) if value.get("z") else found


_READERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "decimal": lambda value: Decimal(value["v"]),
    "datetime": _read_datetime,
    "date": lambda value: date.fromisoformat(value["v"]),
    "time": lambda value: time.fromisoformat(value["v"]),
    "months": lambda value: YearsMonths(value["v"]),
    "duration": lambda value: timedelta(*value["v"]),
    "integer": lambda value: int(value["v"]),
    "context": lambda value: {key: _untagged(item) for key, item in value["v"]},
}
