"""The complaint register as rows. Personal data stays references here; the vault opens them."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.domain.complaint import Status
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.read.caselist import OPEN_STATUSES, SORTINGS, WantedCases, case_sources
from engine.read.numbers import numbers_with
from engine.read.paging import Page, bounded, merged
from engine.read.visibility import COMPLAINT, concerning, is_about, visible_complaints
from engine.store.tables.cases import CaseRecord, Contact, Extension
from engine.store.tables.channels import SurveyAnswer
from engine.store.tables.documents import Document
from engine.store.tables.privacy import DataSubject

_HIDDEN = {"personal", "facts", "accused", "source", "source_ref", "version"}
_LIST_COLUMNS = tuple(column for column in COMPLAINT if column.name not in _HIDDEN)
_NUMBER = re.compile(r"[A-Za-z0-9-]{1,24}")
ROWS_PER_CASE = 200
"""The most records, contacts, extensions and documents that are shown of one case."""
_PARTS = (
    ("records", CaseRecord),
    ("contacts", Contact),
    ("extensions", Extension),
    ("survey", SurveyAnswer),
    ("documents", Document),
)


def complaint_list(
    session: Session,
    actor: Actor,
    *,
    status: str | None = None,
    grade: int | None = None,
    category: str | None = None,
    sub_code: str | None = None,
    channel: str | None = None,
    handler: str | None = None,
    number: str | None = None,
    overdue: bool = False,
    open_only: bool = False,
    sort: str = "received",
    limit: int | None = None,
    cursor: str | None = None,
) -> Page:
    """Return rows of the register that the actor may see; all filters must hold.

    `number` finds by the beginning of a complaint number or any part of it; `handler` may be `me`. Sorted by
    receipt, newest first (`received`), or by the policy's limit (`due`). Raises InvalidInput.
    """
    if sort not in SORTINGS:
        raise InvalidInput(f"sort is {sort!r}; it takes one of {', '.join(SORTINGS)}", {"sort": [sort]})
    part = _part(number) if number else None
    numbers = None if part is None else numbers_with(session, part)
    wanted = WantedCases(
        _statuses(status, open_only=open_only or overdue),
        grade,
        category,
        channel,
        sub_code,
        actor.username if handler == "me" else handler,
        overdue,
        numbers,
        part if numbers is None else None,
    )
    found = case_sources(session, actor, SORTINGS[sort], wanted)
    shown, following = merged(session, found, limit=bounded(limit), cursor=cursor)
    query = select(*_LIST_COLUMNS).where(COMPLAINT.no.in_(shown))
    rows = {row.no: _as_seen(actor, dict(row._mapping)) for row in session.execute(query)} if shown else {}
    return Page([rows[each] for each in shown if each in rows], following)


def _statuses(status: str | None, *, open_only: bool) -> tuple[str, ...] | None:
    """Return the statuses that are wanted; None for any."""
    if status is None:
        return OPEN_STATUSES if open_only else None
    return () if open_only and status not in OPEN_STATUSES else (status,)


def _part(number: str) -> str:
    part = number.strip()
    if not _NUMBER.fullmatch(part):
        message = "a complaint number has letters, digits and hyphens only"
        raise InvalidInput(message, {"number": [message]})
    return part.upper()


def _as_seen(actor: Actor, row: dict[str, Any]) -> dict[str, Any]:
    """Add how the case stands; an earlier complaint about who looks is not even named."""
    if is_about(actor, row["repeat_of"]):
        row["repeat_of"] = None
    row["is_open"] = row["status"] in OPEN_STATUSES
    row["is_final"] = Status(row["status"]).is_final
    row["is_overdue"] = row["is_open"] and row["due_at"] <= clock.now()
    return row


def complaint(session: Session, actor: Actor, no: str) -> dict[str, Any]:
    """Return one case with its `facts`, `personal` (references), and its parts (`_PARTS`),
    and `erased_at`: when the customer's data was destroyed, else None.

    Raises NotFound, also where the actor may not see it.
    """
    row = session.execute(
        select(*COMPLAINT).where(COMPLAINT.no == no, visible_complaints(actor))
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no complaint {no}, or it is not one that you may see")
    case = _as_seen(actor, dict(row._mapping))
    for name, table in _PARTS:
        columns = table.__table__.c
        shown = [column for column in columns if column.name not in ("sealed_name", "wrapped_key")]
        query = select(*shown).where(columns.complaint_no == no).order_by(columns.id).limit(ROWS_PER_CASE)
        if table is Document:
            query = query.where(columns.media_type != "application/zip")  # the sealed archive itself
        case[name] = [dict(found._mapping) for found in session.execute(query)]
    erased = select(DataSubject.erased_at).where(DataSubject.id == case["subject_id"])
    case["erased_at"] = session.scalars(erased).one_or_none()
    return case


def concerns(session: Session, actor: Actor, no: str) -> bool:
    """Whether the actor has to do with the case, and so may need to know whom it is about (R60)."""
    query = select(COMPLAINT.no).where(COMPLAINT.no == no, concerning(actor))
    return session.execute(query).first() is not None


def open_counts(session: Session, actor: Actor) -> dict[str, int]:
    """Count what is still to be answered (`open`), and what of it is past the policy's date (`overdue`)."""
    late = func.count().filter(COMPLAINT.due_at <= clock.now())
    query = select(func.count(), late).where(COMPLAINT.status.in_(OPEN_STATUSES), visible_complaints(actor))
    row = session.execute(query).one()
    return {"open": row[0], "overdue": row[1]}
