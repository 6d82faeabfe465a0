"""Computing figures, and listing the cases behind each (R44-R47)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Boolean, case, false, func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.domain.deadlines import local_date
from engine.domain.grade import Grade
from engine.domain.kpi import Period, Proportion, Spread, spread
from engine.domain.policy.parameters import DEFAULTS, Parameters, register
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.quality.conditions import CASE, SOURCE, Asked, Condition
from engine.quality.figures import AMOUNTS, BREAKDOWNS, FIGURES, PEOPLE_AND_UNITS, Amount, Figure
from engine.read.paging import Order, Page, page
from engine.read.visibility import not_about
from engine.store.unindexed import Unindexed

PARTS = ("all", "hits", "misses")
MOST_GROUPS = 200
_GROUP = "in_group"
_GRADES = frozenset(str(int(each)) for each in Grade)


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of one group: its value in the breakdown (None where it is not known), and the proportion.

    `may_show` is false where so few cases of a person or unit say nothing of them.
    """

    value: Any
    proportion: Proportion
    may_show: bool = True


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure of a period with its groups, largest first.

    `target` is the aim as a share; `not_before` the instant from which the figure says something, where that
    is still to come.
    """

    figure: Figure
    total: Proportion
    lines: list[Line]
    target: float | None = None
    not_before: datetime | None = None

    @property
    def meets(self) -> bool | None:
        """Whether the aim is met; None without an aim or without a case."""
        if self.target is None or self.total.share is None or self.not_before is not None:
            return None
        share = self.total.share
        return share >= self.target if self.figure.good_is_high else share <= self.target


@dataclass(frozen=True, slots=True)
class Reckoned:
    """An amount of a period: its spread, and that of each group."""

    amount: Amount
    total: Spread
    lines: dict[Any, Spread] = field(default_factory=dict)


def measure(
    session: Session,
    actor: Actor,
    period: Period,
    zone: tzinfo,
    *,
    by: str | None = None,
    parameters: Parameters = DEFAULTS,
) -> list[Measured]:
    """Return every figure of the period, each broken down by `by` where given.

    Raises Forbidden, InvalidInput (no such breakdown).
    """
    asked = _question(actor, period, zone, by, parameters)
    return [measure_one(session, figure, asked, by) for figure in FIGURES.values()]


def reckon(
    session: Session,
    actor: Actor,
    period: Period,
    zone: tzinfo,
    *,
    by: str | None = None,
    parameters: Parameters = DEFAULTS,
) -> list[Reckoned]:
    """Return every amount of the period, each broken down by `by` where given. Raises as `measure`."""
    asked = _question(actor, period, zone, by, parameters)
    return [reckon_one(session, amount, asked, by) for amount in AMOUNTS.values()]


def _question(actor: Actor, period: Period, zone: tzinfo, by: str | None, parameters: Parameters) -> Asked:
    actor.require("report.read")
    check_breakdown(by)
    return asked_of(period, zone, parameters)


def asked_of(period: Period, zone: tzinfo, parameters: Parameters = DEFAULTS) -> Asked:
    """Return what figures of a period are asked with: its bounds, now, and the parameters of its last day."""
    now = clock.now()
    day = min(local_date(now, zone), period.following - timedelta(days=1))
    return Asked(*period.bounds(zone), now, {name: parameters.value(name, day) for name in register()})


def measure_one(session: Session, figure: Figure, asked: Asked, by: str | None = None) -> Measured:
    """Return one figure. Asks nobody's permission: callers have."""
    target = asked.setting(figure.target) / 100 if figure.target else None
    ready = figure.ready_at(asked)
    not_before = ready if ready > asked.now else None
    hits = func.coalesce(func.sum(case((figure.hit(asked), 1), else_=0)), 0)
    query = select(func.count(), hits).select_from(SOURCE).where(figure.of(asked))
    row = session.execute(query).one()
    total = Proportion(int(row[1]), row[0])
    if not by:
        return Measured(figure, total, [], target, not_before)
    grouped = query.add_columns(BREAKDOWNS[by](asked).label(_GROUP)).group_by(_GROUP)
    rows = session.execute(grouped.order_by(func.count().desc()).limit(MOST_GROUPS)).all()
    compares = by in PEOPLE_AND_UNITS
    lines = [
        Line(row[2], Proportion(int(row[1]), row[0]), not compares or row[0] >= figure.least) for row in rows
    ]
    return Measured(figure, total, lines, target, not_before)


def reckon_one(session: Session, amount: Amount, asked: Asked, by: str | None = None) -> Reckoned:
    """Return one amount. Asks nobody's permission: callers have."""
    query = select(amount.value).select_from(SOURCE).where(amount.of(asked), amount.value.is_not(None))
    if not by:
        return Reckoned(amount, spread(session.scalars(query)))
    rows = session.execute(query.add_columns(BREAKDOWNS[by](asked).label(_GROUP)))
    return spread_out(amount, by, ((row[0], row[1]) for row in rows))


def spread_out(amount: Amount, by: str, values: Iterable[tuple[float, Any]]) -> Reckoned:
    """Return an amount from each case's number with the group of `by` that it is in, the largest groups
    first; of a person or unit with too few cases no more than how many.
    """
    groups: dict[Any, list[float]] = defaultdict(list)
    for value, group in values:
        groups[group].append(value)
    largest = sorted(groups.items(), key=lambda each: -len(each[1]))[:MOST_GROUPS]
    total = spread(value for numbers in groups.values() for value in numbers)
    lines = {group: spread(numbers) for group, numbers in largest}
    if by in PEOPLE_AND_UNITS:
        lines = {group: each if each.may_rank else each.without_numbers() for group, each in lines.items()}
    return Reckoned(amount, total, lines)


def cases_behind(
    session: Session,
    actor: Actor,
    name: str,
    period: Period,
    zone: tzinfo,
    *,
    part: str = "misses",
    by: str | None = None,
    value: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
    parameters: Parameters = DEFAULTS,
) -> Page:
    """Return the cases of a figure or amount, by number: `part` is all, hits or misses; `value` the group's.

    Of an amount all cases with a number are listed. Raises Forbidden, NotFound, InvalidInput.
    """
    actor.require("report.read")
    if part not in PARTS:
        raise InvalidInput(f"part takes one of {', '.join(PARTS)}", {"part": [part]})
    check_breakdown(by)
    asked = asked_of(period, zone, parameters)
    query = select(
        CASE.no, CASE.grade, CASE.category, CASE.channel, CASE.status, CASE.received_at, CASE.due_at,
        CASE.notified_at, CASE.handler,
    ).select_from(SOURCE).where(*which(name, part, asked), *not_about(actor, CASE.no))  # fmt: skip
    if by is not None:
        query = query.where(in_group(by, value or "", asked))
    return page(session, query, Order("no", (CASE.no,)), limit=limit, cursor=cursor)


def named(name: str) -> Figure | Amount:
    """Return the figure or amount of this name. Raises NotFound."""
    found = FIGURES.get(name) or AMOUNTS.get(name)
    if found is None:
        raise NotFound(f"there is no figure {name!r}; there are {', '.join([*FIGURES, *AMOUNTS])}")
    return found


def which(name: str, part: str, asked: Asked) -> list[Condition]:
    """Return the conditions of the cases in a part of a figure or amount. Raises NotFound."""
    figure = named(name)
    if isinstance(figure, Amount):
        return [figure.of(asked), figure.value.is_not(None)]
    if part == "all":
        return [figure.of(asked)]
    return [figure.of(asked), case((figure.hit(asked), 1), else_=0) == (1 if part == "hits" else 0)]


def in_group(by: str, value: str, asked: Asked) -> Condition:
    """Return the condition of a group, for cases that the period has found; an empty value means those of
    which it is not known.
    """
    column = Unindexed(BREAKDOWNS[by](asked))
    if not value:
        return column.is_(None)
    if isinstance(column.type, Boolean):
        return column.is_(value.lower() == "true")
    if by == "grade":
        return column == int(value) if value in _GRADES else false()
    return column == value


def check_breakdown(by: str | None) -> None:
    """Raises InvalidInput for a breakdown that there is not."""
    if by is not None and by not in BREAKDOWNS:
        message = f"figures are broken down by {', '.join(BREAKDOWNS)}"
        raise InvalidInput(message, {"by": [message]})
