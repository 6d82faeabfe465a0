"""Lists sorted by several keys, each up or down: for lists that are few enough to be sorted at each look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.read.paging import bind, decode, encode
from engine.read.visibility import COMPLAINT, TASK
from engine.store.types import UtcDateTime

_FAR = literal(datetime(9999, 1, 1, tzinfo=UTC), UtcDateTime())
_UNGRADED = 9
KEYS: dict[str, ColumnElement[Any]] = {
    "due": func.coalesce(TASK.due_at, _FAR),
    "statute": func.coalesce(COMPLAINT.statutory_due_at, _FAR),
    "follow-up": func.coalesce(TASK.follow_up_at, _FAR),
    "created": TASK.created_at,
    "received": func.coalesce(COMPLAINT.received_at, _FAR),
    "priority": TASK.priority,
    "grade": func.coalesce(COMPLAINT.grade, _UNGRADED),
    "step": TASK.element_id,
    "person": func.coalesce(TASK.assignee, ""),
}
"""What a task list can be sorted by; never null, so that a page has a place to go on from."""
DESCENDING = frozenset({"created", "priority"})
"""The keys whose usual direction is downwards: the newest, the most pressing first."""
MOST_KEYS = 3


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an order, and whether its greatest value comes first."""

    name: str
    descending: bool

    @property
    def column(self) -> ColumnElement[Any]:
        """What is compared."""
        return KEYS[self.name]


def read_keys(text: str) -> list[Key]:
    """Read `grade,due`: names of KEYS, the first weighs most; `-` before one turns its usual direction.

    Raises InvalidInput.
    """
    keys: list[Key] = []
    for part in text.split(","):
        name = part.removeprefix("-")
        if name not in KEYS or any(key.name == name for key in keys) or len(keys) == MOST_KEYS:
            message = f"sort is {text!r}; it takes up to {MOST_KEYS} of {', '.join(KEYS)}, each once"
            raise InvalidInput(message, {"sort": [message]})
        keys.append(Key(name, (name in DESCENDING) != part.startswith("-")))
    return keys


def sorted_page(
    session: Session, query: Select[Any], keys: Sequence[Key], *, limit: int, cursor: str | None
) -> tuple[list[str], str | None]:
    """Return the ids of one page of `query` (over task and complaint) and the cursor of what follows."""
    name = ",".join(f"{'-' if key.descending else ''}{key.name}" for key in keys)
    columns = [*(key.column for key in keys), TASK.id]
    downwards = [*(key.descending for key in keys), False]
    query = query.with_only_columns(*(column.label(f"_key{i}") for i, column in enumerate(columns)))
    if cursor is not None:
        query = query.where(_behind(columns, downwards, decode(cursor, name, len(columns))))
    by = [column.desc() if down else column.asc() for column, down in zip(columns, downwards, strict=True)]
    rows = [tuple(row) for row in session.execute(query.order_by(*by).limit(limit + 1))]
    ids = [row[-1] for row in rows[:limit]]
    return ids, encode(name, rows[limit - 1]) if len(rows) > limit else None


def _behind(
    columns: Sequence[ColumnElement[Any]], downwards: Sequence[bool], position: Sequence[Any]
) -> ColumnElement[bool]:
    """Behind a position in an order whose keys differ in direction: later in one, equal in all before it."""
    ways: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for column, down, value in zip(columns, downwards, position, strict=True):
        at = bind(column, value)
        ways.append(and_(*equal, column < at if down else column > at))
        equal.append(column == at)
    return or_(*ways)
