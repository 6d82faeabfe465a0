"""Training as rows for screens: one's own, the sessions, and who is covered by what (R67, R68)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import String, case, distinct, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import NotFound
from engine.people.actor import Actor
from engine.people.roles import TRAINED
from engine.quality.training.records import CONTENTS, KEEP, covered_until
from engine.read.paging import Order, Page, page
from engine.store.base import table_of
from engine.store.tables.people import Person, PersonRole
from engine.store.tables.training import TrainingRecord, TrainingSession

_RECORD, _SESSION = table_of(TrainingRecord).c, table_of(TrainingSession).c
_PERSON = table_of(Person).c
_BY_NAME = Order("name", (_PERSON.username,))
_NEWEST = Order("planned", (_SESSION.planned_on, _SESSION.id), descending=True)
MOST_RECORDS: Final = 200
SOON: Final = timedelta(days=30)


def training_of(session: Session, actor: Actor, username: str | None = None) -> dict[str, Any]:
    """Return a person's coverage and records, the newest first; without `username` the actor's own.

    What the test said is for the person, for who keeps the register, and for auditors. Raises NotFound, also
    where the actor may not see it.
    """
    name = username or actor.username
    person = session.execute(
        select(Person.id, Person.username, Person.display_name, Person.training_valid_until).where(
            Person.username == name
        )
    ).one_or_none()
    if person is None or (name != actor.username and not actor.may("training.read_all")):
        raise NotFound("there is no such person, or it is not one whose training you may see")
    query = select(*_RECORD, _SESSION.title).outerjoin(TrainingSession, _SESSION.id == _RECORD.session_id)
    query = query.where(_RECORD.person_id == person.id)
    rows = session.execute(query.order_by(_RECORD.held_on.desc(), _RECORD.id.desc()).limit(MOST_RECORDS))
    records = [dict(row._mapping) for row in rows]
    if name != actor.username and not actor.may(KEEP):
        for row in records:
            row["score"] = None
    covered = covered_until((row["contents"], row["valid_until"]) for row in records if row["passed"])
    return {
        "username": person.username,
        "display_name": person.display_name,
        "valid_until": person.training_valid_until,
        "is_valid": _is_valid(person.training_valid_until),
        "contents": _states(covered),
        "records": records,
    }


def coverage(
    session: Session,
    actor: Actor,
    *,
    everybody: bool = False,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return the active people who handle complaints (or everybody) and how each content is covered.

    Raises Forbidden.
    """
    actor.require("training.read_all")
    columns = (
        _PERSON.id,
        _PERSON.username,
        _PERSON.display_name,
        _PERSON.department_id,
        _PERSON.training_valid_until,
    )
    query = select(*columns).where(_PERSON.active)
    if not everybody:
        query = query.where(_PERSON.id.in_(_who_needs_it()))
    found = page(session, query, _BY_NAME, limit=limit, cursor=cursor)
    covered = _covered(session, [row["id"] for row in found.items])
    for row in found.items:
        own = covered[row.pop("id")]
        row["contents"] = _states(own)
        row["valid_until"] = row.pop("training_valid_until")
        row["is_valid"] = _is_valid(row["valid_until"])
    return found


def coverage_totals(session: Session, actor: Actor) -> dict[str, Any]:
    """Return of how many people who handle complaints each content is covered now, and how many are trained.

    Raises Forbidden.
    """
    actor.require("training.read_all")
    now = clock.now()
    needs_it = (_PERSON.active, _PERSON.id.in_(_who_needs_it()))
    trained = func.coalesce(func.sum(case((_PERSON.training_valid_until > now, 1), else_=0)), 0)
    people = session.execute(select(func.count(), trained).where(*needs_it)).one()
    written = type_coerce(_RECORD.contents, String)
    covered = (
        func.count(distinct(case((written.contains(f'"{each}"'), _RECORD.person_id)))) for each in CONTENTS
    )
    counts = session.execute(
        select(*covered)
        .join(Person, _PERSON.id == _RECORD.person_id)
        .where(*needs_it, _RECORD.passed, _RECORD.valid_until > now)
    ).one()
    contents = dict(zip(CONTENTS, counts, strict=True))
    return {"people": people[0], "trained": int(people[1]), "contents": contents}


def without_training(session: Session) -> list[str]:
    """Return the usernames of active people who handle complaints and hold no valid training now."""
    query = select(Person.username).where(
        Person.active,
        Person.id.in_(_who_needs_it()),
        or_(Person.training_valid_until.is_(None), Person.training_valid_until <= clock.now()),
    )
    return list(session.scalars(query.order_by(Person.username)))


def session_list(
    session: Session,
    actor: Actor,
    *,
    year: int | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return the sessions, the latest planned first, with how many attended and passed. Raises Forbidden."""
    actor.require("training.read")
    attended = select(func.count(distinct(_RECORD.person_id))).where(_RECORD.session_id == _SESSION.id)
    query = select(
        *(column for column in _SESSION if column.name != "created_at"),
        attended.scalar_subquery().label("attended"),
        attended.where(_RECORD.passed).scalar_subquery().label("passed"),
    )
    if year is not None:
        query = query.where(
            _SESSION.planned_on >= date(year, 1, 1), _SESSION.planned_on <= date(year, 12, 31)
        )
    return page(session, query, _NEWEST, limit=limit, cursor=cursor)


def _who_needs_it() -> Any:
    return select(PersonRole.person_id).where(PersonRole.role.in_(sorted(TRAINED)))


def _covered(session: Session, ids: list[str]) -> dict[str, dict[str, datetime]]:
    """Return of each person until when each content is covered by their passes."""
    passes: dict[str, list[tuple[list[str], datetime | None]]] = defaultdict(list)
    query = select(_RECORD.person_id, _RECORD.contents, _RECORD.valid_until)
    for row in session.execute(query.where(_RECORD.person_id.in_(ids), _RECORD.passed)):
        passes[row.person_id].append((row.contents, row.valid_until))
    return {each: covered_until(passes[each]) for each in ids}


def _states(covered: dict[str, datetime]) -> dict[str, dict[str, Any]]:
    """Return for each content until when it is covered, and its state: valid, soon, expired or missing."""
    now = clock.now()
    states = {}
    for each in CONTENTS:
        until = covered.get(each)
        if until is None:
            state = "missing"
        elif until <= now:
            state = "expired"
        else:
            state = "soon" if until <= now + SOON else "valid"
        states[each] = {"until": until, "state": state}
    return states


def _is_valid(until: datetime | None) -> bool:
    return until is not None and until > clock.now()
