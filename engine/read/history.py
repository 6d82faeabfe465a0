"""The trail of a stream as rows, in order of `seq`."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.read.paging import Order, Page, page
from engine.store.tables.audit import History, HistoryValue

_HISTORY = History.__table__.c
_VALUE = HistoryValue.__table__.c
_ORDER = Order("seq", (_HISTORY.seq,))
_NEWEST = Order("newest", (_HISTORY.seq,), descending=True)
MOST_EVENTS = 5_000
"""The most events that a diagram's states are made from."""


def history(
    session: Session,
    stream: str,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    newest_first: bool = False,
    leave_out: tuple[str, ...] = (),
) -> Page:
    """Return the rows of `stream` (an instance's id, or `system`), whose visibility the caller has checked.

    `data` is parsed; `values` holds what was entered, where it is still kept, with personal values as
    references. `leave_out` are beginnings of kinds, such as `element.`, that are not wanted.
    """
    query = select(*_HISTORY).where(_HISTORY.stream == stream)
    for kind in leave_out:
        query = query.where(_HISTORY.kind.not_like(f"{kind}%"))
    found = page(session, query, _NEWEST if newest_first else _ORDER, limit=limit, cursor=cursor)
    values = _values(session, stream, [row["seq"] for row in found.items])
    items = [
        row | {"data": orjson.loads(row["data"]), "values": values.get(row["seq"], {})} for row in found.items
    ]
    return Page(items, found.next)


def _values(session: Session, stream: str, numbers: list[int]) -> dict[int, dict[str, Any]]:
    if not numbers:
        return {}
    query = select(_VALUE.seq, _VALUE.name, _VALUE.value).where(
        _VALUE.stream == stream, _VALUE.seq.between(min(numbers), max(numbers))
    )
    result: dict[int, dict[str, Any]] = {}
    for row in session.execute(query):
        result.setdefault(row.seq, {})[row.name] = orjson.loads(row.value)
    return result


def element_events(session: Session, stream: str, *, limit: int = MOST_EVENTS) -> list[dict[str, Any]]:
    """Return what happened to elements of the diagram, in order: kind, element_id, data; at most `limit`."""
    query = (
        select(_HISTORY.kind, _HISTORY.element_id, _HISTORY.data)
        .where(_HISTORY.stream == stream)
        .order_by(_HISTORY.seq)
        .limit(limit)
    )
    return [dict(row._mapping) | {"data": orjson.loads(row.data)} for row in session.execute(query)]
