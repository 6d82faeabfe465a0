"""What the definitions of figures are written in: columns of a case, conditions, and spans of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Float, and_, case, exists, literal, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from engine.domain.complaint import Status
from engine.domain.policy.parameters import register
from engine.store.base import table_of
from engine.store.tables.cases import Complaint
from engine.store.tables.channels import Survey, SurveyAnswer
from engine.store.tables.measures import CaseMeasure

COMPLAINT: Final = table_of(Complaint)
CASE: Final = COMPLAINT.c
DERIVED: Final = table_of(CaseMeasure).c
"""What records and contacts come to; nothing is known of a case that was not gathered yet."""
SOURCE: Final = COMPLAINT.outerjoin(table_of(CaseMeasure))
Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """The period's beginning and exclusive end, and now: a date to come is nobody's failure yet.

    `settings` are the parameters of the policy in force on the last day of the period, or today.
    """

    start: datetime
    end: datetime
    now: datetime
    settings: Mapping[str, int] = field(default_factory=dict)

    def setting(self, name: str) -> int:
        """Return a parameter. Raises KeyError for an unknown name."""
        return self.settings.get(name, register()[name].default)


class DaysBetween(FunctionElement[float]):
    """The days from one instant to another, as a number with a fraction."""

    type = Float()
    inherit_cache = True
    name = "days_between"


@compiles(DaysBetween, "sqlite")
def _sqlite(element: DaysBetween, compiler: SQLCompiler, **options: Any) -> str:
    start, end = (compiler.process(each, **options) for each in element.clauses)
    return f"(julianday({end}) - julianday({start}))"


@compiles(DaysBetween, "postgresql")
def _postgresql(element: DaysBetween, compiler: SQLCompiler, **options: Any) -> str:
    start, end = (compiler.process(each, **options) for each in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM ({end}) - ({start})) / 86400.0 AS DOUBLE PRECISION)"


def days_between(start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[float]:
    """Return the days from `start` to `end`; null where either is."""
    return DaysBetween(start, end)


def counted() -> Condition:
    """A complaint that counts: confirmed as one, and not withdrawn before its limit."""
    withdrawn = and_(CASE.status == str(Status.WITHDRAWN), CASE.closed_at < CASE.due_at)
    return and_(CASE.status != str(Status.NOT_A_COMPLAINT), ~withdrawn)


def within(column: ColumnElement[Any], asked: Asked) -> Condition:
    """Whether an instant lies in the period."""
    return and_(column >= asked.start, column < asked.end)


def received(asked: Asked) -> Condition:
    """Counting cases received in the period."""
    return and_(within(CASE.received_at, asked), counted())


def answered(asked: Asked) -> Condition:
    """Counting cases answered in the period."""
    return and_(within(CASE.notified_at, asked), counted())


def due(column: ColumnElement[Any], asked: Asked) -> Condition:
    """Cases whose date lies in the period and is past, or that are answered; open overdue ones included."""
    return and_(within(column, asked), or_(column <= asked.now, CASE.notified_at.is_not(None)), counted())


def answered_by(column: ColumnElement[Any]) -> Condition:
    """Answered before the exclusive end of a limit."""
    return and_(CASE.notified_at.is_not(None), CASE.notified_at < column)


def is_open() -> Condition:
    """Still to be answered."""
    return CASE.status.in_([str(each) for each in Status if not each.stops_clocks])


def extended_date() -> ColumnElement[Any]:
    """The date that a valid extension moved once (R39), else the policy's."""
    valid = and_(CASE.extended_until.is_not(None), CASE.extension_valid)
    return case((valid, CASE.extended_until), else_=CASE.due_at)


def invited() -> Condition:
    """Asked how satisfied they are (R32)."""
    return exists().where(Survey.complaint_no == CASE.no)


def score() -> ColumnElement[Any]:
    """The score that counts, the last one given (K2); null where none was."""
    return _last_answer(SurveyAnswer.score)


def score_source() -> ColumnElement[Any]:
    """Where the score that counts was given: by the customer alone (self), or in a call-back."""
    return _last_answer(SurveyAnswer.source)


def _last_answer(column: Any) -> ColumnElement[Any]:
    query = select(column).where(SurveyAnswer.complaint_no == CASE.no)
    query = query.order_by(SurveyAnswer.at.desc(), SurveyAnswer.id.desc()).limit(1)
    return query.correlate(COMPLAINT).scalar_subquery()


_LATER = COMPLAINT.alias("later")
_EARLIER = COMPLAINT.alias("earlier")


def repeated_within(days: int) -> Condition:
    """Followed, within so many days after the answer, by a complaint that repeats it (K3b)."""
    after = days_between(CASE.notified_at, _LATER.c.received_at)
    return exists().where(_LATER.c.repeat_of == CASE.no, after >= 0, after <= days).correlate(COMPLAINT)


def repeats_within(days: int) -> Condition:
    """Repeating a complaint received at most so many days before (K3a)."""
    before = days_between(_EARLIER.c.received_at, CASE.received_at)
    return exists().where(_EARLIER.c.no == CASE.repeat_of, before <= days).correlate(COMPLAINT)


def overdue_age(asked: Asked) -> ColumnElement[Any]:
    """How long an open case has been overdue, in steps of days; null for one that is not."""
    late = days_between(CASE.due_at, _instant(asked.now))
    return case(
        (late < 0, None), (late <= 5, "0-5"), (late <= 15, "6-15"), (late <= 30, "16-30"), else_="31-"
    )


def _instant(value: datetime) -> ColumnElement[Any]:
    return literal(value, CASE.due_at.type)
