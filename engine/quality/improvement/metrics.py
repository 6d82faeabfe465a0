"""What a measure can be judged by, and how a metric is counted over a span of days (R55, R58)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, select, true
from sqlalchemy.orm import Session

from engine.domain.deadlines import end_of_day
from engine.domain.kpi import Proportion
from engine.quality.conditions import CASE, DERIVED, SOURCE, Asked, Condition, received
from engine.quality.figures import FIGURES
from engine.runtime.runtime import Runtime
from engine.store.unindexed import Unindexed

CAUSES: Final = (
    "process",
    "staff",
    "system",
    "product",
    "partner",
    "information",
    "customer",
    "other",
)
"""The root causes that an investigation ends with (R22)."""
SCOPE: Final[Mapping[str, ColumnElement[Any]]] = {
    "scope_category": CASE.category,
    "scope_channel": CASE.channel,
    "scope_product": CASE.product,
    "scope_department": CASE.department_id,
}
"""What a measure may be about: the fields of its form, and the columns that they name."""
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `count` gives its proportion among the cases of a span that the measure is about."""

    name: str
    good_is_high: bool
    count: Callable[[Session, Facts, Asked], Proportion]


def scope(facts: Facts) -> ColumnElement[bool]:
    """Return the condition on complaints that a measure is about: all of what its scope names."""
    named = {name: Unindexed(column) for name, column in SCOPE.items() if facts.get(name)}
    return and_(true(), *(column == facts[name] for name, column in named.items()))


def _share(session: Session, facts: Facts, asked: Asked) -> Proportion:
    """Complaints of the measure's scope, of all that were received: their rate whatever the volume."""
    return _count(session, received(asked), scope(facts))


def _cause(session: Session, facts: Facts, asked: Asked) -> Proportion:
    """Complaints that were found to have the measure's root cause, of all of its scope that were
    investigated.
    """
    of = and_(received(asked), scope(facts), DERIVED.root_cause.is_not(None))
    return _count(session, of, DERIVED.root_cause == facts.get("root_cause"))


def _figure(name: str) -> Callable[[Session, Facts, Asked], Proportion]:
    figure = FIGURES[name]

    def count(session: Session, facts: Facts, asked: Asked) -> Proportion:
        return _count(session, and_(figure.of(asked), scope(facts)), figure.hit(asked))

    return count


def _count(session: Session, of: Condition, hit: Condition) -> Proportion:
    hits = func.coalesce(func.sum(case((hit, 1), else_=0)), 0)
    row = session.execute(select(func.count(), hits).select_from(SOURCE).where(of)).one()
    return Proportion(int(row[1]), row[0])


METRICS: Final[Mapping[str, Metric]] = {
    each.name: each
    for each in (
        Metric("share", False, _share),
        Metric("cause", False, _cause),
        *(
            Metric(name, FIGURES[name].good_is_high, _figure(name))
            for name in ("satisfaction", "timeliness", "timeliness-statutory", "repeats", "extensions")
        ),
    )
}
"""By name: the rate of the scope's complaints, of the root cause, satisfaction, and figures of the
register.
"""


def span(rt: Runtime, first: date, last: date, now: datetime) -> Asked:
    """Return the days from `first` to `last`, both included, as instants."""
    zone = rt.config.timezone
    return Asked(end_of_day(first - timedelta(days=1), zone), end_of_day(last, zone), now)
