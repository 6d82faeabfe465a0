"""One marshmallow field for each kind of component: what is asked of a value, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Context, Decimal
from typing import Any

from marshmallow import ValidationError, fields, missing

from engine.errors import Message
from engine.models.forms import messages
from engine.models.forms.numbers import count_decimals, plain_number, show, to_decimal
from engine.models.forms.options import same_value
from engine.models.forms.rules import broken_rules
from engine.models.forms.tree import Field

MAX_TEXT = 100_000
MAX_DOCUMENTS = 50

_WIDE = Context(prec=1_100)
"""Holds the largest number that a browser knows, to the smallest step."""
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


class _Mark:
    """Stands in the place of a value; the same one also in a copy."""

    def __deepcopy__(self, memo: object) -> _Mark:
        return self


SKIPPED = _Mark()
"""Where a field is not judged: hidden, disabled, or computed."""
MISSING = _Mark()
"""Where a field that has to be filled in here was not."""


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
        if value is MISSING:
            raise ValidationError([Message(messages.REQUIRED)])
        given = value if isinstance(value, Given) else Given(value, self.component.limits)
        if given.value is missing:
            if self.component.required:
                raise ValidationError([Message(messages.REQUIRED)])
            return missing
        as_it_is = given.value is None or given.is_stored
        found = given.value if as_it_is else self.accept(given.value, given)
        problems = [*self.own_rules(found), *broken_rules(self.component, found, given.limits)]
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
        if step and (offset := _WIDE.remainder(number, step)):
            previous = _WIDE.subtract(number, offset)
            following = _WIDE.add(previous, step)
            found.append(Message(messages.STEP, previousValue=show(previous), nextValue=show(following)))
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
