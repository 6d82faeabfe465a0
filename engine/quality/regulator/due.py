"""Which periodic returns are due and not begun yet, and telling compliance of them in time (R65, Art. 36)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.domain.deadlines import local_date
from engine.domain.kpi import Period, period_of
from engine.people.roles import COMPLIANCE
from engine.quality.files import FILE
from engine.quality.freezing import RETURN_MONTHS, closes_at
from engine.quality.regulator.returns import return_due
from engine.runtime.notices import Notice, leave_notice
from engine.runtime.runtime import Runtime
from engine.store.tables.cases import Complaint
from engine.store.tables.people import Person, PersonRole

TELLS: Final = "return-due"
LOOK_BACK: Final = 400
"""Returns that should have been begun longer ago (in days) are asked for no more."""
_AHEAD: Final = timedelta(days=10)


def returns_due(rt: Runtime, session: Session) -> list[dict[str, Any]]:
    """Return the periods that are over since the first complaint and have no return yet, the oldest first:
    `period`, from when it can be made (`ready_at`, once its months are frozen) and until when it is to be
    filed (`due_at`).
    """
    first = session.scalar(select(func.min(Complaint.received_at)))
    if first is None:
        return []
    zone = rt.config.timezone
    today = local_date(clock.now(), zone)
    begin = max(local_date(first, zone), today - timedelta(days=LOOK_BACK))
    months = rt.parameters.current(session).value(RETURN_MONTHS, today)
    periods = _periods(begin, today, months)
    keys = [f"return:{each.name}" for each in periods]
    known = set(session.scalars(select(FILE.c.source_key).where(FILE.c.source_key.in_(keys))))
    return [
        {
            "period": each.name,
            "ready_at": closes_at(rt, session, each),
            "due_at": return_due(rt, session, each),
        }
        for each in periods
        if f"return:{each.name}" not in known
    ]


def _periods(first: date, today: date, months: int) -> list[Period]:
    """The periods of so many months from that of `first` to the last one that is over."""
    found = []
    period = period_of(first, months)
    while period.following <= today:
        found.append(period)
        period = period_of(period.following, months)
    return found


def tell_of_returns(rt: Runtime) -> int:
    """Tell compliance once of each return that is due within days and not begun; return how many it was."""
    with rt.sessions.read() as session:
        due = [each for each in returns_due(rt, session) if each["due_at"] - _AHEAD <= clock.now()]
        query = select(PersonRole.person_id).join(Person, Person.id == PersonRole.person_id)
        people = session.scalars(query.where(PersonRole.role == COMPLIANCE, Person.active)).all()
    told = 0
    for each in due:
        with rt.sessions.step() as session:
            told += leave_notice(rt, session, people, Notice(TELLS, f"{TELLS}:{each['period']}"))
    return told
