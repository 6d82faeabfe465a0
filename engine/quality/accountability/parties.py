"""Who may be what in a file: independent of the case and of one another (R49, Art. 17)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import FormRefused, NotFound
from engine.people.accounts import superiors
from engine.people.acting import load_actor
from engine.people.actor import Actor
from engine.people.roles import MANAGEMENT
from engine.store.tables.cases import Complaint
from engine.store.tables.runtime import Task

DECIDERS: Final = ("decider", "co_decider", "appeal_decider")
ROLES: Final = ("investigator", *DECIDERS)
_WANTED: Final = ("person", "conduct", "consequence", "charge", "investigator", *DECIDERS)


def check_assessment(
    session: Session, actor: Actor, complaint_no: str | None, values: Mapping[str, Any]
) -> None:
    """Judge what compliance decided about a file: everything is said, nobody judges their own case.

    Raises FormRefused by field.
    """
    if values.get("assess_decision") == "no_fault":
        wanted: tuple[str, ...] = ("assess_reason", "decider")
        named = {"decider": str(values.get("decider") or "")}
    else:
        wanted = _WANTED
        named = {role: str(values.get(role) or "") for role in ROLES}
    errors = {name: ["is needed"] for name in wanted if not values.get(name)}
    person = str(values.get("person") or "") if "person" in wanted else ""
    if person == actor.username:
        errors["person"] = ["you cannot assess what is about yourself; a colleague must"]
    errors = {**conflicts(session, actor, complaint_no, person, named), **errors}
    if errors:
        raise FormRefused("the matter cannot be assessed so: see the fields", errors)


def conflicts(
    session: Session, actor: Actor, complaint_no: str | None, person: str, named: Mapping[str, str]
) -> dict[str, list[str]]:
    """Return why somebody cannot be what `named` says of them, by role: `actor` assesses `person`."""
    errors: dict[str, list[str]] = {}
    worked, worked_alone = _worked(session, complaint_no)
    above = superiors(session, person) if person else []
    for role, username in named.items():
        if not username:
            continue
        if why := _barred(session, role, username, person, above):
            errors[role] = [why]
        elif username == actor.username:
            errors[role] = ["you assess the matter yourself; it takes somebody else"]
        elif username in (worked if role == "investigator" else worked_alone):
            errors[role] = ["worked on this complaint; it takes somebody else"]
        elif any(other != role and named[other] == username for other in named):
            errors[role] = ["has another part in this file; it takes somebody else"]
    return errors


def _barred(session: Session, role: str, username: str, person: str, above: list[str]) -> str | None:
    """Why somebody cannot have a role towards a person; None where they can."""
    try:
        who = load_actor(session, username)
    except NotFound:
        return "there is nobody of that name"
    if username == person:
        return "it is about them"
    if role == "investigator":
        if username in above:
            return "is a superior of the person; it takes somebody independent"
        return None if who.may("task.work") else "does no tasks"
    if MANAGEMENT not in who.roles:
        return "does not belong to the management"
    return "is the person's direct superior; it takes somebody else" if username in above[:1] else None


def _worked(session: Session, complaint_no: str | None) -> tuple[set[str], set[str]]:
    """Return who has to do with a case, as whom it is about too, and who by other than a vote of the
    management.
    """
    columns = select(Task.completed_by, Task.candidate_groups)
    rows = session.execute(columns.where(Task.complaint_no == complaint_no, Task.completed_by.is_not(None)))
    everybody, alone = set(), set()
    for username, groups in rows:
        everybody.add(str(username))
        if MANAGEMENT not in groups:
            alone.add(str(username))
    case = session.execute(select(Complaint.handler, Complaint.facts).where(Complaint.no == complaint_no))
    row = case.one_or_none()
    has = {str(each) for each in (row.handler, row.facts.get("accused")) if each} if row else set()
    return everybody | has, alone | has
