"""What the definitions of figures are written in: columns of a case, conditions, and spans of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Float, and_, case, exists, func, literal, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from engine.cases.archive.retention import HoldGround
from engine.cases.public.survey import MORE_FOR
from engine.domain.complaint import Channel, Status
from engine.domain.policy.parameters import register
from engine.quality.kinds import INQUIRY
from engine.store.base import table_of
from engine.store.tables.archive import LegalHold
from engine.store.tables.cases import Complaint
from engine.store.tables.channels import Survey, SurveyAnswer
from engine.store.tables.measures import CaseMeasure
from engine.store.tables.privacy import SubjectIndex
from engine.store.tables.quality import QualityFile

COMPLAINT: Final = table_of(Complaint)
CASE: Final = COMPLAINT.c
DERIVED: Final = table_of(CaseMeasure).c
"""What records and contacts come to; nothing is known of a case that was not gathered yet."""
SOURCE: Final = COMPLAINT.outerjoin(table_of(CaseMeasure))
_INDEX: Final = table_of(SubjectIndex)
_FILE: Final = table_of(QualityFile)
_HOLD: Final = table_of(LegalHold)
SATISFIED: Final = 4
"""The least score of a satisfied customer, of five (K2)."""
FAR_APART: Final = 2
"""Scores that differ by so much contradict each other, even where both are on the same side (R43)."""
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


def ends_within(column: ColumnElement[Any], asked: Asked) -> Condition:
    """Whether a limit ends in the period: it is kept as the exclusive end of its last day, so that one whose
    last day is the last of a month ends at the instant at which the next month begins.
    """
    return and_(column > asked.start, column <= asked.end)


def due(column: ColumnElement[Any], asked: Asked) -> Condition:
    """Cases whose last day lies in the period and is past, or that are answered; open overdue ones, too."""
    return and_(
        ends_within(column, asked), or_(column <= asked.now, CASE.notified_at.is_not(None)), counted()
    )


def answered_by(column: ColumnElement[Any]) -> Condition:
    """Answered before the exclusive end of a limit."""
    return and_(CASE.notified_at.is_not(None), CASE.notified_at < column)


def is_open() -> Condition:
    """Still to be answered: one whose answer has not left the house is, too (Art. 21)."""
    told = str(Status.NOTIFIED)
    some = CASE.status.in_([*(str(each) for each in Status if not each.stops_clocks), told])
    return and_(some, or_(CASE.status != told, CASE.notified_at.is_(None)))


def inquired_about() -> Condition:
    """Whether the regulator has asked about the case in an inquiry of its own (R64)."""
    return exists().where(_FILE.c.complaint_no == CASE.no, _FILE.c.kind == INQUIRY.name).correlate(COMPLAINT)


def in_court() -> Condition:
    """Whether the case came from a court or mediation, or is held for a lawsuit, be it lifted since."""
    held = exists().where(_HOLD.c.complaint_no == CASE.no, _HOLD.c.ground == str(HoldGround.LAWSUIT))
    return or_(CASE.channel == str(Channel.COURT), held.correlate(COMPLAINT))


def escalated() -> Condition:
    """Whether somebody outside took the case up: the regulator, the media, or a court (section 4)."""
    outside = CASE.channel.in_([str(Channel.REGULATOR), str(Channel.MEDIA)])
    return or_(outside, inquired_about(), in_court())


def extended_date() -> ColumnElement[Any]:
    """The date that a valid extension moved once (R39), else the policy's."""
    valid = and_(CASE.extended_until.is_not(None), CASE.extension_valid)
    return case((valid, CASE.extended_until), else_=CASE.due_at)


def invited() -> Condition:
    """Asked how satisfied they are (R32)."""
    return exists().where(Survey.complaint_no == CASE.no)


def survey_score() -> ColumnElement[Any]:
    """The score that the customer gave alone, the last one (K2); null where none was."""
    return _last_answer(SurveyAnswer.score)


def score() -> ColumnElement[Any]:
    """The score that counts, of the survey and the call-back together (K2): one for each case, the last given
    within `MORE_FOR` of the first; null where there is none.
    """
    return case((_call_counts(), DERIVED.call_score), else_=survey_score())


def score_source() -> ColumnElement[Any]:
    """Where the score that counts was given: by the customer alone (self), or in a call-back."""
    return case((_call_counts(), "callback"), (survey_score().is_not(None), "self"))


def scores_contradict() -> Condition:
    """Whether survey and call-back say opposite things: one satisfied and the other not, or far apart."""
    own, said = survey_score(), DERIVED.call_score
    return or_((own >= SATISFIED) != (said >= SATISFIED), func.abs(own - said) >= FAR_APART)


def _call_counts() -> Condition:
    """Whether the call-back's score is the one that counts."""
    first, last, called = _answer_at(func.min), _answer_at(func.max), DERIVED.called_at
    within_days = float(MORE_FOR.days)
    later = and_(called >= last, days_between(first, called) < within_days)
    alone = and_(called < first, days_between(called, last) >= within_days)
    return and_(DERIVED.call_score.is_not(None), or_(last.is_(None), later, alone))


def _answer_at(of: Any) -> ColumnElement[Any]:
    query = select(of(SurveyAnswer.at)).where(SurveyAnswer.complaint_no == CASE.no)
    return query.correlate(COMPLAINT).scalar_subquery()


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


def same_matter_within(days: int) -> Condition:
    """Received within so many days after a complaint of the same person about the same product, or category
    where none is named: wider than the window that links repeats at registration (K3a).
    """
    before, mine, theirs = COMPLAINT.alias("before"), _INDEX.alias("mine"), _INDEX.alias("theirs")
    age = days_between(before.c.received_at, CASE.received_at)
    found = (
        select(before.c.no)
        .select_from(mine)
        .join(theirs, and_(theirs.c.kind == mine.c.kind, theirs.c.digest == mine.c.digest))
        .join(before, before.c.subject_id == theirs.c.subject_id)
        .where(
            mine.c.subject_id == CASE.subject_id,
            before.c.no != CASE.no,
            before.c.status != str(Status.NOT_A_COMPLAINT),
            or_(
                before.c.product == CASE.product,
                and_(CASE.product.is_(None), before.c.category == CASE.category),
            ),
            age >= 0,
            age <= days,
        )
    )
    return or_(repeats_within(days), found.correlate(COMPLAINT).exists())


def overdue_age(asked: Asked) -> ColumnElement[Any]:
    """How long an open case has been overdue, in steps of days; null for one that is not."""
    late = days_between(CASE.due_at, _instant(asked.now))
    return case(
        (late < 0, None), (late <= 5, "0-5"), (late <= 15, "6-15"), (late <= 30, "16-30"), else_="31-"
    )


def _instant(value: datetime) -> ColumnElement[Any]:
    return literal(value, CASE.due_at.type)
