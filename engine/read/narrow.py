"""Whether few rows come into question, so that they are read and sorted, or many, so that a page of them is
met soon along an index in the list's order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import Session

from engine.read.visibility import COMPLAINT

NARROW = 2_000
"""So many rows are read and sorted."""


def counts(session: Session, queries: Iterable[Select[Any]]) -> list[int]:
    """Return how many rows each query finds, which selects nothing yet; no count goes beyond NARROW + 1."""
    limit = NARROW + 1
    each = [
        select(func.count()).select_from(query.add_columns(literal(1)).limit(limit).subquery())
        for query in queries
    ]
    return list(session.execute(select(*(one.scalar_subquery() for one in each))).one()) if each else []


def is_wide(session: Session, queries: Iterable[Select[Any]]) -> bool:
    """Whether the queries, which select nothing yet, find more rows than NARROW together."""
    return sum(counts(session, queries)) > NARROW


def few_complaints(session: Session, *conditions: ColumnElement[bool]) -> frozenset[str] | None:
    """Return the numbers of the complaints for which the conditions hold; None where they are many."""
    numbers = session.scalars(select(COMPLAINT.no).where(*conditions).limit(NARROW + 1)).all()
    return None if len(numbers) > NARROW else frozenset(numbers)
