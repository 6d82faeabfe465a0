"""The register of partners as rows for screens and programs, and names in cases that are nobody's yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.people.actor import Actor
from engine.people.partners import FIELDS, READ
from engine.read.paging import Order, Page, page
from engine.store.distinct import distinct_values
from engine.store.tables.measures import CaseMeasure
from engine.store.tables.partners import Partner, PartnerChange, PartnerName

MOST_CHOICES: Final = 500
MOST_UNKNOWN: Final = 50
_PARTNER = Partner.__table__.c
_AS_WRITTEN = CaseMeasure.__table__.c.partner


def partner_list(
    session: Session, actor: Actor, *, limit: int | None = None, cursor: str | None = None
) -> Page:
    """Return the partners by id, those whose cooperation has ended too. Raises Forbidden, InvalidInput."""
    actor.require(READ)
    return page(session, select(*_PARTNER), Order("partners", (_PARTNER.id,)), limit=limit, cursor=cursor)


def one_partner(session: Session, actor: Actor, partner_id: str) -> dict[str, Any]:
    """Return a partner with the names that it is known by (`names`) and its `changes`, the newest first.

    Raises Forbidden, NotFound.
    """
    actor.require(READ)
    row = session.get(Partner, partner_id)
    if row is None:
        raise NotFound(f"there is no partner {partner_id}")
    names = select(PartnerName.name).where(PartnerName.partner_id == partner_id).order_by(PartnerName.name)
    changes = (
        select(PartnerChange.changed, PartnerChange.by, PartnerChange.at)
        .where(PartnerChange.partner_id == partner_id)
        .order_by(PartnerChange.id.desc())
        .limit(200)
    )
    return {
        **{name: getattr(row, name) for name in ("id", *FIELDS, "version")},
        "names": list(session.scalars(names)),
        "changes": [dict(each._mapping) for each in session.execute(changes)],
    }


def partner_choices(session: Session, on: date) -> list[tuple[str, str, bool]]:
    """Return who can be chosen for a complaint: id, name, and whether the cooperation runs on a day.

    Those that have ended stand last: complaints about what they did may come later.
    """
    query = select(Partner.id, Partner.name, Partner.active_from, Partner.active_until)
    rows = session.execute(query.order_by(Partner.name, Partner.id).limit(MOST_CHOICES)).all()
    found = [
        (row.id, row.name, row.active_from <= on and (row.active_until is None or row.active_until >= on))
        for row in rows
    ]
    return sorted(found, key=lambda each: not each[2])


def partner_names(session: Session, values: Iterable[str]) -> dict[str, str]:
    """Return the names of partners by id; a text that names none is left out."""
    wanted = sorted(set(values))
    rows = session.execute(select(Partner.id, Partner.name).where(Partner.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def unknown_names(session: Session, actor: Actor) -> list[tuple[str, int]]:
    """Return names in complaints that are no partner's, the most frequent first, with how many cases.

    Raises Forbidden.
    """
    actor.require(READ)
    named = distinct_values(_AS_WRITTEN)
    query = (
        select(named.c.value, func.count())
        .join_from(named, CaseMeasure, named.c.value == _AS_WRITTEN)
        .where(named.c.value != "", named.c.value.not_in(select(Partner.id)))
        .group_by(named.c.value)
        .order_by(func.count().desc(), named.c.value)
        .limit(MOST_UNKNOWN)
    )
    return [(str(row[0]), int(row[1])) for row in session.execute(query)]
