"""Which cases should have an accountability file: what happened in them, and since when (R49).

Read from what is kept anyway, so that nothing is missed while no worker runs, and nothing is found twice: the
cause and the case make the key of a file, which is opened once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, select
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.archive.retention import HoldGround
from engine.domain.complaint import UNFINISHED, Channel, Status
from engine.quality.files import FILE
from engine.quality.kinds import FINDING, INQUIRY
from engine.store.base import table_of
from engine.store.json_text import JsonText
from engine.store.tables.archive import LegalHold
from engine.store.tables.cases import Complaint
from engine.store.tables.models import Bundle
from engine.store.tables.runtime import Task

LOOK_BACK: Final = timedelta(days=400)
"""What happened longer ago is asked for no more."""
_LONGEST_LIMIT: Final = timedelta(days=120)
"""No limit with its extension is longer after the original date."""
MOST: Final = 200
ESCALATED_TO: Final = "acknowledge-above"
"""The step of the family `complaint` by which an urgent report that nobody acknowledged goes on."""
MANUAL: Final = "manual"
_CASE, _TASK, _HOLD = table_of(Complaint).c, table_of(Task).c, table_of(LegalHold).c


@dataclass(frozen=True, slots=True)
class _Asked:
    """From when on, at most how many of each cause, and of which case (None: of all)."""

    since: datetime
    limit: int
    complaint_no: str | None


@dataclass(frozen=True, slots=True)
class Owed:
    """A case that should have a file: for which cause, since when, and who had the case (to be judged)."""

    cause: str
    complaint_no: str
    at: datetime
    person: str | None = None
    finding: str | None = None
    count: int = 0
    """How many files of this cause there are about the case: several by hand alone."""

    @property
    def key(self) -> str:
        """What makes the file one: the cause and the case; of a finding, the finding."""
        key = key_of(self.cause, self.finding or self.complaint_no)
        return f"{key}:{self.count + 1}" if self.count else key


def key_of(cause: str, number: str) -> str:
    """Return the key under which the file of a cause is opened once."""
    return f"account:{cause}:{number}"


def owed(
    session: Session, since: datetime, *, limit: int = MOST, complaint_no: str | None = None
) -> list[Owed]:
    """Return what happened from `since` on and has no file yet, the newest first; of each cause at most
    `limit`. With `complaint_no`, what happened in that case alone.
    """
    asked = _Asked(max(since, clock.now() - LOOK_BACK), limit, complaint_no)
    found = [each for query in _QUERIES for each in query(session, asked)]
    return sorted(found, key=lambda each: (each.at, each.key), reverse=True)


def watched_since(session: Session) -> datetime | None:
    """Return since when files open by themselves: the family's first deployment; None before it."""
    return session.scalar(select(func.min(Bundle.deployed_at)).where(Bundle.family == "accountability"))


def _late(session: Session, asked: _Asked) -> Iterator[Owed]:
    """Cases whose limit, extended in time, passed before the customer was told (K1).

    Those that still wait and those that were answered late are few each, and have an index each; of both
    together the newest are given.
    """
    now = clock.now()
    until: Any = case((_CASE.extension_valid, _CASE.extended_until), else_=_CASE.due_at)
    answered: Any = func.coalesce(_CASE.notified_at, _CASE.closed_at)
    past = and_(
        _CASE.due_at >= asked.since - _LONGEST_LIMIT,
        _CASE.due_at <= now,
        until >= asked.since,
        until <= now,
    )
    found = [
        each
        for late in (
            and_(_CASE.status.in_(UNFINISHED), answered.is_(None)),
            and_(_CASE.due_at <= answered, until <= answered),
        )
        for each in _owed(session, "late", _cases("late", until, asked).where(past, late))
    ]
    found.sort(key=lambda each: each.complaint_no)
    found.sort(key=lambda each: each.at, reverse=True)
    return iter(found[: asked.limit])


def _urgent(session: Session, asked: _Asked) -> Iterator[Owed]:
    """Urgent cases whose report went on to the next superior, because nobody acknowledged it (R11)."""
    went_on = select(func.min(_TASK.created_at, type_=_TASK.created_at.type)).where(
        _TASK.complaint_no == _CASE.no, _TASK.element_id == ESCALATED_TO
    )
    at: Any = went_on.scalar_subquery()
    query = _cases("urgent", at, asked).where(
        _CASE.received_at >= asked.since - _LONGEST_LIMIT, _CASE.urgent, at >= asked.since
    )
    return (Owed(each.cause, each.complaint_no, each.at) for each in _owed(session, "urgent", query))


def _repeat(session: Session, asked: _Asked) -> Iterator[Owed]:
    """Cases that repeat an earlier one (R47, D8)."""
    query = _cases("repeat", _CASE.received_at, asked)
    return _owed(
        session, "repeat", query.where(_CASE.received_at >= asked.since, _CASE.repeat_of.is_not(None))
    )


def _regulator(session: Session, asked: _Asked) -> Iterator[Owed]:
    """Cases that the regulator referred."""
    return _came_by(session, "regulator", Channel.REGULATOR, asked)


def _inquiry(session: Session, asked: _Asked) -> Iterator[Owed]:
    """Cases that the regulator asked about, since the first inquiry into each (R64)."""
    about = (
        select(FILE.c.complaint_no, func.min(FILE.c.opened_at, type_=FILE.c.opened_at.type).label("at"))
        .where(
            FILE.c.kind == INQUIRY.name,
            FILE.c.opened_at >= asked.since,
            FILE.c.complaint_no.is_not(None),
            *_of_case(asked, FILE.c.complaint_no),
        )
        .group_by(FILE.c.complaint_no)
        .subquery()
    )
    query = _cases("inquiry", about.c.at, asked)
    return _owed(session, "inquiry", query.join(about, about.c.complaint_no == _CASE.no))


def _media(session: Session, asked: _Asked) -> Iterator[Owed]:
    """Cases that the media took up."""
    return _came_by(session, "media", Channel.MEDIA, asked)


def _court(session: Session, asked: _Asked) -> Iterator[Owed]:
    """Cases that came from a court or mediation, or are held for a lawsuit, be it lifted since."""
    held = (
        select(_HOLD.complaint_no, func.min(_HOLD.placed_at, type_=_HOLD.placed_at.type).label("at"))
        .where(
            _HOLD.ground == str(HoldGround.LAWSUIT),
            _HOLD.placed_at >= asked.since,
            *_of_case(asked, _HOLD.complaint_no),
        )
        .group_by(_HOLD.complaint_no)
        .subquery()
    )
    query = _cases("court", held.c.at, asked).join(held, held.c.complaint_no == _CASE.no)
    yield from _came_by(session, "court", Channel.COURT, asked)
    yield from _owed(session, "court", query.where(_CASE.channel != str(Channel.COURT)))


def _came_by(session: Session, cause: str, channel: Channel, asked: _Asked) -> Iterator[Owed]:
    query = _cases(cause, _CASE.received_at, asked)
    by = query.where(_CASE.received_at >= asked.since, _CASE.channel == str(channel))
    return _owed(session, cause, by)


def _cases(cause: str, at: Any, asked: _Asked) -> Any:
    return (
        select(_CASE.no, _CASE.handler, at.label("at"))
        .where(
            _CASE.status != str(Status.NOT_A_COMPLAINT),
            _CASE.registered_at.is_not(None),
            ~_has_file(literal(f"account:{cause}:") + _CASE.no),
            *_of_case(asked, _CASE.no),
        )
        .order_by(at.desc(), _CASE.no)
        .limit(asked.limit)
    )


def _of_case(asked: _Asked, number: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    return [] if asked.complaint_no is None else [number == asked.complaint_no]


def _owed(session: Session, cause: str, query: Any) -> Iterator[Owed]:
    return (Owed(cause, row.no, row.at, row.handler) for row in session.execute(query))


def _finding(session: Session, asked: _Asked) -> Iterator[Owed]:
    """Serious findings of inspections that stand (R40)."""
    query = select(FILE.c.no, FILE.c.complaint_no, FILE.c.owner, FILE.c.opened_at).where(
        and_(FILE.c.kind == FINDING.name, FILE.c.opened_at >= asked.since),
        FILE.c.status.in_(("confirmed", "followed_up", "sent_back", "closed")),
        JsonText(FILE.c.facts, "severity") == "serious",
        FILE.c.complaint_no.is_not(None),
        *_of_case(asked, FILE.c.complaint_no),
        ~_has_file(literal("account:finding:") + FILE.c.no),
    )
    newest = query.order_by(FILE.c.opened_at.desc(), FILE.c.no).limit(asked.limit)
    return (
        Owed("finding", row.complaint_no, row.opened_at, row.owner, finding=row.no)
        for row in session.execute(newest)
    )


def _has_file(key: ColumnElement[str]) -> ColumnElement[bool]:
    other = FILE.alias()
    return exists(select(other.c.no).where(other.c.source_key == key))


_QUERIES: Final[tuple[Callable[[Session, _Asked], Iterator[Owed]], ...]] = (
    _late,
    _urgent,
    _repeat,
    _regulator,
    _inquiry,
    _media,
    _court,
    _finding,
)
