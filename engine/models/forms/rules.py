"""The rules of `validate`, which are the same for every kind of field."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine.errors import Message
from engine.models.forms import messages
from engine.models.forms.numbers import show, to_decimal
from engine.models.forms.patterns import compile_pattern, utf16_units
from engine.models.forms.phone import PHONE
from engine.models.forms.tree import Field

_EMAIL = compile_pattern(
    r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$"
)


def broken_rules(component: Field, value: Any, limits: Mapping[str, Any]) -> list[Message]:
    """Return what is wrong by `validate`, in the order in which form-js says it."""
    found = list[Message]()
    validate = component.raw.get("validate") or {}
    pattern = component.pattern
    if pattern is not None and _is_given(value) and not pattern.found_in(_text(value)):
        own = validate.get("patternErrorMessage")
        found.append(
            Message(own) if isinstance(own, str) and own else Message(messages.PATTERN, value=pattern.source)
        )
    unchecked = component.type == "checkbox" and value is False
    if component.required and (unchecked or value is None or value in ("", [])):
        found.append(Message(messages.REQUIRED))
    found.extend(_bounds(value, limits))
    if isinstance(value, str) and value:
        found.extend(_lengths(value, limits))
        found.extend(_contact(value, validate.get("validationType")))
    return found


def _is_given(value: Any) -> bool:
    return value is not None and value not in ("", 0, [])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_text(item) for item in value)
    number = None if isinstance(value, str) else to_decimal(value)
    return str(value) if number is None else show(number)


def _bounds(value: Any, limits: Mapping[str, Any]) -> list[Message]:
    rules: tuple[tuple[str, str, str, Callable[[Decimal, Decimal], bool]], ...] = (
        ("min", messages.MINIMUM, messages.MINIMUM_INVALID, operator.lt),
        ("max", messages.MAXIMUM, messages.MAXIMUM_INVALID, operator.gt),
    )
    found: list[Message] = []
    if value is None or value in ("", []) or value is False:
        return found
    for name, message, invalid, fails in rules:
        if name not in limits:
            continue
        number, limit = to_decimal(value), to_decimal(limits[name])
        if number is None or limit is None:
            found.append(Message(invalid))
        elif fails(number, limit):
            found.append(Message(message, value=show(limit)))
    return found


def _lengths(value: str, limits: Mapping[str, Any]) -> list[Message]:
    length = len(utf16_units(trim(value)))
    found = []
    smallest, largest = to_decimal(limits.get("minLength")), to_decimal(limits.get("maxLength"))
    if smallest is not None and length < smallest:
        found.append(Message(messages.MINIMUM_LENGTH, value=show(smallest)))
    if largest is not None and length > largest:
        found.append(Message(messages.MAXIMUM_LENGTH, value=show(largest)))
    return found


def trim(text: str) -> str:
    """Return `text` without the white space that JavaScript's `trim` takes away, which is not Python's."""
    return text.strip(
        "\t\n\x0b\x0c\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
        "\u2028\u2029\u202f\u205f\u3000\ufeff"
    )


def _contact(value: str, kind: Any) -> list[Message]:
    if kind == "phone" and not is_phone(value):
        return [Message(messages.PHONE)]
    if kind == "email" and not _EMAIL.found_in(value):
        return [Message(messages.EMAIL)]
    return []


def is_phone(text: str) -> bool:
    """Return whether form-js would accept the text as an international phone number."""
    return PHONE.search(text) is not None
