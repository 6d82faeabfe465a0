"""What is said of a later date on which nobody works: it can be meant, but is not chosen unseen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import request

from engine.cases.extension import RestDay, rest_day, rest_days_ahead
from engine.errors import InvalidInput
from web.extensions import db, runtime
from web.gettext import gettext
from web.times import day_text

MEANT = "on_rest_day"
"""The field that says that such a day is meant."""


def require_meant(day: date) -> None:
    """Ask back before a customer is promised a day on which nobody works. Raises InvalidInput."""
    found = rest_day(runtime(), db.session(), day)
    if found is not None and request.form.get(MEANT) != "1":
        message = _told(found)
        raise InvalidInput(message, {"new_date": [message]})


def hints(row: Mapping[str, Any]) -> dict[str, str]:
    """Return by day what the page says as soon as such a day is chosen."""
    return {found.day.isoformat(): _told(found) for found in rest_days_ahead(runtime(), db.session(), row)}


def _told(found: RestDay) -> str:
    return gettext(
        "%(day)s is no working day; the working days beside it are %(before)s and %(after)s. Choose one of "
        "them, or say that this day is meant.",
        day=day_text(found.day),
        before=day_text(found.before),
        after=day_text(found.after),
    )
