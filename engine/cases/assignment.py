"""Who is given a complaint registered without a handler: skill, load and conflicts of interest (R19).

The table `assignment` judges each handler; we count what it asks for. A case is given where something speaks
for somebody, a skill or the department (the priority that `assignment.least_priority` names); else whoever of
the group takes it has it. With `assignment.most_open_tasks` at 0 nobody is given a case.
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
from engine.people.skills import is_asked_for, skills_of
from engine.runtime.notices import Notice, leave_notice
from engine.runtime.step import Step
from engine.store.tables.cases import Complaint
from engine.store.tables.people import Person, PersonRole
from engine.store.tables.runtime import Task
from engine.store.tables.workplace import Absence

MOST_OPEN: Final = "assignment.most_open_tasks"
"""The parameter: with so many open tasks nobody is given another case; 0 gives cases to nobody."""
LEAST: Final = "assignment.least_priority"
"""The parameter: below this priority of the best one the case waits for whoever of the group takes it."""
ASSIGNMENT: Final = "assignment"
"""The decision that judges one handler: `{suitable, score, reason}`."""
UNASSIGNED: Final = "unassigned"
"""The kind of notice to the supervisors where nobody is suitable."""
KNOWN_FOR = timedelta(days=90)
"""How far back complaints of the same category count as experience."""
MOST_KNOWN: Final = 10
"""Up to how many such complaints are counted: enough to tell who knows them, whatever the register holds."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is given the case (None: nobody is suitable), and how each handler was judged, by user name.

    `skills` are those for which the case was given, as kind and value.
    """

    handler: str | None
    reasons: Mapping[str, str] = field(default_factory=dict)
    skills: tuple[tuple[str, str], ...] = ()


def choose_handler(step: Step, session: Session, row: Mapping[str, Any]) -> Choice | None:
    """Return who is to handle a case just registered; None where it is left to whoever takes it."""
    rt, received_at = step.rt, row["received_at"]
    day, parameters = local_date(received_at, rt.config.timezone), rt.parameters.current(session)
    if parameters.value(MOST_OPEN, day) == 0 or ASSIGNMENT not in step.bundle.decisions:
        return None
    judged: dict[str, Mapping[str, Any]] = {}
    load: dict[str, int] = {}
    skills: dict[str, list[tuple[str, str]]] = {}
    for candidate in _candidates(step, session, row):
        name, load[name] = candidate["username"], candidate["open_tasks"]
        skills[name] = candidate["skills"]
        scope = {**candidate, "skills": len(skills[name]), "received_at": received_at}
        judged[name] = step.bundle.decide(ASSIGNMENT, scope, step.functions).value or {}
    suitable = [name for name, found in judged.items() if found.get("suitable") is True]
    best = min(suitable, key=lambda name: (-judged[name]["score"], load[name], name), default=None)
    if best is not None and judged[best]["score"] < parameters.value(LEAST, day):
        return None
    reasons = {name: str(found.get("reason")) for name, found in judged.items()}
    return Choice(best, reasons, tuple(skills.get(best or "", ())))


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
    skills = skills_of(session, [person.id for person in people])
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
            "skills": [each for each in skills.get(person.id, []) if is_asked_for(each, row)],
            "same_department": row["department_id"] is not None
            and person.department_id == row["department_id"],
            "experience": cases.get(person.username, 0),
        }


def _open_tasks(session: Session, names: list[str]) -> dict[str, int]:
    query = select(Task.assignee, func.count()).where(Task.assignee.in_(names), Task.state == "open")
    return {str(name): count for name, count in session.execute(query.group_by(Task.assignee))}


def _cases_like(session: Session, names: list[str], row: Mapping[str, Any]) -> dict[str, int]:
    """Count of each handler the complaints of the category, up to `MOST_KNOWN`: a look into an index each, in
    one statement that is no longer for many (SQLite takes no union of more than 500).
    """
    some = (
        select(Complaint.no)
        .where(
            Complaint.handler == Person.username,
            Complaint.received_at >= row["received_at"] - KNOWN_FOR,
            Complaint.category == row["category"],
        )
        .limit(MOST_KNOWN)
        .correlate(Person)
        .subquery()
    )
    count = select(func.count()).select_from(some).scalar_subquery()
    query = select(Person.username, count).where(Person.username.in_(names))
    return {str(name): known for name, known in session.execute(query)}
