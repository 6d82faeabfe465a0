"""THE table of figures that no complaint carries: of the hotline, the mailbox and chats, of supervision,
measures, training and the regulator (section 4). Each is rows of what was recorded, counted and listed alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import and_, func, literal_column, select
from sqlalchemy.orm import Session

from engine.cases.incoming.hotline import roster_gaps
from engine.domain.kpi import Proportion, percentile
from engine.errors import NotFound
from engine.people.actor import Actor
from engine.people.roles import TRAINED
from engine.quality.agreement import coded_cases
from engine.quality.conditions import Asked
from engine.quality.files import FILE, RECORD
from engine.quality.kinds import CHECK, FINDING, IMPROVEMENT, INSPECTION, RETURN
from engine.quality.supervision.checks import FIRST_DUE
from engine.read.visibility import is_about
from engine.store.base import table_of
from engine.store.json_text import JsonText
from engine.store.tables.audit import History, Verification
from engine.store.tables.channels import Call, CallFigures, Chat, HotlineShift, MailboxCheck
from engine.store.tables.people import Person, PersonRole
from engine.store.unindexed import Unindexed

_RUN, _HISTORY = table_of(Verification), table_of(History).c
REVEALED: Final = literal_column("history.kind") == literal_column("'personal.revealed'")
"""As the index that holds these rows alone says it: with a parameter no database would find it."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A record: what it is called (a number, a day, an id), when, and how many of how many it stands for."""

    name: str
    at: datetime | None
    hits: int
    of: int = 1


Rows = Iterable[Counted]


@dataclass(frozen=True, slots=True)
class RecordFigure:
    """One share. `sampled` says whether chance has a part in it, so that an interval says something."""

    name: str
    topic: str
    clause: str
    rows: Callable[[Session, Asked], Rows]
    good_is_high: bool = True
    sampled: bool = True

    def count(self, session: Session, asked: Asked) -> Proportion:
        """Return the proportion of a period."""
        found = list(self.rows(session, asked))
        return Proportion(sum(each.hits for each in found), sum(each.of for each in found))


def _calls(part: str) -> Callable[[Session, Asked], Rows]:
    def rows(session: Session, asked: Asked) -> Iterator[Counted]:
        for each in session.scalars(
            select(CallFigures)
            .where(CallFigures.begins_at >= asked.start, CallFigures.begins_at < asked.end)
            .order_by(CallFigures.begins_at)
        ):
            yield Counted("", each.begins_at, getattr(each, part), each.offered)

    return rows


def _covered(session: Session, asked: Asked) -> Iterator[Counted]:
    """Each day's minutes in which somebody was on the roster, up to now."""
    until = min(asked.end, asked.now)
    query = select(HotlineShift.begins_at, HotlineShift.ends_at).where(
        HotlineShift.removed_at.is_(None),
        HotlineShift.ends_at > asked.start,
        HotlineShift.begins_at < until,
    )
    shifts = [(row[0], row[1]) for row in session.execute(query)]
    days = [asked.start]
    while shifts and days[-1] < until:
        days.append(min(days[-1] + timedelta(days=1), until))
    for begins, ends in pairwise(days):
        gaps = roster_gaps([each for each in shifts if each[1] > begins and each[0] < ends], begins, ends)
        whole = int((ends - begins).total_seconds() / 60)
        missing = sum((late - early).total_seconds() for early, late in gaps)
        yield Counted("", begins, whole - int(missing / 60), whole)


def _complaint_calls(session: Session, asked: Asked) -> Iterator[Counted]:
    query = select(Call.id, Call.at, Call.complaint_no).where(
        Unindexed(table_of(Call).c.is_complaint), Call.at >= asked.start, Call.at < asked.end
    )
    for row in session.execute(query.order_by(Call.at)):
        yield Counted(row.complaint_no or row.id, row.at, int(row.complaint_no is not None))


def _mailbox(session: Session, asked: Asked) -> Iterator[Counted]:
    """Each day on which the mailbox was to be checked and whose time is over: whether it was, in time."""
    query = select(MailboxCheck).where(
        MailboxCheck.due_at >= asked.start, MailboxCheck.due_at < min(asked.end, asked.now)
    )
    for row in session.scalars(query.order_by(MailboxCheck.day)):
        yield Counted("", row.due_at, int(row.checked_at is not None and row.checked_at <= row.due_at))


def _chats(session: Session, asked: Asked) -> list[Chat]:
    query = select(Chat).where(Chat.began_at >= asked.start, Chat.began_at < asked.end)
    return list(session.scalars(query.order_by(Chat.began_at)))


def _chats_answered(session: Session, asked: Asked) -> Iterator[Counted]:
    for row in _chats(session, asked):
        yield Counted(row.id, row.began_at, int(row.first_response_s is not None))


def _chats_called_back(session: Session, asked: Asked) -> Iterator[Counted]:
    for row in _chats(session, asked):
        if row.first_response_s is None:
            yield Counted(row.id, row.began_at, int(row.called_back_at is not None))


def _files(session: Session, kind: str, *conditions: Any, columns: tuple[Any, ...] = (FILE.c.facts,)) -> Any:
    query = select(FILE.c.no, FILE.c.opened_at, FILE.c.closed_at, FILE.c.due_at, *columns)
    return session.execute(query.where(FILE.c.kind == kind, *conditions).order_by(FILE.c.no))


def _within(column: Any, asked: Asked) -> Any:
    return and_(column >= asked.start, column < asked.end)


def _sampled(session: Session, asked: Asked) -> Iterator[Counted]:
    for row in _files(session, INSPECTION.name, _within(FILE.c.opened_at, asked)):
        if row.facts.get("frame_cases"):
            yield Counted(row.no, row.opened_at, row.facts["sample_size"], row.facts["frame_cases"])


def _checks(session: Session, asked: Asked) -> Iterator[Counted]:
    for row in _files(session, CHECK.name, _within(FILE.c.closed_at, asked)):
        yield Counted(row.no, row.closed_at, int(row.facts.get("deficient") == 0))


def _findings_in_time(session: Session, asked: Asked) -> Iterator[Counted]:
    """Findings whose first date lies in the period and is past, or that are closed: whether by that date.

    A date only moves on, so that those of earlier periods are not looked at.
    """
    standing = FILE.c.status.not_in(("cancelled", "lifted"))
    for row in _files(session, FINDING.name, FILE.c.due_at > asked.start, standing):
        kept = row.facts.get(FIRST_DUE)  # of a finding that stood before it was kept, its last date counts
        due_at = datetime.fromisoformat(kept) if kept else row.due_at
        if asked.start < due_at <= asked.end and (due_at <= asked.now or row.closed_at is not None):
            yield Counted(row.no, due_at, int(row.closed_at is not None and row.closed_at < due_at))


def _measures_done(session: Session, asked: Asked) -> Iterator[Counted]:
    """Measures to be carried out in the period and past their date, or carried out: whether by it."""
    done = select(func.min(RECORD.c.at)).where(
        RECORD.c.file_no == FILE.c.no, Unindexed(RECORD.c.kind) == "execution"
    )
    query = select(FILE.c.no, FILE.c.due_at, done.scalar_subquery().label("done_at")).where(
        FILE.c.kind == IMPROVEMENT.name,
        FILE.c.due_at > asked.start,
        FILE.c.due_at <= asked.end,
        FILE.c.status.not_in(("dropped", "cancelled")),
    )
    for row in session.execute(query.order_by(FILE.c.no)):
        if row.done_at is not None or row.due_at <= asked.now:
            yield Counted(row.no, row.due_at, int(row.done_at is not None and row.done_at < row.due_at))


def _records(session: Session, kind: str, asked: Asked) -> Iterable[Any]:
    """The records of a kind that were made in the period: of which file, when, and what they say."""
    query = select(RECORD.c.file_no, RECORD.c.at, RECORD.c["values"].label("said"))
    query = query.where(RECORD.c.kind == kind, _within(RECORD.c.at, asked))
    return session.execute(query.order_by(RECORD.c.file_no, RECORD.c.id))


def _effective(session: Session, asked: Asked) -> Iterator[Counted]:
    """Each comparison of before and after that was made in the period."""
    for row in _records(session, "comparison", asked):
        yield Counted(row.file_no, row.at, int(row.said.get("verdict") == "effective"))


def _trained(session: Session, asked: Asked) -> Iterator[Counted]:
    """Everybody who handles complaints now: whether they hold valid training, whatever the period."""
    roles = select(PersonRole.person_id).where(PersonRole.role.in_(sorted(TRAINED)))
    query = select(Person.username, Person.training_valid_until).where(Person.active, Person.id.in_(roles))
    for row in session.execute(query.order_by(Person.username)):
        until = row.training_valid_until
        yield Counted(row.username, until, int(until is not None and until > asked.now))


def _told_in_time(session: Session, asked: Asked) -> Iterator[Counted]:
    """Reports and answers sent to the regulator in the period, and returns filed: whether by their date."""
    for kind in ("major_timing", "inquiry_timing"):
        for row in _records(session, kind, asked):
            yield Counted(row.file_no, row.at, int(not row.said.get("late")))
    filed = (_within(FILE.c.closed_at, asked), FILE.c.due_at.is_not(None))
    for row in _files(session, RETURN.name, *filed, columns=()):
        yield Counted(row.no, row.closed_at, int(row.closed_at < row.due_at))


def _corrected(session: Session, asked: Asked) -> Iterator[Counted]:
    for row in _files(session, RETURN.name, FILE.c.status == "filed", _within(FILE.c.closed_at, asked)):
        yield Counted(row.no, row.closed_at, int(int(row.facts.get("version", 1)) > 1))


def _alike(code: str) -> Callable[[Session, Asked], Rows]:
    """Cases closed in the period that were coded a second time: whether both coded them alike."""

    def rows(session: Session, asked: Asked) -> Iterator[Counted]:
        for each in coded_cases(session, asked):
            yield Counted(each.complaint_no, each.at, int(each.first[code] == each.second[code]))

    return rows


def _verified(session: Session, asked: Asked) -> Iterator[Counted]:
    """Verifications of the trail by schedule that ended in the period: whether everything held."""
    query = select(_RUN.c.scope, _RUN.c.state, _RUN.c.ended_at).where(
        _within(_RUN.c.ended_at, asked), Unindexed(_RUN.c.scheduled)
    )
    for row in session.execute(query.order_by(_RUN.c.ended_at)):
        yield Counted(row.scope, row.ended_at, int(row.state == "passed"))


def _revealed(session: Session, asked: Asked) -> Iterator[Counted]:
    """Personal data that was shown in the period, by purpose; whether one was given: none is shown without,
    so that anything but all of them is a fault of ours or somebody else's work.
    """
    purpose = JsonText(_HISTORY.data, "purpose").label("purpose")
    query = select(purpose, func.count(), func.max(_HISTORY.at)).where(REVEALED, _within(_HISTORY.at, asked))
    for row in session.execute(query.group_by(purpose).order_by(purpose)):
        yield Counted(row[0] or "", row[2], row[1] if row[0] else 0, row[1])


RECORD_FIGURES: Final[Mapping[str, RecordFigure]] = {
    each.name: each
    for each in (
        RecordFigure("hotline-answered", "channels", "R6", _calls("answered")),
        RecordFigure("hotline-abandoned", "channels", "R6", _calls("abandoned"), good_is_high=False),
        RecordFigure("hotline-covered", "channels", "R6", _covered, sampled=False),
        RecordFigure("calls-with-case", "channels", "R6", _complaint_calls, sampled=False),
        RecordFigure("mailbox-checked", "channels", "R7", _mailbox, sampled=False),
        RecordFigure("chats-answered", "channels", "R8", _chats_answered),
        RecordFigure("chats-called-back", "channels", "R8", _chats_called_back),
        RecordFigure("cases-drawn", "supervision", "R42", _sampled, sampled=False),
        RecordFigure("checks-in-order", "supervision", "R41", _checks),
        RecordFigure("coded-alike-category", "coding", "R14", _alike("category")),
        RecordFigure("coded-alike-sub-code", "coding", "R13", _alike("sub_code")),
        RecordFigure("coded-alike-grade", "coding", "R16", _alike("grade")),
        RecordFigure("findings-in-time", "supervision", "R40", _findings_in_time),
        RecordFigure("measures-in-time", "improvement", "R54", _measures_done),
        RecordFigure("measures-effective", "improvement", "R57", _effective),
        RecordFigure("trained", "training", "R67", _trained, sampled=False),
        RecordFigure("regulator-in-time", "regulator", "R63", _told_in_time),
        RecordFigure("trail-verified", "protection", "R70", _verified, sampled=False),
        RecordFigure("reveals-with-purpose", "protection", "R60", _revealed, sampled=False),
        RecordFigure("returns-corrected", "regulator", "R65", _corrected, good_is_high=False, sampled=False),
    )
}
"""By name, in the order in which they are shown."""
TOPICS: Final = ("channels", "supervision", "coding", "improvement", "training", "regulator", "protection")
NOT_COUNTED: Final = ("conformance",)
"""What section 4 names and no figure counts, since a proof of its own stands for it."""


@dataclass(frozen=True, slots=True)
class Responded:
    """How many seconds a chat waited for its first answer: of so many, the middle and 95 of 100."""

    of: int
    median: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class RecordsSeen:
    """The figures of a period by name, and how soon chats were answered."""

    shares: Mapping[str, Proportion]
    chats: Responded


def records_of(session: Session, actor: Actor, asked: Asked) -> RecordsSeen:
    """Return the figures of records of a period. Raises Forbidden."""
    actor.require("report.read")
    shares = {name: each.count(session, asked) for name, each in RECORD_FIGURES.items()}
    waited = [row.first_response_s for row in _chats(session, asked) if row.first_response_s is not None]
    chats = Responded(len(waited), percentile(waited, 0.5), percentile(waited, 0.95))
    return RecordsSeen(shares, chats)


def records_behind(session: Session, actor: Actor, name: str, asked: Asked) -> list[Counted]:
    """Return the records behind a figure, those that were not counted first, without complaints about the
    actor (Art. 17). Raises Forbidden, NotFound.
    """
    actor.require("report.read")
    if name not in RECORD_FIGURES:
        raise NotFound(f"there is no figure {name!r}; there are {', '.join(RECORD_FIGURES)}")
    shown = (each for each in RECORD_FIGURES[name].rows(session, asked) if not is_about(actor, each.name))
    return sorted(shown, key=lambda each: each.hits >= each.of)
