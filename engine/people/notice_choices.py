"""How everybody wants to be told of what: in the page, by mail, on their devices, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from marshmallow import ValidationError, validate
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.people.actor import Actor
from engine.store.tables.people import Person
from engine.store.tables.workplace import NoticeChoice
from engine.store.upsert import insert_into

CASE: Final = "case"
"""What processes tell of cases: urgent ones, warnings, escalations. It always comes into the page (R11)."""


@dataclass(frozen=True, slots=True)
class Ways:
    """In which ways somebody is told of a kind of notice."""

    page: bool
    mail: bool = False
    push: bool = True
    """On the devices that the person has chosen; without any, nowhere."""


USUAL: Final[Mapping[str, Ways]] = {
    "assigned": Ways(page=True),
    "delegated": Ways(page=True),
    "mention": Ways(page=True),
    "due-soon": Ways(page=True),
    "overdue": Ways(page=True),
    "group-task": Ways(page=False, push=False),
    CASE: Ways(page=True),
}
"""The kinds that people choose ways for, and what holds without a choice."""

_CHOSEN_AS: Final[Mapping[str, str]] = {
    "handed-back": "delegated",
    "delegate-done": "delegated",
    "loan-over": "delegated",
    "taken-back": "assigned",
}
"""Kinds that share the choice of another."""


def ways_of(session: Session, person_ids: Iterable[str], kind: str) -> dict[str, Ways]:
    """Return for each person how they are told of a kind of notice."""
    named = _CHOSEN_AS.get(kind, kind)
    key = named if named in USUAL else CASE
    ids = sorted(set(person_ids))
    rows = session.execute(
        select(NoticeChoice.person_id, NoticeChoice.page, NoticeChoice.mail, NoticeChoice.push).where(
            NoticeChoice.kind == key, NoticeChoice.person_id.in_(ids)
        )
    )
    chosen = {row.person_id: Ways(row.page or key == CASE, row.mail, row.push) for row in rows}
    return {person_id: chosen.get(person_id, USUAL[key]) for person_id in ids}


def choices(session: Session, actor: Actor) -> dict[str, Ways]:
    """Return the actor's ways by kind."""
    return {kind: ways_of(session, [actor.id], kind)[actor.id] for kind in USUAL}


def choose(session: Session, actor: Actor, ways: Mapping[str, Ways]) -> None:
    """Keep the actor's ways. Raises InvalidInput for an unknown kind."""
    if unknown := sorted(set(ways) - set(USUAL)):
        raise InvalidInput(f"there is no kind of notice {unknown[0]!r}", {"kind": [unknown[0]]})
    for kind, way in ways.items():
        values = {"page": way.page or kind == CASE, "mail": way.mail, "push": way.push}
        row = insert_into(session, NoticeChoice).values(person_id=actor.id, kind=kind, **values)
        keys = [NoticeChoice.person_id, NoticeChoice.kind]
        session.execute(row.on_conflict_do_update(index_elements=keys, set_=values))


def set_email(session: Session, actor: Actor, email: str) -> None:
    """Keep where the actor gets mail; empty for nowhere. Raises InvalidInput."""
    address = email.strip()
    try:
        if address:
            validate.Email()(address)
    except ValidationError as error:
        raise InvalidInput("the address is no e-mail address", {"email": [str(error.messages[0])]}) from error
    session.execute(update(Person).where(Person.id == actor.id).values(email=address or None))


def email_of(session: Session, person_id: str) -> str:
    """Return where somebody gets mail, or ''."""
    return session.scalar(select(Person.email).where(Person.id == person_id)) or ""
