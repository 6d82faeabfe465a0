"""The figures of each month summed up by a chore, so that an overview reads a row a month, never the cases.

The month that runs and the one before are summed up at every pass, an older one in turn: what is corrected
late in an old case shows within some hours, and a look at the figures themselves always counts anew.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.domain.deadlines import local_date
from engine.domain.kpi import Period, month_of, read_period
from engine.quality.measure import asked_of
from engine.quality.snapshot import body_of, look, versions
from engine.runtime.runtime import Runtime
from engine.store.tables.cases import Complaint
from engine.store.tables.measures import MonthSummary
from engine.store.upsert import insert_into

MONTHS: Final = 25
"""How many months an overview can reach back to: two years and the one that runs."""
_AT_ONCE: Final = 3
MOST_IN_GROUP: Final = 20
"""How many values of a breakdown are kept, the largest: a row stays small however many products there are."""


def sum_up(rt: Runtime) -> int:
    """Sum up the months that run, those not summed up yet (newest first) and the oldest; return how many."""
    with rt.sessions.read() as session:
        wanted = _wanted(rt, session)
    for period in wanted:
        sum_up_month(rt, period)
    return len(wanted)


def sum_up_month(rt: Runtime, period: Period) -> Mapping[str, Any]:
    """Sum up one month, keep it and return its body."""
    with rt.sessions.read() as session:
        body = summed_up(rt, session, period)
    with rt.sessions.step() as session:
        row = {
            "period": period.name,
            "computed_at": clock.now(),
            "body": body,
            "totals": totals_of(body),
        }
        new = insert_into(session, MonthSummary).values(row)
        session.execute(new.on_conflict_do_update(index_elements=["period"], set_=row))
    return body


def summed_up(rt: Runtime, session: Session, period: Period) -> dict[str, Any]:
    """Return the figures of a month as they are now."""
    asked = asked_of(period, rt.config.timezone, rt.parameters.current(session))
    calendar = rt.calendars.current(session).version
    return body_of(asked, look(session, asked), calendar, MOST_IN_GROUP)


def _wanted(rt: Runtime, session: Session) -> list[Period]:
    begin = _first_month(rt, session)
    if begin is None:
        return []
    months = months_back(local_date(clock.now(), rt.config.timezone), MONTHS)
    months = [each for each in months if each.first >= begin.first]
    rows = session.execute(select(MonthSummary.period, MonthSummary.computed_at))
    known = {row[0]: row[1] for row in rows}
    missing = [each for each in months[2:] if each.name not in known][:_AT_ONCE]
    oldest = sorted((known[each.name], each.name) for each in months[2:] if each.name in known)[:1]
    return [*months[:2], *missing, *(read_period(name) for _, name in oldest if not missing)]


def _first_month(rt: Runtime, session: Session) -> Period | None:
    first = session.scalar(select(func.min(Complaint.received_at)))
    return None if first is None else month_of(local_date(first, rt.config.timezone))


def months_back(today: date, count: int) -> list[Period]:
    """Return so many months, the one of `today` first."""
    last = today.year * 12 + today.month - 1
    return [read_period(f"{each // 12}-{each % 12 + 1:02d}") for each in range(last, last - count, -1)]


def totals_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body without its groups: what a trend is drawn from."""
    figures = {name: [each["of"], each["hits"]] for name, each in body["figures"].items()}
    medians = {name: each["median"] for name, each in body["amounts"].items()}
    return {"figures": figures, "medians": medians, "waiting": list(body["waiting"])}


def totals(session: Session, months: Iterable[Period]) -> dict[str, Mapping[str, Any]]:
    """Return the totals that are kept of these months, by name."""
    query = select(MonthSummary.period, MonthSummary.totals)
    query = query.where(MonthSummary.period.in_([each.name for each in months]))
    return {row[0]: row[1] for row in session.execute(query) if row[1]}


def awaited(rt: Runtime, session: Session, months: Iterable[Period], known: Container[str]) -> list[str]:
    """Return which of these months are not summed up (not `known`) though complaints may be of them."""
    missing = [each for each in months if each.name not in known]
    begin = _first_month(rt, session) if missing else None
    return [each.name for each in missing if begin is not None and each.first >= begin.first]


def summary(rt: Runtime, session: Session, period: Period) -> Mapping[str, Any]:
    """Return the body of a month: as it is kept; as it is now where none is kept of these definitions."""
    kept = session.scalar(select(MonthSummary.body).where(MonthSummary.period == period.name))
    return kept if kept is not None and kept["versions"] == versions() else summed_up(rt, session, period)
