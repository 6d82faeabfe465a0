"""Accountability as rows: what the person concerned sees of theirs, the register, figures without names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.domain.deadlines import local_date
from engine.errors import NotFound
from engine.people.actor import Actor
from engine.quality.accountability.causes import Owed, owed, watched_since
from engine.quality.files import FILE, RECORD
from engine.quality.kinds import ACCOUNTABILITY, CANCELLED
from engine.quality.reading import had_task
from engine.read.paging import Order, Page, page
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.tables.quality import Sanction

SPAN: Final = timedelta(days=365)
FIGURES: Final = "accountability_figures.read"
LEAST: Final = "accountability.least_count"
COUNTED: Final = ("cause", "conduct", "severity", "measure")
UNDER_WAY: Final = "under_way"
_OPENED = Order("newest", (FILE.c.opened_at, FILE.c.no), descending=True)
_SANCTION = table_of(Sanction)
_DECIDED = Order("decided", (_SANCTION.c.decided_at, _SANCTION.c.id), descending=True)
_TOLD: Final = frozenset({"decided", "appealed", "in_force", "lifted", "no_fault"})
_OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "assessment": ("charge", "conduct"),
    "facts": ("evidence_list", "evidence_shown"),
    "statement": ("statement_decision", "statement", "statement_files", "time_reason"),
    "more_time": ("more_time_decision", "more_days"),
    "silence": ("due_at",),
    "receipt": ("receipt_decision", "appeal_grounds"),
}
"""What the person concerned sees of each kind of record: of others' work no more than is told to them."""
_OWN_ONCE_TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    "decision": (
        "matter_decision",
        "measure",
        "authority",
        "effective_from",
        "effective_until",
        "decision_reason",
    ),
    "appeal": ("appeal_outcome", "milder_measure", "appeal_reason"),
}


def own_matters(
    session: Session, actor: Actor, *, limit: int | None = None, cursor: str | None = None
) -> Page:
    """Return the files about the actor whose hearing was opened, the newest first, without who else acts."""
    columns = (FILE.c.no, FILE.c.status, FILE.c.due_at, FILE.c.opened_at, FILE.c.closed_at)
    query = select(*columns).where(_is_own(actor))
    return page(session, query, _OPENED, limit=limit, cursor=cursor)


def own_matter(session: Session, actor: Actor, no: str) -> dict[str, Any]:
    """Return one's own part of a file: charge, evidence, what one said and was told, and the limit.

    Raises NotFound, also before the hearing is opened.
    """
    row = session.execute(select(FILE).where(FILE.c.no == no, _is_own(actor))).one_or_none()
    if row is None:
        raise NotFound("there is no such matter, or it is not one that you may see")
    shown = {**_OWN, **(_OWN_ONCE_TOLD if row.status in _TOLD else {})}
    query = select(RECORD.c.kind, RECORD.c.at, RECORD.c["values"]).where(RECORD.c.file_no == no)
    kept = session.execute(query.order_by(RECORD.c.id)).all()
    told = {row.kind: row for row in kept if row.kind in _OWN_ONCE_TOLD}  # the newest: others were sent back
    records = [
        {"kind": kind, "at": at, "values": {name: values[name] for name in shown[kind] if name in values}}
        for kind, at, values in (row for row in kept if told.get(row.kind, row) is row)
        if kind in shown
    ]
    names = ("no", "status", "instance_id", "complaint_no", "due_at", "opened_at", "closed_at", "subject_id")
    return {name: row._mapping[name] for name in names} | {"records": records}


def _is_own(actor: Actor) -> Any:
    return (FILE.c.kind == ACCOUNTABILITY.name) & (FILE.c.owner == actor.username) & had_task(actor)


def sanctions(session: Session, actor: Actor, *, limit: int | None = None, cursor: str | None = None) -> Page:
    """Return the register of sanctions (R50), the newest first, without one about the actor.

    Raises Forbidden.
    """
    actor.require(ACCOUNTABILITY.read_all)
    others = _SANCTION.c.person.is_(None) | (_SANCTION.c.person != actor.username)
    return page(session, select(_SANCTION).where(others), _DECIDED, limit=limit, cursor=cursor)


def figures(
    rt: Runtime, session: Session, actor: Actor, *, known: Sequence[Owed] | None = None
) -> dict[str, Any]:
    """Return counts of the files of the last 365 days that name nobody, and how many are owed: of `known`
    where the cases that should have a file were read before.

    Counts under the parameter `accountability.least_count` are None; where what is hidden would follow from
    the total, the next smallest is None, too. Raises Forbidden.
    """
    actor.require(FIGURES)
    least = _least(rt, session)
    query = select(FILE.c.status, FILE.c.facts).where(
        FILE.c.kind == ACCOUNTABILITY.name,
        FILE.c.opened_at >= clock.now() - SPAN,
        FILE.c.status != CANCELLED,
    )
    rows = session.execute(query).all()
    found = {
        name: guarded(Counter(str(row.facts[name]) for row in rows if row.facts.get(name)), least)
        for name in COUNTED
    }
    ended = Counter(row.status for row in rows if row.status in ACCOUNTABILITY.final)
    return {
        "files": len(rows) if len(rows) >= least else None,
        "least": least,
        "outcome": guarded(ended, least),
        "owed": _owed_since_watched(session, known),
        **found,
    }


def _owed_since_watched(session: Session, known: Sequence[Owed] | None) -> int:
    """Return how many cases of the time since files open by themselves have none."""
    since = watched_since(session)
    if since is None:
        return 0
    return len(owed(session, since)) if known is None else sum(each.at >= since for each in known)


def overview(rt: Runtime, session: Session, actor: Actor) -> dict[str, Any]:
    """Return what management sees at a glance of the last 365 days, from columns alone: `files` opened, how
    they stand (`outcome`, with `under_way` for what is open) and the `sanctions` by kind; nobody's name, and
    counts that are too few as in `figures`. Raises Forbidden.
    """
    actor.require(FIGURES)
    least, since = _least(rt, session), clock.now() - SPAN
    opened = select(FILE.c.status, func.count()).where(
        FILE.c.kind == ACCOUNTABILITY.name, FILE.c.opened_at >= since, FILE.c.status != CANCELLED
    )
    stand: Counter[str] = Counter()
    for status, count in session.execute(opened.group_by(FILE.c.status)):
        stand[status if status in ACCOUNTABILITY.final else UNDER_WAY] += count
    decided = select(_SANCTION.c.kind, func.count().label("number")).where(_SANCTION.c.decided_at >= since)
    kinds = Counter({row.kind: row.number for row in session.execute(decided.group_by(_SANCTION.c.kind))})
    return {
        "least": least,
        "files": stand.total() if stand.total() >= least else None,
        "outcome": guarded(stand, least),
        "sanctions": guarded(kinds, least),
    }


def _least(rt: Runtime, session: Session) -> int:
    return rt.parameters.current(session).value(LEAST, local_date(clock.now(), rt.config.timezone))


def guarded(counts: Counter[str], least: int) -> dict[str, int | None]:
    """Return the counts with those below `least` as None, and so many of the smallest others that nothing
    below `least` follows from a total either.
    """
    told = [(name, count) for name, count in counts.most_common() if count >= least]
    hidden = counts.total() - sum(count for _, count in told)
    while told and 0 < hidden < least:
        hidden += told.pop()[1]
    shown = dict(told)
    return {name: shown.get(name) for name, _ in counts.most_common()}
