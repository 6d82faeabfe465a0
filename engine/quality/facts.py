"""What the records and contacts of a case come to in numbers (R44): derived, so it can be made again.

A chore looks through the records and contacts that were added since it last looked, and beside them through a
few cases of the whole register in turn: a row that was missed, or that an older version of the program
derived, is right again after one round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.case import TOLD_BY
from engine.domain.calendar import WorkingCalendar
from engine.domain.deadlines import local_date
from engine.people.partners import comparable, known_names
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.ids import least_id
from engine.store.tables.cases import CaseRecord, Complaint, Contact
from engine.store.tables.measures import CaseMeasure, MeasureCursor
from engine.store.tables.people import Notification
from engine.store.tables.quality import QualityFile, QualityRecord
from engine.store.unindexed import Unindexed
from engine.store.upsert import insert_into

BATCH: Final = 200
LATE_SHARE: Final = 0.8
"""A milder grade after this share of its limit is a late one (section 4)."""
_AGAIN = timedelta(minutes=15)
"""Rows are looked through again for so long: a step commits after the identifiers of its rows were made."""
_ALL: Final = "register"
_WORK: Final = frozenset(
    ("registration", "investigation", "joint_finding", "plan", "execution", "notice", "notice_fallback")
)
"""Records of who works on a case: nobody of them asks the customer how satisfied they are (K2)."""
_CALL_BACK, _WARNING = "call_back", "deadline-warning"
_APPROVALS: Final = {"approval": "plan_decision", "review": "review_decision"}


@dataclass(frozen=True, slots=True)
class Said:
    """A record of a form: its kind, its values, when it was made and by whom."""

    kind: str
    values: Mapping[str, Any]
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A contact: when, whether the customer came to us (`in`), whether somebody was reached."""

    at: datetime
    direction: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Called:
    """A try of a call-back: when, whether the customer was reached, and the score that they gave (R43)."""

    at: datetime
    reached: bool
    score: int | None


@dataclass(slots=True)
class Gathered:
    """What there is of a case beside its row, oldest first; and when its limit was first warned of."""

    records: list[Said] = field(default_factory=list)
    contacts: list[Spoken] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)
    warned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counting:
    """What days are counted by: the calendar, the company's zone, and now."""

    calendar: WorkingCalendar
    zone: tzinfo
    now: datetime

    def days(self, start: datetime, end: datetime) -> int:
        """Return the working days after the day of `start` up to that of `end`."""
        return self.calendar.working_days_between(local_date(start, self.zone), local_date(end, self.zone))


def derive(row: Mapping[str, Any], gathered: Gathered, counting: Counting) -> dict[str, Any]:
    """Return the columns of a case's `case_measure` from its row and what there is beside it."""
    records, contacts = gathered.records, gathered.contacts
    latest = {each.kind: each.values for each in records}
    answered = row["notified_at"]
    until = answered or row["closed_at"] or counting.now
    told = sorted([*_told(records), *(each.at for each in contacts if each.reached)])
    downgraded = next(
        (
            each.at
            for each in reversed(records)
            if each.kind == "regrade_approval" and each.values.get("regrade_decision") == "approve"
        ),
        None,
    )
    return {
        "complaint_no": row["no"],
        "finding": latest.get("investigation", {}).get("finding"),
        "root_cause": latest.get("investigation", {}).get("root_cause"),
        "partner": row["facts"].get("partner"),
        "vulnerable": bool(row["facts"].get("vulnerable")),
        "identified": any(row["personal"].get(key) for key in ("id_number", "phone", "email")),
        "plans": sum(each.kind == "plan" for each in records),
        "returns": sum(each.values.get(_APPROVALS.get(each.kind, "")) == "return" for each in records),
        "planned_cents": _cents(latest.get("plan", {}).get("cost")),
        "paid_cents": _cents(latest.get("execution", {}).get("amount_paid")),
        "downgraded_at": downgraded,
        "downgraded_late": downgraded is not None and _is_late(row, downgraded),
        "second_review": "second_review_acceptance" in latest,
        "first_told_at": told[0] if told else None,
        "urged": sum(each.direction == "in" and each.at < until for each in contacts),
        "silent_days": _longest_silence(row["received_at"], told, until, counting),
        "working_days": counting.days(row["received_at"], answered) if answered else None,
        "warned_at": gathered.warned_at,
        **_called_back(sorted([*gathered.calls, *_asked(row, records)], key=lambda each: each.at)),
    }


def _called_back(calls: Sequence[Called]) -> dict[str, Any]:
    scored = [each for each in calls if each.score is not None]
    return {
        "call_tries": len(calls),
        "call_reached": any(each.reached for each in calls),
        "call_score": scored[-1].score if scored else None,
        "called_at": scored[-1].at if scored else None,
    }


def _asked(row: Mapping[str, Any], records: Sequence[Said]) -> list[Called]:
    """Return the times that the customer was asked by somebody who had no part in handling the case: only
    their answers count (K2).
    """
    worked = {row["handler"], *(each.by for each in records if each.kind in _WORK)}
    return [
        Called(
            each.at,
            each.values.get("satisfaction_outcome") != "not_reached",
            score_of(each.values.get("score")),
        )
        for each in records
        if each.kind == "satisfaction" and each.by not in worked
    ]


def score_of(value: Any) -> int | None:
    """Return a score as forms hold it, or None where it is none of the five."""
    text = str(value)
    return int(text) if text in {"1", "2", "3", "4", "5"} else None


def _told(records: Iterable[Said]) -> list[datetime]:
    return [
        each.at
        for each in records
        if each.kind in TOLD_BY and each.values.get("progress_outcome") != "not_reached"
    ]


def _longest_silence(start: datetime, told: Iterable[datetime], until: datetime, counting: Counting) -> int:
    longest, last = 0, start
    for at in [*(each for each in told if start < each < until), until]:
        longest, last = max(longest, counting.days(last, at)), at
    return longest


def _is_late(row: Mapping[str, Any], at: datetime) -> bool:
    """Whether little of the limit was left: the one that holds since, counted from receipt (D6)."""
    return bool(at - row["received_at"] >= LATE_SHARE * (row["due_at"] - row["received_at"]))


def _cents(amount: Any) -> int | None:
    if amount in (None, "") or isinstance(amount, bool):
        return None
    try:
        return int((Decimal(str(amount)) * 100).to_integral_value())
    except (InvalidOperation, OverflowError, ValueError):
        return None


def gather(rt: Runtime) -> int:
    """Derive the cases that something was added to, and the next of the register; return how many changed.

    What is read while somebody writes is looked through again: its rows are younger than the position kept.
    """
    with rt.sessions.read() as session:
        changed, positions = _added(session)
        following = _following(session)
        positions[_ALL] = following[-1] if len(following) == BATCH else ""
        found = _derived(rt, session, {*changed, *following})
    with rt.sessions.step() as session:
        _write(session, positions, found)
    return len(found)


def gather_new(rt: Runtime, session: Session) -> None:
    """Derive what was added to any case since, within the caller's transaction: before what is counted now
    decides something. `gather` may be behind: it does some at a time, and nothing while no worker runs.
    """
    is_full = True
    while is_full:
        is_full = any(len(_page(session, name, _position(session, name))) == BATCH for name in _NEW)
        changed, positions = _added(session)
        _write(session, positions, _derived(rt, session, changed))


def gather_cases(rt: Runtime, cases: Select[Any]) -> None:
    """Derive the cases whose numbers a query gives, before their figures are frozen: so many at a time, and
    nothing is written of those that are right already.
    """
    with rt.sessions.read() as session:
        numbers = session.scalars(cases).all()
    for first in range(0, len(numbers), BATCH):
        with rt.sessions.read() as session:
            found = _derived(rt, session, set(numbers[first : first + BATCH]))
        if found:
            with rt.sessions.step() as session:
                _keep(session, found)


def _write(session: Session, positions: Mapping[str, str], found: Sequence[Mapping[str, Any]]) -> None:
    for name, position in positions.items():
        _move(session, name, position)
    _keep(session, found)


def _keep(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    new = insert_into(session, _MEASURE)
    changed = {column.name: new.excluded[column.name] for column in _MEASURE.c if not column.primary_key}
    session.execute(new.on_conflict_do_update(index_elements=["complaint_no"], set_=changed), rows)


def _added(session: Session) -> tuple[set[str], dict[str, str]]:
    """Return the cases with new records and contacts, and up to where each kind was looked through."""
    changed: set[str] = set()
    positions = {}
    settled = least_id(clock.real_now() - _AGAIN)
    for name in _NEW:
        after = _position(session, name)
        found = _page(session, name, after)
        changed.update(complaint for _, complaint in found)
        if found:
            last = found[-1][0]
            positions[name] = last if len(found) == BATCH else max(after, min(last, settled))
    return changed, positions


def _position(session: Session, name: str) -> str:
    return session.scalar(select(MeasureCursor.position).where(MeasureCursor.name == name)) or ""


def _page(session: Session, name: str, after: str) -> Sequence[tuple[str, str]]:
    query = _NEW[name]
    identifier = query.selected_columns[0]
    rows = session.execute(query.where(identifier > after).order_by(identifier).limit(BATCH))
    return [(row[0], row[1]) for row in rows]


def _following(session: Session) -> list[str]:
    after = _position(session, _ALL)
    query = select(Complaint.no).where(Complaint.no > after).order_by(Complaint.no).limit(BATCH)
    return list(session.scalars(query))


def _move(session: Session, name: str, position: str) -> None:
    row = insert_into(session, MeasureCursor).values(name=name, position=position)
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_={"position": position}))


def _derived(rt: Runtime, session: Session, numbers: set[str]) -> list[dict[str, Any]]:
    """Return the rows of these cases that differ from what is kept."""
    wanted = sorted(numbers)
    counting = Counting(rt.calendars.current(session), rt.config.timezone, clock.now())
    gathered = _gathered(session, wanted)
    known = {
        row["complaint_no"]: dict(row)
        for row in session.execute(select(_MEASURE).where(_MEASURE.c.complaint_no.in_(wanted))).mappings()
    }
    rows = session.execute(select(_COMPLAINT).where(_COMPLAINT.c.no.in_(wanted))).mappings()
    names = known_names(session)
    made = (_under_its_id(derive(dict(row), gathered[row["no"]], counting), names) for row in rows)
    return [found for found in made if found != known.get(found["complaint_no"])]


def _under_its_id(found: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Count a case under the partner that its text names; a text that names nobody stays as written."""
    written = found["partner"]
    return found if written is None else found | {"partner": names.get(comparable(written), written)}


def _gathered(session: Session, wanted: Sequence[str]) -> dict[str, Gathered]:
    found: dict[str, Gathered] = defaultdict(Gathered)
    for each in session.execute(
        select(CaseRecord.complaint_no, CaseRecord.kind, CaseRecord.values, CaseRecord.at, CaseRecord.actor)
        .where(CaseRecord.complaint_no.in_(wanted))
        .order_by(CaseRecord.id)
    ):
        found[each[0]].records.append(Said(*each[1:]))
    for each in session.execute(
        select(Contact.complaint_no, Contact.at, Contact.direction, Contact.reached).where(
            Contact.complaint_no.in_(wanted)
        )
    ):
        found[each[0]].contacts.append(Spoken(*each[1:]))
    calls = session.execute(
        select(_FILE.c.complaint_no, _RECORD.c["values"], _RECORD.c.at)
        .join(_FILE, _FILE.c.no == _RECORD.c.file_no)
        .where(_FILE.c.complaint_no.in_(wanted), Unindexed(_RECORD.c.kind) == _CALL_BACK)
        .order_by(_RECORD.c.id)
    )
    for number, values, at in calls:
        reached = values.get("call_outcome") != "not_reached"
        score = score_of(values.get("call_score")) if values.get("call_outcome") == "answered" else None
        found[number].calls.append(Called(at, reached, score))
    warned = select(Notification.complaint_no, func.min(Notification.created_at)).where(
        Notification.kind == _WARNING, Notification.complaint_no.in_(wanted)
    )
    for number, at in session.execute(warned.group_by(Notification.complaint_no)):
        found[str(number)].warned_at = at
    return found


_COMPLAINT, _MEASURE = table_of(Complaint), table_of(CaseMeasure)
_FILE, _RECORD = table_of(QualityFile), table_of(QualityRecord)
_NEW: Final[Mapping[str, Select[Any, Any]]] = {
    "records": select(CaseRecord.id, CaseRecord.complaint_no),
    "contacts": select(Contact.id, Contact.complaint_no),
    "call-backs": select(_RECORD.c.id, _FILE.c.complaint_no)
    .join(_FILE, _FILE.c.no == _RECORD.c.file_no)
    .where(_RECORD.c.kind == _CALL_BACK),
}
"""What is looked through for what was added, by name: the identifier and the case of each row."""
