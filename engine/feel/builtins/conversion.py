"""Conversion functions: string, number, date, time, date and time, duration, range (DMN 1.5, table 72)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.limits import checked_text, checked_value
from engine.feel.types import kind_of
from engine.feel.values.durations import YearsMonths, parse_duration
from engine.feel.values.numbers import number_of, parse_number, text_of_number
from engine.feel.values.ranges import Range
from engine.feel.values.temporal_text import (
    offset_zone,
    parse_date,
    parse_datetime,
    parse_time,
    text_of_temporal,
)
from engine.feel.values.wide import (
    AnyTime,
    date_part,
    join,
    make_date,
    make_time,
    time_part,
)

_SEPARATORS = (" ", ",", ".")


@builtin("string", "from: any")
def string(value: Any) -> str | None:
    """Return the text of a value, as an expression would spell it; null for null and for functions."""
    kind = kind_of(value)
    if kind in ("null", "function"):
        return None
    return str(value) if kind == "string" else checked_text(_inner_text(checked_value(value)))


def _inner_text(value: Any) -> str:
    kind = kind_of(value)
    if value is None:
        return "null"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "number":
        number = number_of(value)
        return "null" if number is None else text_of_number(number)
    if kind == "list":
        return "[" + ", ".join(_inner_text(item) for item in value) + "]"
    if kind == "context":
        return "{" + ", ".join(f"{_key(name)}: {_inner_text(item)}" for name, item in value.items()) + "}"
    if kind == "range":
        return _range_text(value)
    return "function" if kind == "function" else text_of_temporal(value)


def _key(name: str) -> str:
    return name if name.replace(" ", "_").isidentifier() else _inner_text(name)


def _range_text(value: Range) -> str:
    if value.operator:
        return f"({value.operator} {_inner_text(value.end if value.start is None else value.start)})"
    opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{opening}{_inner_text(value.start)}..{_inner_text(value.end)}{closing}"


@builtin("string format", "template: string, values: any")
def string_format(template: str, values: Any) -> str:
    """Return the template with each `%s` replaced by the text of the next value, `%%` by a percent sign."""
    rest = list(values) if isinstance(values, list | tuple) else [values]
    pieces = template.replace("%%", "\0").split("%s")
    if len(pieces) - 1 > len(rest):
        raise ValueError(template)
    texts = [str(string(value) or "null") for value in rest]
    joined = pieces[0] + "".join(text + piece for text, piece in zip(texts, pieces[1:], strict=False))
    return checked_text(joined.replace("\0", "%"))


@builtin("number", "from: string")
def number(text: str) -> Any:
    """Return the number that plain digits spell."""
    return parse_number(text) if _is_plain(text) else None


@builtin("number", "from: string, grouping separator: string|null, decimal separator?: string|null")
def number_separated(text: str, grouping: str | None, point: str | None = None) -> Any:
    """Return the number that digits spell with other separators; null when both are the same or unusual."""
    if grouping is not None and (grouping not in _SEPARATORS or grouping == point):
        return None
    if point is not None and point not in (",", "."):
        return None
    if grouping:
        text = text.replace(grouping, "")
    if point == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    return number(text)


def _is_plain(text: str) -> bool:
    digits = text[1:] if text[:1] in ("-", "+") else text
    mantissa, _, exponent = digits.replace("E", "e").partition("e")
    body = mantissa.replace(".", "", 1)
    sign_free = exponent.lstrip("+-") if exponent else "0"
    return body.isascii() and body.isdigit() and sign_free.isdigit() and len(text) < 1000


@builtin("date", "from: string")
def date_from_text(text: str) -> Any:
    """Return the date that a text spells."""
    return parse_date(text)


@builtin("date", "from: temporal")
def date_from_value(value: Any) -> Any:
    """Return the date of a date and time."""
    return value if kind_of(value) == "date" else date_part(value)


@builtin("date", "year: number, month: number, day: number")
def date_from_parts(year: Any, month: Any, day: Any) -> Any:
    """Return the date of three numbers."""
    return make_date(int(year), int(month), int(day))


@builtin("time", "from: string")
def time_from_text(text: str) -> Any:
    """Return the time that a text spells."""
    return parse_time(text)


@builtin("time", "from: time|temporal")
def time_from_value(value: Any) -> Any:
    """Return the time of a date and time; of a date, midnight UTC."""
    kind = kind_of(value)
    if kind == "date":
        return make_time(0, UTC)
    return value if kind == "time" else time_part(value)


@builtin("time", "hour: number, minute: number, second: number, offset?: days and time duration|null")
def time_from_parts(hour: Any, minute: Any, second: Any, offset: timedelta | None = None) -> Any:
    """Return the time of numbers, with an offset from UTC."""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return None
    zone = None
    if offset is not None:
        zone = offset_zone(offset)
        if zone is None:
            return None
    nanos = (int(hour) * 60 + int(minute)) * 60 * 1_000_000_000 + int(second * 1_000_000_000)
    return make_time(nanos, zone)


@builtin("date and time", "from: string")
def datetime_from_text(text: str) -> Any:
    """Return the date and time that a text spells."""
    return parse_datetime(text)


@builtin("date and time", "from: temporal")
def datetime_from_value(value: Any) -> Any:
    """Return a date and time as it is; of a date, midnight UTC."""
    return join(value, make_time(0, UTC)) if kind_of(value) == "date" else value


@builtin("date and time", "date: temporal, time: time")
def datetime_from_parts(day: Any, clock: AnyTime) -> Any:
    """Return a day and a time of day as one."""
    return join(date_part(day) if kind_of(day) == "date and time" else day, clock)


@builtin("date and time", "date: date and time, timezone: string")
def datetime_in_zone(value: Any, timezone: str) -> Any:
    """Return the same instant on the clock of another zone (Camunda)."""
    from engine.feel.values.temporal_text import zone_of

    zone = zone_of("@" + timezone)
    return value.astimezone(zone) if zone is not None and isinstance(value, datetime) else None


@builtin("duration", "from: string")
def duration_from_text(text: str) -> Any:
    """Return the duration that a text spells."""
    return parse_duration(text)


@builtin("duration", "from: duration")
def duration_from_value(value: Any) -> Any:
    """Return a duration as it is."""
    return value


@builtin("years and months duration", "from: temporal, to: temporal")
def months_between(start: Any, end: Any) -> Any:
    """Return the whole months from one day to another; the time of day does not count."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return YearsMonths(months)
