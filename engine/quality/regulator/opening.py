"""Opening what the regulator is to be told or has asked; each with its own clock (R63, R64, R66)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.rows import lock_complaint
from engine.domain.complaint import Status
from engine.domain.deadlines import deadline, end_of_day, local_date
from engine.errors import Conflict, InvalidInput
from engine.people.actor import Actor
from engine.privacy.finding import refuse_personal
from engine.quality.files import FILE
from engine.quality.kinds import INQUIRY, MAJOR_REPORT, RECTIFICATION
from engine.quality.opening import Opened, open_file, open_once
from engine.quality.reading import seen_parent
from engine.read.complaints import complaint as seen_complaint
from engine.runtime.once import Once
from engine.runtime.runtime import Runtime
from engine.store.tables.cases import Complaint

OPEN: Final = "regulator.open"
LONGEST: Final = 4000
LOOK_BACK: Final = timedelta(days=30)
MOST: Final = 20_000
_OPEN_CASES = [str(each) for each in Status if not each.stops_clocks]


def may_be_major(rt: Runtime, session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Return the open cases of the last 30 days that may have to be reported and have no report, the newest
    first: joint complaints of many persons, and the gravest urgent ones. Whoever reports decides.

    Raises Forbidden.
    """
    actor.require("regulator.read")
    today = local_date(clock.now(), rt.config.timezone)
    persons = rt.parameters.current(session).value("regulator.major_persons", today)
    query = select(Complaint.no, Complaint.grade, Complaint.urgent, Complaint.registered_at, Complaint.facts)
    query = query.where(
        Complaint.status.in_(_OPEN_CASES),
        Complaint.received_at >= clock.now() - LOOK_BACK,
        Complaint.registered_at.is_not(None),
    )
    rows = session.execute(query.order_by(Complaint.received_at.desc()).limit(MOST)).all()
    found = [
        {
            "no": row.no,
            "registered_at": row.registered_at,
            "due_at": _first_due(rt, session, row.registered_at),
            "complainants": row.facts.get("complainants") or 1,
        }
        for row in rows
        if (row.facts.get("complainants") or 0) >= persons or (row.grade == 1 and row.urgent)
    ]
    keys = [f"major:{each['no']}" for each in found]
    known = set(session.scalars(select(FILE.c.source_key).where(FILE.c.source_key.in_(keys))))
    return [each for each in found if f"major:{each['no']}" not in known]


def open_major_report(
    rt: Runtime, actor: Actor, complaint_no: str, reason: str, *, idempotency: Once | None = None
) -> Opened:
    """Begin to report a major event. Its clock runs from the registration of the complaint (R63).

    Raises Forbidden, NotFound, InvalidInput, Conflict (it is reported already, or not registered yet).
    """
    actor.require(OPEN)
    text = _text("reason", reason)

    def begin(session: Session) -> Opened:
        case = seen_complaint(session, actor, complaint_no)
        if case["registered_at"] is None:
            raise Conflict(
                f"complaint {complaint_no} is not registered yet; its grade is still to be decided"
            )
        lock_complaint(session, complaint_no)  # two at once: the second sees the report of the first
        key = _report_key(session, complaint_no)
        return open_file(
            rt,
            session,
            actor,
            MAJOR_REPORT,
            facts={"versions": 0},
            personal={"reason": text},
            complaint_no=complaint_no,
            source_key=key,
            due_at=_first_due(rt, session, case["registered_at"]),
        )

    return open_once(rt, actor, idempotency, begin)


def _report_key(session: Session, complaint_no: str) -> str:
    """Return the key of a new report. Raises Conflict where the case is reported; waived reports are none."""
    query = select(FILE.c.no, FILE.c.status).where(
        FILE.c.complaint_no == complaint_no, FILE.c.kind == MAJOR_REPORT.name
    )
    before = session.execute(query).all()
    for row in before:
        if row.status != "waived":
            raise Conflict(f"complaint {complaint_no} is reported under {row.no} already")
    return f"major:{complaint_no}" + (f":{len(before) + 1}" if before else "")


def open_inquiry(
    rt: Runtime,
    actor: Actor,
    *,
    reference: str,
    question: str,
    received_on: date,
    answer_by: date | None = None,
    complaint_no: str | None = None,
    idempotency: Once | None = None,
) -> Opened:
    """Enter an inquiry of the regulator under its reference; `answer_by` is the last day that it names.

    Raises Forbidden, NotFound (the case), InvalidInput by field, Conflict (the reference is entered already).
    """
    facts = _letter(rt, actor, reference, received_on)
    text = _text("question", question)

    def begin(session: Session) -> Opened:
        if complaint_no:
            seen_complaint(session, actor, complaint_no)
        return open_file(
            rt,
            session,
            actor,
            INQUIRY,
            facts=facts,
            personal={"question": text},
            complaint_no=complaint_no or None,
            source_key=_key(session, "inquiry", facts["reference"]),
            due_at=_answer_due(rt, session, received_on, answer_by),
        )

    return open_once(rt, actor, idempotency, begin)


def open_rectification(
    rt: Runtime,
    actor: Actor,
    *,
    reference: str,
    opinion: str,
    received_on: date,
    parent_no: str | None = None,
    idempotency: Once | None = None,
) -> Opened:
    """Enter what the regulator wants to be put right. Raises as `open_inquiry`."""
    facts = _letter(rt, actor, reference, received_on)
    text = _text("opinion", opinion)

    def begin(session: Session) -> Opened:
        return open_file(
            rt,
            session,
            actor,
            RECTIFICATION,
            facts=facts,
            personal={"opinion": text},
            parent_no=seen_parent(session, actor, parent_no),
            source_key=_key(session, "rectification", facts["reference"]),
        )

    return open_once(rt, actor, idempotency, begin)


def _first_due(rt: Runtime, session: Session, registered_at: datetime) -> datetime:
    day = local_date(registered_at, rt.config.timezone)
    hours = rt.parameters.current(session).value("regulator.first_report_hours", day)
    return registered_at + timedelta(hours=hours)


def _answer_due(rt: Runtime, session: Session, received_on: date, answer_by: date | None) -> datetime:
    zone = rt.config.timezone
    if answer_by is not None:
        if answer_by < received_on:
            message = "takes the day of receipt or a later one"
            raise InvalidInput("the inquiry cannot be entered: see the fields", {"answer_by": [message]})
        return end_of_day(answer_by, zone)
    days = rt.parameters.current(session).value("regulator.inquiry_days", received_on)
    received_at = end_of_day(received_on, zone) - timedelta(seconds=1)
    return deadline(received_at, days, rt.calendars.current(session), zone).due_at


def _letter(rt: Runtime, actor: Actor, reference: str, received_on: date) -> dict[str, Any]:
    actor.require(OPEN)
    errors: dict[str, list[str]] = {}
    if not reference.strip() or len(reference) > 100:
        errors["reference"] = ["give the number of the regulator's letter, in at most 100 characters"]
    if received_on > local_date(clock.now(), rt.config.timezone):
        errors["received_on"] = ["lies in the future"]
    if errors:
        raise InvalidInput("the regulator's letter cannot be entered: see the fields", errors)
    refuse_personal(reference=reference)
    return {"reference": reference.strip(), "received_on": received_on.isoformat()}


def _text(field: str, text: str) -> str:
    found = text.strip()
    if not found or len(found) > LONGEST:
        message = f"takes 1 to {LONGEST} characters"
        raise InvalidInput("the regulator's letter cannot be entered: see the fields", {field: [message]})
    return found


def _key(session: Session, kind: str, reference: str) -> str:
    """One file for each letter. Raises Conflict where it is entered already."""
    key = f"{kind}:{reference}"
    if (no := session.scalar(select(FILE.c.no).where(FILE.c.source_key == key))) is not None:
        raise Conflict(f"this letter is entered under {no} already")
    return key
