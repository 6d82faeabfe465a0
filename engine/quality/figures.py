"""THE table of figures: what each counts, of what, and which cases are in it (R45, R46, R47).

A figure is two conditions on the register: which cases are asked about (`of`) and which of them are hits. The
same conditions count, break down and list, so that a number and the cases behind it cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, or_

from engine.domain.complaint import Status
from engine.store.tables.cases import Complaint

CASE = Complaint.__table__.c
Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """The period's beginning and exclusive end, and now: a date to come is nobody's failure yet."""

    start: datetime
    end: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `good_is_high` tells how to read it; `version` changes with its definition."""

    name: str
    of: Callable[[Asked], Condition]
    hit: Condition
    clause: str
    good_is_high: bool = True
    version: int = 1


def _counted() -> Condition:
    """A complaint that counts: confirmed as one, and not withdrawn before its limit."""
    withdrawn = and_(CASE.status == str(Status.WITHDRAWN), CASE.closed_at < CASE.due_at)
    return and_(CASE.status != str(Status.NOT_A_COMPLAINT), ~withdrawn)


def _within(column: ColumnElement[Any], asked: Asked) -> Condition:
    return and_(column >= asked.start, column < asked.end)


def _due(column: ColumnElement[Any], asked: Asked) -> Condition:
    """Cases whose date lies in the period and is past, or that are answered; open overdue ones included."""
    return and_(_within(column, asked), or_(column <= asked.now, CASE.notified_at.is_not(None)), _counted())


def _answered_by(column: ColumnElement[Any]) -> Condition:
    return and_(CASE.notified_at.is_not(None), CASE.notified_at < column)


def _extended_date() -> ColumnElement[Any]:
    """The date that a valid extension moved once (R39), else the policy's."""
    valid = and_(CASE.extended_until.is_not(None), CASE.extension_valid)
    return case((valid, CASE.extended_until), else_=CASE.due_at)


FIGURES: Final[Mapping[str, Figure]] = {
    each.name: each
    for each in (
        Figure(
            "timeliness",
            of=lambda asked: _due(CASE.due_at, asked),
            hit=_answered_by(CASE.due_at),
            clause="R45",
        ),
        Figure(
            "timeliness-extended",
            of=lambda asked: _due(CASE.due_at, asked),
            hit=_answered_by(_extended_date()),
            clause="R45",
        ),
        Figure(
            "timeliness-statutory",
            of=lambda asked: _due(CASE.statutory_due_at, asked),
            hit=_answered_by(CASE.statutory_due_at),
            clause="R45",
        ),
        Figure(
            "timeliness-closed",
            of=lambda asked: and_(_within(CASE.notified_at, asked), _counted()),
            hit=_answered_by(CASE.due_at),
            clause="R45",
        ),
        Figure(
            "repeats",
            of=lambda asked: and_(_within(CASE.received_at, asked), _counted()),
            hit=CASE.repeat_of.is_not(None),
            clause="R47",
            good_is_high=False,
        ),
        Figure(
            "extensions",
            of=lambda asked: _due(CASE.due_at, asked),
            hit=CASE.extended_until.is_not(None),
            clause="R39",
            good_is_high=False,
        ),
        Figure(
            "withdrawn",
            of=lambda asked: _within(CASE.received_at, asked),
            hit=CASE.status == str(Status.WITHDRAWN),
            clause="R45",
            good_is_high=False,
        ),
        Figure(
            "not-a-complaint",
            of=lambda asked: _within(CASE.received_at, asked),
            hit=CASE.status == str(Status.NOT_A_COMPLAINT),
            clause="R9",
            good_is_high=False,
        ),
    )
}
"""By name. Extensions count as not timely in the headline; what could be gamed stands beside it."""

BREAKDOWNS: Final[Mapping[str, ColumnElement[Any]]] = {
    "grade": CASE.grade,
    "category": CASE.category,
    "channel": CASE.channel,
    "department": CASE.department_id,
    "handler": CASE.handler,
}
"""What figures are broken down by."""
