"""Who is given a complaint registered without a handler: skill, load and conflicts of interest (R19).

The table `assignment` judges each handler; we count what it asks for. With the parameter at 0 nobody is given
a case: whoever of the group takes it has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.deadlines import local_date
from engine.people.roles import HANDLERS, SUPERVISORS
from engine.runtime.notices import Notice, leave_notice
from engine.runtime.step import Step
from engine.store.tables.cases import Complaint
from engine.store.tables.people import Person, PersonRole
from engine.store.tables.runtime import Task
from engine.store.tables.workplace import Absence

MOST_OPEN: Final = "assignment.most_open_tasks"
"""The parameter: with so many open tasks nobody is given another case; 0 gives cases to nobody."""
ASSIGNMENT: Final = "assignment"
"""The decision that judges one handler: `{suitable, score, reason}`."""
UNASSIGNED: Final = "unassigned"
"""The kind of notice to the supervisors where nobody is suitable."""
KNOWN_FOR = timedelta(days=90)
"""How far back complaints of the same category count as experience."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is given the case (None: nobody is suitable), and how each handler was judged, by user name."""

    handler: str | None
    reasons: Mapping[str, str] = field(default_factory=dict)


def choose_handler(step: Step, session: Session, row: Mapping[str, Any]) -> Choice | None:
    """Return who is to handle a case just registered; None where cases are given to nobody by themselves."""
    rt, received_at = step.rt, row["received_at"]
    day = local_date(received_at, rt.config.timezone)
    if rt.parameters.current(session).value(MOST_OPEN, day) == 0 or ASSIGNMENT not in step.bundle.decisions:
        return None
    judged: dict[str, Mapping[str, Any]] = {}
    load: dict[str, int] = {}
    for candidate in _candidates(step, session, row):
        name, load[name] = candidate["username"], candidate["open_tasks"]
        scope = {**candidate, "received_at": received_at}
        judged[name] = step.bundle.decide(ASSIGNMENT, scope, step.functions).value or {}
    suitable = [name for name, found in judged.items() if found.get("suitable") is True]
    best = min(suitable, key=lambda name: (-judged[name]["score"], load[name], name), default=None)
    return Choice(best, {name: str(found.get("reason")) for name, found in judged.items()})


def tell_supervisors(step: Step, session: Session, complaint_no: str) -> None:
    """Leave a notice for every supervisor: somebody has to be found for this case."""
    leave_notice(
        step.rt, session, _active(session, SUPERVISORS), Notice(UNASSIGNED, complaint_no, complaint_no)
    )


def _active(session: Session, role: str) -> list[str]:
    query = select(Person.id).join(PersonRole, PersonRole.person_id == Person.id)
    return list(session.scalars(query.where(PersonRole.role == role, Person.active)))


def _candidates(step: Step, session: Session, row: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Give for each handler what the table asks for."""
    now, accused = step.now, row["facts"].get("accused")
    people = session.execute(
        select(
            Person.id, Person.username, Person.department_id, Person.superior_id, Person.training_valid_until
        )
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(PersonRole.role == HANDLERS, Person.active)
        .order_by(Person.username)
    ).all()
    names = [person.username for person in people]
    tasks, cases = _open_tasks(session, names), _cases_like(session, names, row)
    away = set(
        session.scalars(select(Absence.person_id).where(Absence.begins_at <= now, Absence.ends_at > now))
    )
    accused_id = session.scalar(select(Person.id).where(Person.username == accused)) if accused else None
    for person in people:
        until = person.training_valid_until
        yield {
            "username": person.username,
            "is_accused": person.username == accused,
            "reports_to_accused": accused_id is not None and person.superior_id == accused_id,
            "trained": until is not None and until > now,
            "absent": person.id in away,
            "open_tasks": tasks.get(person.username, 0),
            "same_department": row["department_id"] is not None
            and person.department_id == row["department_id"],
            "experience": cases.get(person.username, 0),
        }


def _open_tasks(session: Session, names: list[str]) -> dict[str, int]:
    query = select(Task.assignee, func.count()).where(Task.assignee.in_(names), Task.state == "open")
    return {str(name): count for name, count in session.execute(query.group_by(Task.assignee))}


def _cases_like(session: Session, names: list[str], row: Mapping[str, Any]) -> dict[str, int]:
    query = select(Complaint.handler, func.count()).where(
        Complaint.handler.in_(names),
        Complaint.received_at >= row["received_at"] - KNOWN_FOR,
        Complaint.category == row["category"],
    )
    return {str(name): count for name, count in session.execute(query.group_by(Complaint.handler))}
