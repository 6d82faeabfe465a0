"""The declarative base that every table is declared on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import DeclarativeBase

from engine.store.types import Json, UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def table_of(model: type[Base]) -> Table:
    """Return the Core table of a model: statements on the hot path are made of tables, once, not of
    models.
    """
    table: Any = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} has no table")
    return table


class Base(DeclarativeBase):
    """A plain base: the web hands it to Flask-SQLAlchemy, the engine uses it without Flask."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - read by SQLAlchemy
        datetime: UtcDateTime(),
        dict[str, Any]: Json(),
        list[str]: Json(),
        list[Any]: Json(),
    }
