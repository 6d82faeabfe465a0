"""Fields that tell of whom or what a row is, in a list that has each of them once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import FormRefused, Message
from engine.models.forms import Form
from engine.models.forms.messages import STANDS_TWICE


def refuse_repeated(form: Form, values: Mapping[str, Any]) -> None:
    """Check the fields of a form's rows that are marked with `unique`, in values that the form accepts.

    Raises FormRefused, by the path of each that stands in an earlier row.
    """
    wrong: dict[str, list[str]] = {}
    for field in form.fields:
        if not field.is_unique or len(field.full_path) != 2:
            continue
        rows, key = field.full_path
        seen: list[Any] = []  # several options at once are a list
        for number, row in enumerate(values.get(rows) or []):
            value = (row or {}).get(key)
            if value in seen:
                wrong[f"{rows}.{number}.{key}"] = [Message(STANDS_TWICE)]
            elif value not in (None, "", []):
                seen.append(value)
    if wrong:
        raise FormRefused("a row stands there twice", wrong)
