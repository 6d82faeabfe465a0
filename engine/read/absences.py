"""Who is away, until when, and who stands in: as rows for those whom it concerns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from engine import clock
from engine.people.actor import Actor
from engine.read.paging import Order, Page, page
from engine.read.team import ids_below
from engine.store.tables.people import Person
from engine.store.tables.workplace import Absence

_ABSENCE = Absence.__table__.c
_SOONEST = Order("soonest", (_ABSENCE.begins_at, _ABSENCE.id))
_PERSON, _OTHER = aliased(Person), aliased(Person)


def absence_list(
    session: Session, actor: Actor, *, limit: int | None = None, cursor: str | None = None
) -> Page:
    """Return the absences that are not over, the soonest first, each with `can_end`.

    Everybody sees their own, those that they stand in for and those of everybody below them; who may read
    all people sees every one.
    """
    query = _absences().add_columns(_ABSENCE.person_id).where(_ABSENCE.ends_at > clock.now())
    if not actor.may("people.read"):
        concerned = (_ABSENCE.person_id == actor.id, _ABSENCE.substitute_id == actor.id)
        query = query.where(or_(*concerned, _ABSENCE.person_id.in_(ids_below(actor))))
    everyone = actor.may("people.manage")
    below = frozenset() if everyone else frozenset(session.scalars(ids_below(actor)))

    def finish(row: dict[str, Any]) -> dict[str, Any]:
        person_id = row.pop("person_id")
        return row | {"can_end": everyone or person_id == actor.id or person_id in below}

    return page(session, query, _SOONEST, limit=limit, cursor=cursor, finish=finish)


def away(session: Session, usernames: Iterable[str], at: datetime) -> dict[str, dict[str, Any]]:
    """Return of those of `usernames` who are away at an instant their absence, by username."""
    query = _absences().where(
        _PERSON.username.in_(sorted(set(usernames))), _ABSENCE.begins_at <= at, _ABSENCE.ends_at > at
    )
    return {row.username: dict(row._mapping) for row in session.execute(query)}


def _absences() -> Select[Any]:
    return (
        select(
            _ABSENCE.id,
            _PERSON.username,
            _PERSON.display_name,
            _OTHER.username.label("substitute"),
            _OTHER.display_name.label("substitute_name"),
            _ABSENCE.begins_at,
            _ABSENCE.ends_at,
            _ABSENCE.arranged_by,
        )
        .join(_PERSON, _PERSON.id == _ABSENCE.person_id)
        .join(_OTHER, _OTHER.id == _ABSENCE.substitute_id)
    )
