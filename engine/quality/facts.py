"""What the records and contacts of a case come to in numbers (R44): derived, so it can be made again.

A chore looks through the records and contacts that were added since it last looked, and beside them through a
few cases of the whole register in turn: a row that was missed, or that an older version of the program
derived, is right again after one round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.case import TOLD_BY
from engine.domain.calendar import WorkingCalendar
from engine.domain.deadlines import local_date
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.ids import least_id
from engine.store.tables.cases import CaseRecord, Complaint, Contact
from engine.store.tables.measures import CaseMeasure, MeasureCursor
from engine.store.upsert import insert_into

BATCH: Final = 200
LATE_SHARE: Final = 0.8
"""A milder grade after this share of its limit is a late one (section 4)."""
_AGAIN = timedelta(minutes=15)
"""Rows are looked through again for so long: a step commits after the identifiers of its rows were made."""
_NEW: Final = {"records": CaseRecord, "contacts": Contact}
_ALL: Final = "register"
_APPROVALS: Final = {"approval": "plan_decision", "review": "review_decision"}


@dataclass(frozen=True, slots=True)
class Said:
    """A record of a form: its kind, its values, and when it was made."""

    kind: str
    values: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Spoken:
    """A contact: when, whether the customer came to us (`in`), whether somebody was reached."""

    at: datetime
    direction: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Counting:
    """What days are counted by: the calendar, the company's zone, and now."""

    calendar: WorkingCalendar
    zone: tzinfo
    now: datetime

    def days(self, start: datetime, end: datetime) -> int:
        """Return the working days after the day of `start` up to that of `end`."""
        return self.calendar.working_days_between(local_date(start, self.zone), local_date(end, self.zone))


def derive(
    row: Mapping[str, Any], records: Sequence[Said], contacts: Sequence[Spoken], counting: Counting
) -> dict[str, Any]:
    """Return the columns of a case's `case_measure` from its row, records and contacts, oldest first."""
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
    }


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
        for name, position in positions.items():
            _move(session, name, position)
        for row in found:
            new = insert_into(session, _MEASURE).values(row)
            session.execute(new.on_conflict_do_update(index_elements=["complaint_no"], set_=row))
    return len(found)


def gather_all(rt: Runtime) -> None:
    """Derive every case of the register and whatever is new: before figures are frozen."""
    with rt.sessions.step() as session:
        _move(session, _ALL, "")
    while True:
        gather(rt)
        with rt.sessions.read() as session:
            is_full = any(len(_page(session, name, _position(session, name))) == BATCH for name in _NEW)
            if not _position(session, _ALL) and not is_full:
                return


def _added(session: Session) -> tuple[set[str], dict[str, str]]:
    """Return the cases with new records and contacts, and up to where each kind was looked through."""
    changed: set[str] = set()
    positions = {}
    settled = least_id(clock.now() - clock.offset() - _AGAIN)
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
    table = table_of(_NEW[name])
    query = select(table.c.id, table.c.complaint_no).where(table.c.id > after)
    return [(row[0], row[1]) for row in session.execute(query.order_by(table.c.id).limit(BATCH))]


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
    records: dict[str, list[Said]] = defaultdict(list)
    for each in session.execute(
        select(CaseRecord.complaint_no, CaseRecord.kind, CaseRecord.values, CaseRecord.at)
        .where(CaseRecord.complaint_no.in_(wanted))
        .order_by(CaseRecord.id)
    ):
        records[each[0]].append(Said(*each[1:]))
    contacts: dict[str, list[Spoken]] = defaultdict(list)
    for each in session.execute(
        select(Contact.complaint_no, Contact.at, Contact.direction, Contact.reached).where(
            Contact.complaint_no.in_(wanted)
        )
    ):
        contacts[each[0]].append(Spoken(*each[1:]))
    known = {
        row["complaint_no"]: dict(row)
        for row in session.execute(select(_MEASURE).where(_MEASURE.c.complaint_no.in_(wanted))).mappings()
    }
    rows = session.execute(select(_COMPLAINT).where(_COMPLAINT.c.no.in_(wanted))).mappings()
    made = (derive(dict(row), records[row["no"]], contacts[row["no"]], counting) for row in rows)
    return [found for found in made if found != known.get(found["complaint_no"])]


_COMPLAINT, _MEASURE = table_of(Complaint), table_of(CaseMeasure)
