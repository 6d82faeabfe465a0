"""A value inside a JSON column as text, for conditions on rows that something else has narrowed already."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal


class JsonText(ColumnElement[str]):
    """The text of `column`'s value under `key`, as `str` would write a text or whole number; null where the
    key is missing or its value null. No index serves it.
    """

    inherit_cache = True
    type = String()
    _traverse_internals = [  # noqa: RUF012 - as SQLAlchemy declares it
        ("column", InternalTraversal.dp_clauseelement),
        ("member", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[Any], key: str) -> None:
        self.column = column
        self.member = literal(key, String())


@compiles(JsonText)
def _member(element: JsonText, compiler: Any, **options: Any) -> str:
    column, member = (compiler.process(part, **options) for part in (element.column, element.member))
    return f"(CAST({column} AS JSON) ->> {member})"


@compiles(JsonText, "sqlite")
def _extracted(element: JsonText, compiler: Any, **options: Any) -> str:
    column, member = (compiler.process(part, **options) for part in (element.column, element.member))
    return f"CAST(json_extract({column}, '$.\"' || {member} || '\"') AS TEXT)"
