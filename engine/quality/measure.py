"""Computing figures, and listing the cases behind each (R44-R47)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.domain.kpi import Period, Proportion
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.quality.figures import BREAKDOWNS, CASE, FIGURES, Asked, Condition, Figure
from engine.read.paging import Order, Page, page

PARTS = ("all", "hits", "misses")
MOST_GROUPS = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of one group: its value in the breakdown (None where it is not known), and the proportion."""

    value: Any
    proportion: Proportion


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure of a period with its groups, largest first."""

    figure: Figure
    total: Proportion
    lines: list[Line]


def measure(
    session: Session, actor: Actor, period: Period, zone: tzinfo, *, by: str | None = None
) -> list[Measured]:
    """Return every figure of the period, each broken down by `by` where given.

    Raises Forbidden, InvalidInput (no such breakdown).
    """
    actor.require("report.read")
    _check(by)
    asked = _asked(period, zone)
    return [_measure(session, figure, asked, by) for figure in FIGURES.values()]


def _measure(session: Session, figure: Figure, asked: Asked, by: str | None) -> Measured:
    hits = func.coalesce(func.sum(case((figure.hit, 1), else_=0)), 0)
    columns = (BREAKDOWNS[by],) if by else ()
    query = select(*columns, func.count(), hits).where(figure.of(asked)).group_by(*columns)
    if not by:
        row = session.execute(query).one()
        return Measured(figure, Proportion(int(row[1]), row[0]), [])
    rows = session.execute(query.order_by(func.count().desc()).limit(MOST_GROUPS)).all()
    lines = [Line(row[0], Proportion(int(row[2]), row[1])) for row in rows]
    total = Proportion(sum(each.proportion.hits for each in lines), sum(each.proportion.of for each in lines))
    return Measured(figure, total, lines)


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
) -> Page:
    """Return the cases of a figure, by number: `part` is all, hits or misses; `value` that of the group.

    Raises Forbidden, NotFound (no such figure), InvalidInput.
    """
    actor.require("report.read")
    if name not in FIGURES:
        raise NotFound(f"there is no figure {name!r}; there are {', '.join(FIGURES)}")
    if part not in PARTS:
        raise InvalidInput(f"part takes one of {', '.join(PARTS)}", {"part": [part]})
    _check(by)
    figure, asked = FIGURES[name], _asked(period, zone)
    query = select(
        CASE.no, CASE.grade, CASE.category, CASE.channel, CASE.status, CASE.received_at, CASE.due_at,
        CASE.notified_at, CASE.handler,
    ).where(figure.of(asked))  # fmt: skip
    if part != "all":
        query = query.where(figure.hit if part == "hits" else ~figure.hit)
    if by is not None:
        query = query.where(_in_group(by, value or ""))
    return page(session, query, Order("no", (CASE.no,)), limit=limit, cursor=cursor)


def _in_group(by: str, value: str) -> Condition:
    """Return the condition of a group; an empty value means the cases of which it is not known."""
    column = BREAKDOWNS[by]
    if not value:
        return column.is_(None)
    return column == (int(value) if by == "grade" and value.isdigit() else value)


def _asked(period: Period, zone: tzinfo) -> Asked:
    return Asked(*period.bounds(zone), clock.now())


def _check(by: str | None) -> None:
    if by is not None and by not in BREAKDOWNS:
        message = f"figures are broken down by {', '.join(BREAKDOWNS)}"
        raise InvalidInput(message, {"by": [message]})
