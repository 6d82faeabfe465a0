"""FEEL's types (DMN 1.5, 10.3.2.9): which values belong to one, which type conforms to which, coercion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.feel.values.durations import YearsMonths
from engine.feel.values.ranges import Range
from engine.feel.values.wide import WideDate, WideDateTime, WideTime

_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    Decimal: "number",
    str: "string",
    date: "date",
    WideDate: "date",
    time: "time",
    WideTime: "time",
    datetime: "date and time",
    WideDateTime: "date and time",
    timedelta: "days and time duration",
    YearsMonths: "years and months duration",
    list: "list",
    tuple: "list",
    dict: "context",
    Range: "range",
}
_ORDERED: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "number"),
    (float, "number"),
    (Decimal, "number"),
    (str, "string"),
    (datetime, "date and time"),
    (date, "date"),
    (time, "time"),
    (timedelta, "days and time duration"),
    (list, "list"),
    (Mapping, "context"),
)


def kind_of(value: Any) -> str:
    """Return the name of the simple type of a value; "function" for whatever can be called."""
    found = _KINDS.get(type(value))
    if found is not None:
        return found
    for known, kind in _ORDERED:
        if isinstance(value, known):
            return kind
    return "function" if callable(value) or hasattr(value, "call") else "unknown"


@dataclass(frozen=True)
class FeelType:
    """A type: `name` is the simple type's, or list, range, context, function, Any, Null, or a named one's.

    `base` is a list's or range's member type or a named type's own, `members` a context's entries or a
    function's parameters, `allowed` what its allowed values ask besides.
    """

    name: str
    base: FeelType | None = None
    members: tuple[tuple[str, FeelType], ...] = ()
    allowed: Callable[[Any], bool] | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return self.name


ANY = FeelType("Any")
NULL = FeelType("Null")
SIMPLE = {
    name: FeelType(name)
    for name in (
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    )
}
SPELLINGS = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "day and time duration": "days and time duration",
    "year and month duration": "years and months duration",
}


def simple_type(name: str) -> FeelType | None:
    """Return the built-in type of this name, also in the spellings that models of DMN 1.1 use."""
    name = SPELLINGS.get(name, name)
    if name in ("Any", "any"):
        return ANY
    if name in ("Null", "null"):
        return NULL
    if name == "context":
        return FeelType("context")
    if name == "list":
        return FeelType("list", ANY)
    if name == "function":
        return FeelType("function")
    return SIMPLE.get(name)


def is_instance(value: Any, kind: FeelType) -> bool:
    """Return whether `value` belongs to the type. Null belongs to Null only (and conforms to all: `fits`)."""
    if value is None:
        return kind.name == "Null"
    if kind.name == "Any":
        return True
    return _is_instance(value, kind) and (kind.allowed is None or kind.allowed(value))


def _is_instance(value: Any, kind: FeelType) -> bool:
    actual = kind_of(value)
    if kind.name == "list":
        return actual == "list" and (kind.base is None or all(fits(item, kind.base) for item in value))
    if kind.name == "context":
        return actual == "context" and all(
            name in value and fits(value[name], member) for name, member in kind.members
        )
    if kind.name == "range":
        ends = [end for end in (value.start, value.end) if end is not None] if actual == "range" else []
        return actual == "range" and (kind.base is None or all(fits(end, kind.base) for end in ends))
    if kind.name == "function":
        return actual == "function" and _function_conforms(value, kind)
    if kind.base is not None:
        return is_instance(value, kind.base)
    return actual == kind.name


def _function_conforms(value: Any, kind: FeelType) -> bool:
    if kind.base is None:
        return True
    parameters = getattr(value, "parameters", None)
    if parameters is None:
        return not kind.members
    if kind.members and len(parameters) != len(kind.members):
        return False
    wanted = zip(parameters, kind.members, strict=False)
    result = getattr(value, "result", ANY)
    return (result.name == "Any" or conforms(result, kind.base)) and all(
        conforms(given, own) for (_, own), (_, given) in wanted
    )


def unconstrained(kind: FeelType) -> FeelType:
    """Return the type without its allowed values, which `instance of` does not look at."""
    base = None if kind.base is None else unconstrained(kind.base)
    return FeelType(kind.name, base, tuple((name, unconstrained(member)) for name, member in kind.members))


def fits(value: Any, kind: FeelType) -> bool:
    """Return whether a value conforms to a type; null does to every type."""
    return value is None or is_instance(value, kind)


def conforms(narrow: FeelType, wide: FeelType) -> bool:
    """Return whether every value of `narrow` is one of `wide` (DMN 1.5, 10.3.2.9.2)."""
    if wide.name == "Any" or narrow.name == "Null":
        return True
    narrow, wide = _plain(narrow), _plain(wide)
    if narrow.name != wide.name:
        return False
    if narrow.name in ("list", "range"):
        return conforms(narrow.base or ANY, wide.base or ANY)
    if narrow.name == "context":
        own = dict(narrow.members)
        return all(name in own and conforms(own[name], member) for name, member in wide.members)
    if narrow.name == "function" and wide.base is not None:
        return (
            len(narrow.members) == len(wide.members)
            and conforms(narrow.base or ANY, wide.base)
            and all(conforms(b, a) for (_, a), (_, b) in zip(narrow.members, wide.members, strict=True))
        )
    return True


def _plain(kind: FeelType) -> FeelType:
    while kind.base is not None and kind.name not in ("list", "range", "function"):
        kind = kind.base
    return kind


def coerce(value: Any, kind: FeelType) -> tuple[bool, Any]:
    """Return whether a value can be taken for a type, and as what (DMN 1.5, 10.3.2.9.4); else (False, None).

    A single value becomes a list of one and a list of one a single value where the type asks for it; a date
    becomes midnight UTC of that day where a date and time is asked for.
    """
    if kind.name == "Any" or value is None:
        return True, value
    if is_instance(value, kind):
        return True, value
    plain = _plain(kind)
    if plain.name == "list":
        if kind_of(value) != "list" and is_instance([value], kind):
            return True, [value]
    elif kind_of(value) == "list" and len(value) == 1 and is_instance(value[0], kind):
        return True, value[0]
    if plain.name == "date and time" and kind_of(value) == "date":
        return True, _midnight(value)
    return False, None


def _midnight(value: Any) -> Any:
    from datetime import UTC

    from engine.feel.values.wide import join

    return join(value, time(0, tzinfo=UTC))
