"""A column that a condition reads from the row, so that no index over it is walked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal


class Unindexed(ColumnElement[Any]):
    """The same value as the column. SQLite keeps no statistics here: it takes every `=` on an index for rare,
    and would walk all complaints of a channel to sort them, where a page of them is met along another index.
    PostgreSQL keeps them for each column by itself, and takes filters that go together for rare.
    """

    inherit_cache = True
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]  # noqa: RUF012 - as SQLAlchemy declares it

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column
        self.type = column.type


@compiles(Unindexed)
def _computed(element: Unindexed, compiler: Any, **options: Any) -> str:
    column = compiler.process(element.column, **options)
    return f"COALESCE({column}, {column})"


@compiles(Unindexed, "sqlite")
def _signed(element: Unindexed, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.column, **options)}"
