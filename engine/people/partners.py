"""The register of third-party partners: who works for the company, since when, for whom of ours (Art. 10).

A complaint about a partner keeps the partner's id. What was written as free text (an import, a program, an
earlier version) stays as it was written; figures count it under the partner whose name it is, so that a name
that is added to a partner later maps what is there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.actor import Actor
from engine.store.ids import new_id
from engine.store.tables.measures import CaseMeasure
from engine.store.tables.partners import Partner, PartnerChange, PartnerName
from engine.store.tables.people import Department

READ, MANAGE = "partner.read", "partner.manage"
KINDS: Final = ("loan_platform", "collector", "insurer", "guarantor", "other")
"""Kinds of cooperation (D12)."""
FIELDS: Final = ("name", "contract_no", "kind", "contact", "active_from", "active_until", "department_id")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,63}", re.ASCII)
_LONGEST: Final = {"name": 100, "contract_no": 100, "contact": 400}
_REFUSED: Final = "the partner cannot be saved: see the fields"


def save_partner(
    session: Session, by: Actor, partner_id: str, given: Mapping[str, Any], *, new: bool | None = None
) -> bool:
    """Add a partner or change one; return whether anything changed. `given` has the fields of `FIELDS`.

    `new` says which of the two is meant. Raises Forbidden, InvalidInput by field, NotFound, Conflict (the id
    or name is another's).
    """
    by.require(MANAGE)
    known = session.get(Partner, partner_id, with_for_update=True)
    if new and known is not None:
        raise Conflict(f"there is a partner {partner_id} already")
    if new is False and known is None:
        raise NotFound(f"there is no partner {partner_id}")
    values = _checked(session, partner_id, given)
    before = {name: getattr(known, name) if known is not None else None for name in FIELDS}
    changed = {name: [_plain(before[name]), _plain(values[name])] for name in FIELDS}
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    if not changed:
        return False
    if known is None:
        session.execute(insert(Partner).values(id=partner_id, **values))
    else:
        session.execute(
            update(Partner).where(Partner.id == partner_id).values(**values, version=known.version + 1)
        )
    _keep(session, by, partner_id, changed)
    kind = "partner.added" if known is None else "partner.changed"
    note(session, by.username, kind, {"partner": partner_id, "changed": sorted(changed)})
    for name in (partner_id, values["name"]):
        _know(session, partner_id, name)
    return True


def add_name(session: Session, by: Actor, partner_id: str, name: str) -> None:
    """Let complaints that name a partner so count as that partner's, those that are there included.

    Raises Forbidden, NotFound, InvalidInput, Conflict (the name is another's).
    """
    by.require(MANAGE)
    if session.get(Partner, partner_id) is None:
        raise NotFound(f"there is no partner {partner_id}")
    if not comparable(name) or len(name) > _LONGEST["name"]:
        message = f"takes 1 to {_LONGEST['name']} characters"
        raise InvalidInput(_REFUSED, {"other_name": [message]})
    if _know(session, partner_id, name):
        _keep(session, by, partner_id, {"other_name": [None, name.strip()]})
        note(session, by.username, "partner.named", {"partner": partner_id})


def import_partners(session: Session, by: Actor, rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Save the partners of a file, all or none; return how many rows there were and how many changed.

    A row has `id` beside the fields of a partner. Raises Forbidden, InvalidInput (`rows.N.field`), Conflict.
    """
    errors: dict[str, list[str]] = {}
    changed = 0
    for number, row in enumerate(rows, start=1):
        if unknown := sorted(set(map(str, row)) - {"id", *FIELDS}):
            errors[f"rows.{number}"] = [f"no such column: {', '.join(unknown)}"]
            continue
        try:
            changed += save_partner(session, by, str(row.get("id") or "").strip(), row)
        except InvalidInput as error:
            errors |= {f"rows.{number}.{name}": texts for name, texts in error.errors.items()}
    if errors:
        raise InvalidInput("the partners cannot be imported: see the rows", errors)
    return len(rows), changed


def comparable(name: str) -> str:
    """Return a name as names are compared: width, case and spaces make no other partner."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())[: _LONGEST["name"]]


def partner_of_name(session: Session, text: str) -> str:
    """Return the id of the partner that a text names; the text itself where nobody is called so."""
    found = session.scalar(select(PartnerName.partner_id).where(PartnerName.name == comparable(text)))
    return found or text.strip()


def known_names(session: Session) -> dict[str, str]:
    """Return the partner's id by each name that is known, as names are compared."""
    return {
        row.name: row.partner_id for row in session.execute(select(PartnerName.name, PartnerName.partner_id))
    }


def _know(session: Session, partner_id: str, name: str) -> bool:
    """Keep a name, and count the cases that bear it as the partner's; return whether it is new."""
    known = session.get(PartnerName, compared := comparable(name))
    if known is not None and known.partner_id != partner_id:
        message = f"{name.strip()} is a name of the partner {known.partner_id}"
        raise Conflict(message)
    if known is not None:
        return False
    session.execute(insert(PartnerName).values(name=compared, partner_id=partner_id))
    written = session.scalars(select(CaseMeasure.partner).where(CaseMeasure.partner.is_not(None)).distinct())
    same = [each for each in written if each and each != partner_id and comparable(each) == compared]
    if same:
        session.execute(update(CaseMeasure).where(CaseMeasure.partner.in_(same)).values(partner=partner_id))
    return True


def _keep(session: Session, by: Actor, partner_id: str, changed: Mapping[str, Any]) -> None:
    session.flush()
    session.execute(
        insert(PartnerChange).values(
            id=new_id(), partner_id=partner_id, changed=dict(changed), by=by.username, at=clock.now()
        )
    )


def _checked(session: Session, partner_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    errors: dict[str, list[str]] = {}
    if not _ID.fullmatch(partner_id):
        errors["id"] = ["2 to 64 small letters, digits and hyphens"]
    values: dict[str, Any] = {}
    for name, longest in _LONGEST.items():
        values[name] = str(given.get(name) or "").strip()
        if not 1 <= len(values[name]) <= longest:
            errors[name] = [f"takes 1 to {longest} characters"]
    values["kind"] = str(given.get("kind") or "")
    if values["kind"] not in KINDS:
        errors["kind"] = [f"takes one of {', '.join(KINDS)}"]
    for name in ("active_from", "active_until"):
        values[name] = _day(given.get(name), name, errors)
    if values["active_from"] is None and "active_from" not in errors:
        errors["active_from"] = ["takes a day such as 2026-03-02"]
    first, last = values["active_from"], values["active_until"]
    if first is not None and last is not None and last < first:
        errors["active_until"] = ["lies before the beginning of the cooperation"]
    values["department_id"] = str(given.get("department_id") or "").strip() or None
    if values["department_id"] is not None and session.get(Department, values["department_id"]) is None:
        errors["department_id"] = ["there is no such department"]
    if errors:
        raise InvalidInput(_REFUSED, errors)
    return values


def _day(value: Any, name: str, errors: dict[str, list[str]]) -> date | None:
    if value in (None, ""):
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        errors[name] = ["takes a day such as 2026-03-02"]
        return None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
