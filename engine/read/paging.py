"""Keyset pages: a list goes on behind the last row that was seen, however many rows come before it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Integer, Select, literal, select, text, tuple_, union
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.store.types import UtcDateTime, instant_text

DEFAULT_LIMIT = 50
MAXIMUM_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, and the cursor of those that follow; None at its end."""

    items: list[dict[str, Any]]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by: columns that are never null, the last unique, all in one direction."""

    name: str
    columns: tuple[ColumnElement[Any], ...]
    descending: bool = False


def bounded(limit: int | None) -> int:
    """Return how many rows to give. Raises InvalidInput outside 1 to 500."""
    if limit is None:
        return DEFAULT_LIMIT
    if not 1 <= limit <= MAXIMUM_LIMIT:
        message = f"limit is {limit}; it takes 1 to {MAXIMUM_LIMIT}"
        raise InvalidInput(message, {"limit": [message]})
    return limit


def page(
    session: Session,
    query: Select[Any],
    order: Order,
    *,
    limit: int | None,
    cursor: str | None,
    finish: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> Page:
    """Run `query` sorted by `order`, behind `cursor`. Raises InvalidInput for a cursor of another list."""
    count = bounded(limit)
    keys = [_key(index) for index in range(len(order.columns))]
    query = query.add_columns(*(column.label(key) for column, key in zip(order.columns, keys, strict=True)))
    if cursor is not None:
        query = query.where(_behind(order, decode(cursor, order.name, len(keys))))
    by = [column.desc() if order.descending else column.asc() for column in order.columns]
    rows = [dict(row._mapping) for row in session.execute(query.order_by(*by).limit(count + 1))]
    positions = [[row.pop(key) for key in keys] for row in rows]
    more = len(rows) > count
    items = rows[:count]
    return Page(
        [finish(row) for row in items] if finish else items,
        encode(order.name, positions[count - 1]) if more else None,
    )


def merged(
    session: Session,
    sources: Sequence[tuple[Select[Any], Order]],
    *,
    limit: int,
    cursor: str | None,
    walked: bool = False,
) -> tuple[list[str], str | None]:
    """Return the ids of one page out of several sources, and the cursor of what follows.

    A source selects nothing yet; its `Order` names its own columns, the id last, and all orders are one.
    Where each source is a range of an index in this order, a page costs the same however many rows there
    are: an `OR` over them, or an `IN`, would sort them all. `walked` says that one has to be such a range.
    """
    if not sources:
        return [], None
    name, length = sources[0][1].name, len(sources[0][1].columns)
    position = None if cursor is None else decode(cursor, name, length)
    parts = [_ahead(query, order, position, limit + 1) for query, order in sources]
    found = parts[0]
    if len(parts) > 1:
        both = union(*(select(part.subquery()) for part in parts)).subquery()
        keys = [both.c[_key(index)] for index in range(length)]
        by = [key.desc() if sources[0][1].descending else key.asc() for key in keys]
        found = select(both).order_by(*by).limit(limit + 1)
    rows = _walk(session, found) if walked else [tuple(row) for row in session.execute(found)]
    ids = [row[-1] for row in rows[:limit]]
    return ids, encode(name, rows[limit - 1]) if len(rows) > limit else None


def _walk(session: Session, found: Select[Any]) -> list[tuple[Any, ...]]:
    """Return the rows; PostgreSQL, too, walks the indexes that are in the list's order.

    By its estimates it would sort: filters that go together are taken for independent, and so for rare.
    """
    if session.get_bind().dialect.name == "sqlite":
        return [tuple(row) for row in session.execute(found)]
    session.execute(text("SET LOCAL enable_sort = off"))
    rows = [tuple(row) for row in session.execute(found)]
    session.execute(text("SET LOCAL enable_sort = on"))
    return rows


def _ahead(query: Select[Any], order: Order, position: Sequence[Any] | None, limit: int) -> Select[Any]:
    query = query.with_only_columns(
        *(column.label(_key(index)) for index, column in enumerate(order.columns)), maintain_column_froms=True
    )
    if position is not None:
        query = query.where(_behind(order, position))
    by = [column.desc() if order.descending else column.asc() for column in order.columns]
    return query.order_by(*by).limit(limit)


def _key(index: int) -> str:
    return f"_key{index}"


def _behind(order: Order, position: Sequence[Any]) -> ColumnElement[bool]:
    bound = tuple_(*(bind(column, value) for column, value in zip(order.columns, position, strict=True)))
    row = tuple_(*order.columns)
    return row < bound if order.descending else row > bound


def bind(column: ColumnElement[Any], value: Any) -> ColumnElement[Any]:
    """Bind a part of a position, of its column's type and within its bounds. Raises InvalidInput."""
    try:
        if isinstance(column.type, UtcDateTime):
            return literal(datetime.fromisoformat(str(value)).astimezone(UTC), column.type)
    except (ValueError, OverflowError) as error:
        raise _damaged() from error
    kind = int if isinstance(column.type, Integer) else str
    if type(value) is not kind or (isinstance(value, int) and abs(value) >= 2**31) or "\0" in str(value):
        raise _damaged()
    return literal(value, column.type)


def _damaged() -> InvalidInput:
    message = "the cursor is damaged; ask for the first page again"
    return InvalidInput(message, {"cursor": [message]})


def encode(order: str, position: Sequence[Any]) -> str:
    """Return the opaque cursor of a position in the order of this name."""
    plain = [instant_text(value) if isinstance(value, datetime) else value for value in position]
    return base64.urlsafe_b64encode(orjson.dumps([order, *plain])).rstrip(b"=").decode()


def decode(cursor: str, order: str, length: int) -> list[Any]:
    """Return the position that `encode` made. Raises InvalidInput."""
    message = "the cursor is not one of this list; ask for its first page again"
    refused = InvalidInput(message, {"cursor": [message]})
    try:
        plain = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise refused from error
    if not isinstance(plain, list) or len(plain) != length + 1 or plain[0] != order:
        raise refused
    if not all(isinstance(part, str | int) for part in plain):
        raise refused
    return plain[1:]
