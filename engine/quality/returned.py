"""The rows that periodic returns are made of, taken when a month is frozen and kept with its cases (R65).

What a return says of a case is what the frozen version that it names says of it, whatever has happened to the
case since: only a further version of the month brings other values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, tzinfo
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from engine.domain.complaint import Status
from engine.domain.deadlines import last_day_of, local_date
from engine.domain.regulatory_return import plain_row
from engine.quality.conditions import CASE, DERIVED, Asked
from engine.quality.snapshot import ALL_RECEIVED, Seen, look, names
from engine.store.base import table_of
from engine.store.tables.measures import FrozenCase
from engine.store.tables.partners import Partner

_FROZEN: Final = table_of(FrozenCase).c
_PARTNER: Final = select(Partner.name).where(Partner.id == DERIVED.partner).scalar_subquery()
_COLUMNS: Final[Mapping[str, ColumnElement[Any]]] = {
    "channel": CASE.channel,
    "category": CASE.category,
    "product": CASE.product,
    "partner": func.coalesce(_PARTNER, DERIVED.partner),
    "grade": CASE.grade,
    "status": CASE.status,
    "received_at": CASE.received_at,
    "due_at": CASE.due_at,
    "statutory_due_at": CASE.statutory_due_at,
    "notified_at": CASE.notified_at,
    "working_days": DERIVED.working_days,
    "finding": DERIVED.finding,
    "root_cause": DERIVED.root_cause,
    "paid_cents": DERIVED.paid_cents,
    "repeat_of": CASE.repeat_of,
    "vulnerable": DERIVED.vulnerable,
}
"""What a row is made of, by name."""


def look_at_returned(session: Session, asked: Asked, zone: tzinfo) -> list[Seen]:
    """Return what `look` does, of one moment with the row of each case that was received in the period.

    The rows are plain JSON; `zone` is the one whose dates they name.
    """
    bit = 1 << names().index(ALL_RECEIVED)
    return [
        replace(
            each, returned=plain_row(_row(each.no, each.returned or {}, zone)) if each.asked & bit else None
        )
        for each in look(session, asked, _COLUMNS)
    ]


def received_in(month: Mapping[str, Any]) -> Select[Any]:
    """Return a query of the rows of a frozen month's cases that were received in it, whatever became of them;
    null where they were frozen by a release that kept none.
    """
    bit = 1 << month["body"]["order"].index(ALL_RECEIVED)
    was_asked = _FROZEN.asked.bitwise_and(bit) != 0
    return select(_FROZEN.returned).where(_FROZEN.frozen_id == month["id"], was_asked)


def _row(no: str, found: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    paid = found["paid_cents"]
    return {
        "number": no,
        **{name: found[name] for name in ("channel", "category", "product", "partner", "grade")},
        "status": _status(found),
        "received_on": local_date(found["received_at"], zone),
        "due_on": _last_day(found["due_at"], zone),
        "statutory_due_on": _last_day(found["statutory_due_at"], zone),
        "answered_on": local_date(found["notified_at"], zone) if found["notified_at"] else None,
        **{name: found[name] for name in ("working_days", "finding", "root_cause")},
        "compensation_cny": None if paid is None else Decimal(paid) / 100,
        "is_repeat": found["repeat_of"] is not None,
        "vulnerable": bool(found["vulnerable"]),
    }


def _status(found: Mapping[str, Any]) -> str:
    """An answer that is still on its way is none yet (Art. 21)."""
    on_its_way = found["status"] == Status.NOTIFIED and found["notified_at"] is None
    return str(Status.DECIDED) if on_its_way else str(found["status"])


def _last_day(due_at: Any, zone: tzinfo) -> date | None:
    return last_day_of(due_at, zone) if due_at is not None else None
