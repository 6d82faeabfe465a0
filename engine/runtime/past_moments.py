"""Fields that tell when something was done take no moment that is still to come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from engine.errors import FormRefused, Message
from engine.models.forms import Form
from engine.models.forms.messages import IN_THE_FUTURE


def refuse_future(form: Form, values: Mapping[str, Any], now: datetime, zone: tzinfo) -> None:
    """Check the fields of a form marked with `past`; a text without an offset is read in `zone`.

    Raises FormRefused, by the keys of the fields whose day or instant lies after `now`.
    """
    wrong: dict[str, list[str]] = {
        field.key: [Message(IN_THE_FUTURE)]
        for field in form.fields
        if field.is_past and field.key and _is_future(values.get(field.key), now, zone)
    }
    if wrong:
        raise FormRefused("a moment lies in the future", wrong)


def _is_future(value: Any, now: datetime, zone: tzinfo) -> bool:
    if not isinstance(value, str) or not value:
        return False
    if "T" not in value:
        return date.fromisoformat(value) > now.astimezone(zone).date()
    at = datetime.fromisoformat(value)
    return (at if at.tzinfo else at.replace(tzinfo=zone)) > now
