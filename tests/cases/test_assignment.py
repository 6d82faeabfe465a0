"""Complaints registered without a handler: who is given them, and what if nobody is suitable (R19)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update

from engine import clock
from engine.assembly import Redress
from engine.cases.policy import decide_parameter
from engine.errors import Forbidden, InvalidInput
from engine.people.absence import arrange_absence
from engine.people.skills import Skill, set_skills
from engine.read.assignment import how_assigned
from engine.runtime.commands import claim
from engine.store.tables.audit import History
from engine.store.tables.people import Notification, Person
from tests.driving import complaint, open_tasks
from tests.staff import hire
from tests.world import actor, register

TODAY = date(2026, 3, 2)


@pytest.fixture
def assigning(redress: Redress) -> Redress:
    """Every case is given to somebody, whatever little speaks for them; three are enough."""
    for name, value in (("assignment.most_open_tasks", 3), ("assignment.least_priority", -1000)):
        owner = actor(redress, "owner")
        decide_parameter(redress.runtime, owner, name, value, effective_from=TODAY, reason="自動分配")
    return redress


def judged(redress: Redress) -> dict[str, Any]:
    """Return how the handlers were judged the last time."""
    with redress.sessions.read() as session:
        found = session.scalars(
            select(History.data).where(History.kind == "complaint.assigned").order_by(History.at)
        )
        judged: dict[str, Any] = orjson.loads(list(found)[-1])["judged"]
    return judged


def department_of(redress: Redress, name: str) -> str:
    with redress.sessions.read() as session:
        return str(session.scalars(select(Person.department_id).where(Person.username == name)).one())


def test_a_case_for_which_nothing_names_anybody_waits_for_whoever_takes_it(redress: Redress) -> None:
    for _ in range(2):
        no = register(redress).complaint_no
        assert complaint(redress, no).handler is None
        (task,) = open_tasks(redress, no)
        claim(redress.runtime, actor(redress, "handler2"), task.id)  # and knows this category from then on


def test_skill_and_department_speak_for_somebody_who_is_told_why(redress: Redress) -> None:
    admin = actor(redress, "admin")
    with redress.sessions.step() as session:
        set_skills(
            session, admin, "handler", [("language", "en"), ("product", "信用卡 分期"), ("product", "x")]
        )
        set_skills(session, admin, "handler2", [("category", "service")])
    department = department_of(redress, "handler2")
    cases = {
        "skill": register(redress, product="信用卡 分期", language="en").complaint_no,
        "skill_and_department": register(redress, category="service", department=department).complaint_no,
        "department": register(redress, category="product", department=department).complaint_no,
    }
    found = {why: why_given(redress, no) for why, no in cases.items()}
    assert {why: given["handler"] for why, given in found.items()} == {
        "skill": "handler",
        "skill_and_department": "handler2",
        "department": "handler2",
    }
    assert all(given["judged"][given["handler"]] == why for why, given in found.items())
    assert found["skill"]["skills"] == [["language", "en"], ["product", "信用卡 分期"]]
    assert why_given(redress, register(redress).complaint_no) is None
    about = register(redress, language="en", product="信用卡 分期", accused="handler").complaint_no
    assert complaint(redress, about).handler is None  # and nothing speaks for the other one


def test_a_case_is_registered_and_given_however_many_handlers_there_are(assigning: Redress) -> None:
    more = hire(assigning, 600, trained_until=clock.now() + timedelta(days=1))  # SQLite unites 500 at most
    known = register(assigning, handler=more[-1]).complaint_no
    assert complaint(assigning, known).handler == more[-1]
    assert complaint(assigning, register(assigning).complaint_no).handler == more[-1]
    assert judged(assigning)[more[-1]] == "experience"


@pytest.mark.parametrize("skill", [("music", "x"), ("language", "fr"), ("category", "x"), ("product", " ")])
def test_a_skill_is_a_product_line_a_language_or_a_category(redress: Redress, skill: Skill) -> None:
    with redress.sessions.step() as session, pytest.raises(InvalidInput, match="skills"):
        set_skills(session, actor(redress, "admin"), "handler", [skill])
    with redress.sessions.step() as session, pytest.raises(Forbidden):
        set_skills(session, actor(redress, "supervisor"), "handler", [])


def why_given(redress: Redress, no: str) -> dict[str, Any] | None:
    with redress.sessions.read() as session:
        return how_assigned(session, str(complaint(redress, no).instance_id))


def test_department_experience_and_load_decide_who_is_given_the_case(assigning: Redress) -> None:
    no = register(assigning, department=department_of(assigning, "handler2")).complaint_no
    assert complaint(assigning, no).handler == "handler2"
    (task,) = open_tasks(assigning, no)
    assert task.assignee == "handler2"
    assert judged(assigning) == {"handler": "free", "handler2": "department"}
    experienced = register(assigning).complaint_no
    assert complaint(assigning, experienced).handler == "handler2"
    assert judged(assigning)["handler2"] == "experience"
    other = register(assigning, category="product").complaint_no
    assert complaint(assigning, other).handler == "handler"  # both are free; this one has less to do


def test_nobody_gets_a_complaint_about_themselves_or_their_superior(assigning: Redress) -> None:
    no = register(assigning, accused="handler", department=department_of(assigning, "handler")).complaint_no
    assert complaint(assigning, no).handler == "handler2"
    assert judged(assigning)["handler"] == "accused"
    no = register(assigning, accused="supervisor").complaint_no
    with assigning.sessions.read() as session:
        chief = session.scalars(select(Person.id).where(Person.username == "supervisor")).one()
        below = set(session.scalars(select(Person.username).where(Person.superior_id == chief)))
    assert complaint(assigning, no).handler not in below
    assert {name for name, why in judged(assigning).items() if why == "reports_to_accused"} == below & {
        "handler",
        "handler2",
    }


def test_where_nobody_is_suitable_the_supervisors_are_told_and_the_trail_says_why(assigning: Redress) -> None:
    now = clock.now()
    with assigning.sessions.step() as session:
        arrange_absence(
            session, actor(assigning, "handler"), "handler", "handler2", now, now + timedelta(days=2)
        )
        untrained = update(Person).where(Person.username == "handler2")
        session.execute(untrained.values(training_valid_until=now))
    no = register(assigning).complaint_no
    assert complaint(assigning, no).handler is None
    assert judged(assigning) == {"handler": "absent", "handler2": "untrained"}
    with assigning.sessions.read() as session:
        told = session.scalars(
            select(Person.username)
            .join(Notification, Notification.person_id == Person.id)
            .where(Notification.kind == "unassigned", Notification.complaint_no == no)
        )
        assert set(told) == {"supervisor", "supervisor2"}


def test_who_has_enough_to_do_gets_no_more(assigning: Redress) -> None:
    numbers = [register(assigning).complaint_no for _ in range(7)]
    handlers = [complaint(assigning, no).handler for no in numbers]
    assert handlers.count("handler") == handlers.count("handler2") == 3
    assert handlers[-1] is None
    assert set(judged(assigning).values()) == {"overloaded"}
