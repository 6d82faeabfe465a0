"""Drills of the emergency plan: when one was held last, and telling that one is due (R12).

A drill is the plan started by itself, with the variable `drill`: a real emergency runs within its complaint.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.domain.deadlines import local_date
from engine.people.roles import MANAGEMENT, SUPERVISORS
from engine.runtime.notices import Notice, leave_notice
from engine.runtime.runtime import Runtime
from engine.store.tables.models import Bundle, Definition
from engine.store.tables.people import Person, PersonRole
from engine.store.tables.runtime import Instance

PLAN: Final = "emergency-plan"
"""The process id of the emergency plan."""
DRILL_DAYS: Final = "emergency.drill_days"
"""The parameter: after how many days without a drill the next one is due."""
DRILL_DUE: Final = "drill-due"
"""The kind of notice that reminds of it, once a month until the drill is held."""


def last_drill(session: Session) -> datetime | None:
    """Return when the last drill that was carried through ended; None where there was none."""
    held = select(func.max(Instance.ended_at))
    return session.scalar(held.where(Instance.process_id == PLAN, Instance.state == "completed"))


def drill_due(rt: Runtime, session: Session) -> datetime | None:
    """Return when the next drill is due: counted from the last one, before the first from when the plan was
    deployed; None where no plan is deployed.
    """
    since = last_drill(session) or session.scalar(
        select(func.min(Bundle.deployed_at))
        .join(Definition, Definition.bundle_id == Bundle.id)
        .where(Definition.process_id == PLAN)
    )
    if since is None:
        return None
    today = local_date(clock.now(), rt.config.timezone)
    return since + timedelta(days=rt.parameters.current(session).value(DRILL_DAYS, today))


def remind_of_drill(rt: Runtime) -> int:
    """Tell supervisors and management once a month that a drill is due; return to how many it is new."""
    with rt.sessions.step() as session:
        due = drill_due(rt, session)
        if due is None or clock.now() < due:
            return 0
        month = f"{local_date(clock.now(), rt.config.timezone):%Y-%m}"
        people = session.scalars(
            select(Person.id)
            .join(PersonRole, PersonRole.person_id == Person.id)
            .where(PersonRole.role.in_((SUPERVISORS, MANAGEMENT)), Person.active)
            .distinct()
        )
        return leave_notice(rt, session, people, Notice(DRILL_DUE, f"{DRILL_DUE}:{month}"))
