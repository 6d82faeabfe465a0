"""Periodic returns: generated from frozen figures, checked row by row, kept as they were (R65).

A return is a file with its process; each attempt to generate it is kept. A correction is a new file that
names the one before, so that what was once filed is never changed.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.documents.tables import Cell, Table, workbook_of_tables
from engine.domain.complaint import Status
from engine.domain.deadlines import end_of_day, last_day_of, local_date
from engine.domain.kpi import Period, read_period
from engine.domain.regulatory_return import (
    COLUMNS,
    ERROR,
    VERSION,
    as_csv,
    check_return,
    totals_of,
)
from engine.errors import Conflict, InvalidInput, NotFound, StepFailed
from engine.people.actor import SYSTEM, Actor
from engine.quality.files import FILE, RECORD
from engine.quality.freezing import frozen, seen_of
from engine.quality.kinds import RETURN
from engine.quality.opening import Opened, open_file, open_once
from engine.quality.reading import one_file
from engine.quality.regulator.opening import OPEN
from engine.quality.snapshot import ALL_RECEIVED
from engine.runtime.ledger import note_on_instance
from engine.runtime.once import Once
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.tables.cases import Complaint
from engine.store.tables.measures import CaseMeasure
from engine.store.tables.partners import Partner
from engine.store.tables.regulator import GeneratedReturn

MOST_FINDINGS: Final = 1_000
BATCH: Final = 500
_COMPLAINT, _MEASURE = table_of(Complaint), table_of(CaseMeasure)


def open_return(rt: Runtime, actor: Actor, name: str, *, idempotency: Once | None = None) -> Opened:
    """Begin the return of a period (2026-03, 2026-Q1, 2026) whose months are all frozen.

    Raises Forbidden, InvalidInput (no period, not frozen yet), Conflict (there is one already).
    """
    actor.require(OPEN)
    period = _readable(rt, name)

    def begin(session: Session) -> Opened:
        _require_frozen(session, period)
        key = f"return:{period.name}"
        if (no := session.scalar(select(FILE.c.no).where(FILE.c.source_key == key))) is not None:
            raise Conflict(f"the return of {period.name} is {no}; correct that one")
        return _open(rt, session, actor, period, 1, key, None)

    return open_once(rt, actor, idempotency, begin)


def correct_return(rt: Runtime, actor: Actor, no: str, reason: str) -> Opened:
    """Begin a new version of a return that was filed; the one before stays as it is.

    Raises Forbidden, NotFound, InvalidInput (no reason), Conflict (not filed, or corrected already).
    """
    actor.require(OPEN)
    if not reason.strip() or len(reason) > 1000:
        raise InvalidInput("say why, in 1000 characters", {"reason": ["say why, in 1000 characters"]})
    with rt.sessions.step() as session:
        before = one_file(session, actor, no, RETURN)
        if before["status"] != "filed":
            raise Conflict(f"{no} is not filed yet: mend it and generate it again")
        key = f"corrects:{no}"
        if (later := session.scalar(select(FILE.c.no).where(FILE.c.source_key == key))) is not None:
            raise Conflict(f"{no} is corrected by {later} already")
        period = _readable(rt, before["facts"]["period"])
        version = int(before["facts"]["version"]) + 1
        return _open(rt, session, actor, period, version, key, no, reason=reason.strip())


def _open(
    rt: Runtime,
    session: Session,
    actor: Actor,
    period: Period,
    version: int,
    key: str,
    parent_no: str | None,
    reason: str = "",
) -> Opened:
    return open_file(
        rt,
        session,
        actor,
        RETURN,
        facts={"period": period.name, "version": version, "form": VERSION},
        personal={"reason": reason},
        parent_no=parent_no,
        source_key=key,
        due_at=return_due(rt, session, period) if version == 1 else None,
    )


def return_due(rt: Runtime, session: Session, period: Period) -> Any:
    """Return until when the return of a period is to be filed: so many working days after its end."""
    last = period.following - timedelta(days=1)
    days = rt.parameters.current(session).value("regulator.return_days", last)
    return end_of_day(rt.calendars.current(session).working_days_after(last, days), rt.config.timezone)


def _readable(rt: Runtime, name: str) -> Period:
    period = read_period(name)
    if period.following > local_date(clock.now(), rt.config.timezone):
        message = "the period is not over yet"
        raise InvalidInput(message, {"period": [message]})
    return period


def _months(period: Period) -> list[str]:
    first, found = period.first, []
    while first < period.following:
        found.append(f"{first:%Y-%m}")
        first = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    return found


def _require_frozen(session: Session, period: Period) -> dict[str, Mapping[str, Any]]:
    """Return the newest frozen version of each month. Raises InvalidInput where one is not frozen yet."""
    found: dict[str, Mapping[str, Any]] = {}
    for month in _months(period):
        try:
            found[month] = frozen(session, month)
        except NotFound as error:
            message = f"the figures of {month} are not frozen yet; a return is made of frozen figures"
            raise InvalidInput(message, {"period": [message]}) from error
    return found


def generate_return(rt: Runtime, session: Session, no: str) -> dict[str, Any]:
    """Generate a return anew and check it; keep the attempt and return what the process goes on by.

    Runs within the transaction that ends the job. Raises StepFailed.
    """
    row = session.execute(select(FILE).where(FILE.c.no == no)).one_or_none()
    if row is None or row.kind != RETURN.name:
        raise StepFailed(f"{no} is no return")
    versions = _require_frozen(session, read_period(row.facts["period"]))
    numbers, expected = _received(session, versions.values())
    seen = list(_rows(rt, session, numbers))
    rows = [each for each in seen if each["status"] != Status.NOT_A_COMPLAINT]
    findings = check_return(rows, expected - (len(seen) - len(rows)))
    content = as_csv(rows)
    last = session.scalar(
        select(GeneratedReturn.attempt)
        .where(GeneratedReturn.file_no == no)
        .order_by(GeneratedReturn.attempt.desc())
        .limit(1)
    )
    errors = sum(each.level == ERROR for each in findings)
    made = {
        "period": row.facts["period"],
        "version": row.facts["version"],
        "rows": len(rows),
        "nil": not rows,
        "errors": errors,
        "warnings": len(findings) - errors,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    session.execute(
        insert(GeneratedReturn).values(
            id=new_id(),
            file_no=no,
            attempt=(last or 0) + 1,
            rows=len(rows),
            content=gzip.compress(content, mtime=0),
            sha256=made["sha256"],
            totals=totals_of(rows),
            findings=[each.plain() for each in findings[:MOST_FINDINGS]],
            frozen={
                month: {"version": each["version"], "digest": each["digest"]}
                for month, each in versions.items()
            },
            created_at=clock.now(),
        )
    )
    _keep(session, row, made)
    return {"errors": errors}


def _received(session: Session, versions: Any) -> tuple[list[str], int]:
    """Return the numbers of what was received in the frozen months, and how many their figures count."""
    numbers: list[str] = []
    expected = 0
    for each in versions:
        bit = 1 << each["body"]["order"].index(ALL_RECEIVED)
        numbers += [seen.no for seen in seen_of(session, each["id"]) if seen.asked & bit]
        expected += each["body"]["figures"][ALL_RECEIVED]["of"]
    return numbers, expected


def _rows(rt: Runtime, session: Session, numbers: Sequence[str]) -> Iterator[dict[str, Any]]:
    case, measure, zone = _COMPLAINT.c, _MEASURE.c, rt.config.timezone
    columns = (
        case.no, case.channel, case.category, case.product, case.grade, case.status, case.received_at,
        case.due_at, case.statutory_due_at, case.notified_at, case.repeat_of,
        func.coalesce(Partner.name, measure.partner).label("partner"),
        measure.working_days, measure.finding, measure.root_cause, measure.paid_cents, measure.vulnerable,
    )  # fmt: skip
    tables = _COMPLAINT.outerjoin(_MEASURE, measure.complaint_no == case.no)
    tables = tables.outerjoin(Partner, Partner.id == measure.partner)
    for start in range(0, len(numbers), BATCH):
        query = select(*columns).select_from(tables).where(case.no.in_(numbers[start : start + BATCH]))
        for row in session.execute(query.order_by(case.no)):
            yield {
                "number": row.no,
                "channel": row.channel,
                "category": row.category,
                "product": row.product,
                "partner": row.partner,
                "grade": row.grade,
                "status": _status(row),
                "received_on": local_date(row.received_at, zone),
                "due_on": _last_day(row.due_at, zone),
                "statutory_due_on": _last_day(row.statutory_due_at, zone),
                "answered_on": local_date(row.notified_at, zone) if row.notified_at else None,
                "working_days": row.working_days,
                "finding": row.finding,
                "root_cause": row.root_cause,
                "compensation_cny": None if row.paid_cents is None else Decimal(row.paid_cents) / 100,
                "is_repeat": row.repeat_of is not None,
                "vulnerable": bool(row.vulnerable),
            }


def _status(row: Any) -> str:
    """An answer that is still on its way is none yet (Art. 21)."""
    on_its_way = row.status == Status.NOTIFIED and row.notified_at is None
    return str(Status.DECIDED) if on_its_way else str(row.status)


def _last_day(due_at: Any, zone: Any) -> date | None:
    return last_day_of(due_at, zone) if due_at is not None else None


def _keep(session: Session, row: Any, made: dict[str, Any]) -> None:
    now = clock.now()
    session.execute(
        insert(RECORD).values(
            id=new_id(),
            file_no=row.no,
            kind="generated",
            task_id=None,
            form_id=None,
            values=made,
            actor=SYSTEM.username,
            at=now,
        )
    )
    facts = {**row.facts, **{name: made[name] for name in ("rows", "errors", "warnings", "nil")}}
    session.execute(update(FILE).where(FILE.c.no == row.no).values(facts=facts, version=FILE.c.version + 1))
    note_on_instance(session, row.instance_id, SYSTEM, [Entry("return.generated", {"no": row.no, **made})])


def attempts(session: Session, actor: Actor, no: str) -> list[dict[str, Any]]:
    """Return the attempts at a return, the newest first, without their content. Raises NotFound."""
    one_file(session, actor, no, RETURN)
    table = table_of(GeneratedReturn)
    columns = [column for column in table.c if column.name != "content"]
    query = select(*columns).where(table.c.file_no == no).order_by(table.c.attempt.desc())
    return [dict(found._mapping) for found in session.execute(query)]


def attempt_workbook(session: Session, actor: Actor, no: str, attempt: int | str) -> bytes:
    """Return the same rows as a workbook (XLSX), with what the check found. Raises as `attempt_file`."""
    lines = list(csv.reader(io.StringIO(attempt_file(session, actor, no, attempt).decode("utf-8-sig"))))
    (made,) = (each for each in attempts(session, actor, no) if str(each["attempt"]) == str(attempt))
    rows = [[_number(name, text) for name, text in zip(COLUMNS, line, strict=True)] for line in lines[1:]]
    found = [[each[name] for name in ("level", "row", "no", "field", "code")] for each in made["findings"]]
    kinds = [_KINDS.get(name, "text") for name in COLUMNS]
    tables = [
        Table(no, f"SHA-256 {made['sha256']}", COLUMNS, kinds, rows),
        Table(
            "Findings",
            "",
            ("level", "row", "number", "field", "code"),
            ("text", "count", "text", "text", "text"),
            found,
        ),
    ]
    return workbook_of_tables(
        no, [f"{month}: {each['digest']}" for month, each in made["frozen"].items()], tables
    )


_ATTEMPT: Final = re.compile(r"[0-9]{1,9}")
_KINDS: Final = {"grade": "count", "working_days": "count", "compensation_cny": "money"}


def _number(column: str, text: str) -> Cell:
    return float(text) if column in _KINDS and text else text


def attempt_file(session: Session, actor: Actor, no: str, attempt: int | str) -> bytes:
    """Return the CSV file of an attempt. Raises NotFound, Conflict where it is not what was kept."""
    one_file(session, actor, no, RETURN)
    row = session.execute(
        select(GeneratedReturn.content, GeneratedReturn.sha256).where(
            GeneratedReturn.file_no == no,
            GeneratedReturn.attempt == (int(attempt) if _ATTEMPT.fullmatch(str(attempt)) else 0),
        )
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no attempt {attempt} at {no}")
    content = gzip.decompress(row.content)
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise Conflict(f"the file of {no} is not the one that was generated")
    return content
