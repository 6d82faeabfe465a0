"""The people of the demo: two departments that handle, their superiors, and everybody around them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import clock
from engine.people import roles
from engine.people.accounts import add_person
from engine.people.actor import SYSTEM
from engine.people.departments import DEPARTMENT_NAMES, add_department
from engine.people.skills import PRODUCT
from engine.store.ids import new_id
from engine.store.tables.people import Person, PersonSkill
from engine.store.tables.training import TrainingRecord

TRAINING_VALID_FOR = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class _Demo:
    username: str
    display_name: str
    role: str
    department: str
    superior: str | None = None
    product: str | None = None  # a product line that they know


# Superiors stand before those who report to them.
_PEOPLE = (
    _Demo("management", "周明遠", roles.MANAGEMENT, "management"),
    _Demo("management2", "吳佩珊", roles.MANAGEMENT, "management"),
    _Demo("management3", "鄭國棟", roles.MANAGEMENT, "management"),
    _Demo("supervisor", "陳雅文", roles.SUPERVISORS, "loan-operations", "management"),
    _Demo("supervisor2", "林志豪", roles.SUPERVISORS, "collections", "management2"),
    _Demo("handler", "王思琪", roles.HANDLERS, "loan-operations", "supervisor", "教育分期"),
    _Demo("handler2", "李俊傑", roles.HANDLERS, "collections", "supervisor2", "車輛分期"),
    _Demo("agent", "張曉彤", roles.AGENTS, "customer-service", "supervisor"),
    _Demo("agent2", "劉家豪", roles.AGENTS, "customer-service", "supervisor2"),
    _Demo("monitor", "黃麗華", roles.SUPERVISION_GROUP, "complaint-management", "management"),
    _Demo("monitor2", "許文彬", roles.SUPERVISION_GROUP, "complaint-management", "management"),
    _Demo("compliance", "蔡淑芬", roles.COMPLIANCE, "compliance", "management2"),
    _Demo("analyst", "楊子軒", roles.COMPLAINT_MANAGEMENT, "complaint-management", "management"),
    _Demo("auditor", "何敏儀", roles.AUDITORS, "internal-audit", "management3"),
    _Demo("owner", "郭承恩", roles.PROCESS_OWNERS, "complaint-management", "management"),
    _Demo("admin", "謝偉倫", roles.ADMINISTRATORS, "information-technology", "management3"),
)


def add_demo_people(session: Session) -> list[str]:
    """Add the departments and users of the demo that are missing; returns the usernames added.

    The password of each is the username followed by `-demo`.
    """
    for department_id, names in DEPARTMENT_NAMES.items():
        add_department(session, department_id, names["zh-Hant"])
    there = set(session.scalars(select(Person.username)))
    training = clock.now() + TRAINING_VALID_FOR
    missing = [person for person in _PEOPLE if person.username not in there]
    for person in missing:
        person_id = add_person(
            session,
            person.username,
            person.display_name,
            roles=[person.role],
            password=f"{person.username}-demo",
            department_id=person.department,
            superior=person.superior,
            training_valid_until=training,
        )
        if person.product:
            session.execute(
                insert(PersonSkill).values(person_id=person_id, kind=PRODUCT, value=person.product)
            )
        session.execute(
            insert(TrainingRecord).values(
                id=new_id(),
                person_id=person_id,
                contents=["process", "communication", "law"],
                held_on=clock.now().date(),
                passed=True,
                valid_until=training,
                source="transition",
                recorded_by=SYSTEM.username,
                at=clock.now(),
            )
        )
    return [person.username for person in missing]
