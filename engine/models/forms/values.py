"""One marshmallow field for each kind of component: what is asked of a value, and what becomes of it."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, missing

from engine.models.forms import messages
from engine.models.forms.messages import Message
from engine.models.forms.numbers import count_decimals, plain_number, show, to_decimal
from engine.models.forms.options import same_value
from engine.models.forms.patterns import compile_pattern, utf16_units
from engine.models.forms.phone import PHONE
from engine.models.forms.tree import Field

MAX_TEXT = 100_000
MAX_DOCUMENTS = 50

_EMAIL = compile_pattern(
    r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$"
)
_DOCUMENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Given:
    """A value that was sent, with what FEEL says of its limits and options in this place.

    `is_stored`: it was not sent but kept, of a read-only field. Its type and options were judged when it was
    given; the rules of `validate` are judged again, as in the browser.
    """

    value: Any
    limits: Mapping[str, Any]
    options: Sequence[Any] | None = None
    is_stored: bool = False


class _Skipped:
    """Stands where a field is not judged: hidden, disabled, or computed."""

    def __deepcopy__(self, memo: object) -> _Skipped:
        return self


SKIPPED = _Skipped()


class FormValue(fields.Field[Any]):
    """A value of a form. Subclasses say which types they take; the rules of `validate` are common."""

    def __init__(self, component: Field) -> None:
        super().__init__(
            allow_none=True, metadata={"component": component.id, "personal": component.personal}
        )
        self.component = component

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Return the accepted value, or `missing`. Raises ValidationError with every message about it."""
        if value is SKIPPED:
            return missing
        given = value if isinstance(value, Given) else Given(value, self.component.limits)
        if given.value is missing:
            if self.component.required:
                raise ValidationError([Message(messages.REQUIRED)])
            return missing
        as_it_is = given.value is None or given.is_stored
        found = given.value if as_it_is else self.accept(given.value, given)
        problems = [*self.own_rules(found), *self.common_rules(found, given.limits)]
        if problems:
            raise ValidationError(list[Any](problems))
        return found

    def accept(self, value: Any, given: Given) -> Any:
        """Return the value in the type that is kept. Raises ValidationError where it has another type."""
        raise ValidationError([Message(messages.NOT_A_TEXT)])

    def own_rules(self, value: Any) -> list[Message]:
        """Return what is wrong with the value by the rules of its own kind."""
        del value
        return []

    def common_rules(self, value: Any, limits: Mapping[str, Any]) -> list[Message]:
        """Return what is wrong by `validate`, in the order in which form-js says it."""
        component, found = self.component, list[Message]()
        validate = component.raw.get("validate") or {}
        pattern = component.pattern
        if pattern is not None and _is_given(value) and not pattern.found_in(_text(value)):
            own = validate.get("patternErrorMessage")
            found.append(Message(own) if own else Message(messages.PATTERN, value=pattern.source))
        unchecked = component.type == "checkbox" and value is False
        if component.required and (unchecked or value is None or value in ("", [])):
            found.append(Message(messages.REQUIRED))
        found.extend(_bounds(value, limits))
        if isinstance(value, str) and value:
            found.extend(_lengths(value, limits))
            found.extend(_contact(value, validate.get("validationType")))
        return found


class Text(FormValue):
    """textfield, textarea: a text. Lengths count the trimmed text in UTF-16 units."""

    def accept(self, value: Any, given: Given) -> str:
        """Take a text as it is; a text field has no line breaks."""
        if not isinstance(value, str):
            raise ValidationError([Message(messages.NOT_A_TEXT)])
        if len(value) > MAX_TEXT:
            raise ValidationError([Message(messages.TOO_LONG, value=MAX_TEXT)])
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise ValidationError([Message(messages.NOT_A_TEXT)])
        return re.sub(r"[\r\n\t]", " ", value) if self.component.type == "textfield" else value


class Number(FormValue):
    """number: an int or Decimal, or its numeral where the form says `serializeToString`."""

    def accept(self, value: Any, given: Given) -> int | Decimal | str | None:
        """Take a JSON number or a numeral."""
        if value == "":
            return None
        number = to_decimal(value)
        if number is None:
            raise ValidationError([Message(messages.NOT_A_NUMBER)])
        if self.component.raw.get("serializeToString") is True:
            return value.strip() if isinstance(value, str) else show(number)
        return plain_number(number)

    def own_rules(self, value: Any) -> list[Message]:
        """Judge decimal digits and steps."""
        number = to_decimal(value)
        if number is None or not number:
            return []
        found = []
        digits = to_decimal(self.component.raw.get("decimalDigits"))
        if digits is not None and digits >= 0 and count_decimals(number) > digits:
            texts = {0: messages.NOT_AN_INTEGER, 1: messages.ONE_DECIMAL}
            found.append(Message(texts.get(int(digits), messages.DECIMALS), value=show(digits)))
        step = to_decimal(self.component.raw.get("increment"))
        if step and (offset := number % step):
            previous = number - offset
            found.append(
                Message(messages.STEP, previousValue=show(previous), nextValue=show(previous + step))
            )
        return found


class Checkbox(FormValue):
    """checkbox: true or false."""

    def accept(self, value: Any, given: Given) -> bool:
        """Take a JSON boolean."""
        if not isinstance(value, bool):
            raise ValidationError([Message(messages.NOT_A_CHECK)])
        return value


class Moment(FormValue):
    """datetime: an ISO 8601 text, kept as it was sent, as Camunda does; FEEL's date() reads it."""

    def accept(self, value: Any, given: Given) -> str | None:
        """Take a date, time or date-time text, as the component's subtype says."""
        if value == "":
            return None
        subtype = self.component.raw.get("subtype", "date")
        read, message = _MOMENTS.get(str(subtype), _MOMENTS["date"])
        if not isinstance(value, str) or len(value) > 40:
            raise ValidationError([Message(message)])
        try:
            read(value)
        except ValueError:
            raise ValidationError([Message(message)]) from None
        return value


class Choice(FormValue):
    """radio, select: one of the options."""

    def accept(self, value: Any, given: Given) -> Any:
        """Take the value of an option."""
        if value == "":
            return None
        if not any(same_value(value, option) for option in _option_values(given, self.component)):
            raise ValidationError([Message(messages.NOT_AN_OPTION)])
        return value


class Choices(FormValue):
    """checklist, taglist: some of the options."""

    def accept(self, value: Any, given: Given) -> list[Any]:
        """Take a list of values of options."""
        if not isinstance(value, list):
            raise ValidationError([Message(messages.NOT_A_CHOICE_LIST)])
        options = _option_values(given, self.component)
        if len(value) > len(options):
            raise ValidationError([Message(messages.NOT_A_CHOICE_LIST)])
        if not all(any(same_value(item, option) for option in options) for item in value):
            raise ValidationError([Message(messages.NOT_AN_OPTION)])
        return value


class Documents(FormValue):
    """filepicker: ids of documents that were uploaded before."""

    def accept(self, value: Any, given: Given) -> list[str]:
        """Take one id or a list of ids."""
        ids = [] if value == "" else [value] if isinstance(value, str) else value
        if not isinstance(ids, list) or len(ids) > MAX_DOCUMENTS:
            raise ValidationError([Message(messages.NOT_DOCUMENTS)])
        if not all(isinstance(item, str) and _DOCUMENT_ID.fullmatch(item) for item in ids):
            raise ValidationError([Message(messages.NOT_DOCUMENTS)])
        if len(ids) > 1 and not self.component.multiple:
            raise ValidationError([Message(messages.ONE_DOCUMENT)])
        return ids


class Computed(FormValue):
    """expression: computed here; what the browser sent is not looked at."""

    def deserialize(
        self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Return nothing: the check puts the computed value in."""
        return missing


KINDS: Mapping[str, type[FormValue]] = {
    "textfield": Text,
    "textarea": Text,
    "number": Number,
    "checkbox": Checkbox,
    "datetime": Moment,
    "radio": Choice,
    "select": Choice,
    "checklist": Choices,
    "taglist": Choices,
    "filepicker": Documents,
    "expression": Computed,
}


def _option_values(given: Given, component: Field) -> Sequence[Any]:
    if given.options is not None:
        return given.options
    found = component.raw.get("values")
    values = [item.get("value") if isinstance(item, dict) else item for item in found or []]
    return [value for value in values if value is not None]


def _is_given(value: Any) -> bool:
    return value is not None and value not in ("", 0, [])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_text(item) for item in value)
    return (
        show(number)
        if (number := to_decimal(value)) is not None and not isinstance(value, str)
        else str(value)
    )


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


def _read_date(text: str) -> object:
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _read_time(text: str) -> object:
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    return time.fromisoformat(text)


def _read_datetime(text: str) -> object:
    day, separator, rest = text.partition("T")
    if not separator:
        raise ValueError(text)
    _read_date(day)
    _read_time(rest)
    return datetime.fromisoformat(text)


_MOMENTS: Mapping[str, tuple[Callable[[str], object], str]] = {
    "date": (_read_date, messages.NOT_A_DATE),
    "time": (_read_time, messages.NOT_A_TIME),
    "datetime": (_read_datetime, messages.NOT_A_DATETIME),
}
