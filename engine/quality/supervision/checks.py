"""The check of a drawn case: its list, the call-back held against the survey, the findings (R41-R43)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.public.survey import counted_answer
from engine.domain import deadlines
from engine.errors import FormRefused
from engine.people.actor import SYSTEM
from engine.quality.conditions import FAR_APART, SATISFIED
from engine.quality.files import FILE, RECORD, Recorded
from engine.quality.kinds import CHECK, FINDING
from engine.quality.opening import open_file
from engine.quality.supervision.inspections import CHECK_DONE, FRAME
from engine.runtime.commands.correlate import publish
from engine.runtime.ledger import lock_instance
from engine.runtime.runtime import Runtime
from engine.store.tables.cases import Complaint
from engine.store.types import instant_text

OPEN_FINDING = "redress:open-finding"
CHECKS_DONE = "checks-done"
"""The message that an inspection waits for."""
FOLLOW_UP = "supervision.follow_up_days"
FIRST_DUE: Final = "first_due_at"
"""The fact that keeps until when a finding was to be put right at first."""


def open_check(rt: Runtime, session: Session, payload: Mapping[str, Any]) -> None:
    """Open the check of a drawn case; a second call finds it."""
    no, complaint_no = str(payload["inspection"]), str(payload["complaint_no"])
    groups, call_back = session.execute(
        select(FILE.c.facts, FRAME.c.call_back)
        .join(FRAME, FRAME.c.file_no == FILE.c.no)
        .where(FILE.c.no == no, FRAME.c.complaint_no == complaint_no)
    ).one()
    answer = counted_answer(session, complaint_no)
    open_file(
        rt,
        session,
        SYSTEM,
        CHECK,
        facts={
            "groups": groups.get("check_groups", []),
            "call_back": call_back,
            "tries": 0,
            "survey_score": answer.score if answer is not None else None,
        },
        complaint_no=complaint_no,
        parent_no=no,
        source_key=f"{no}:{complaint_no}",
    )


def case_checked(done: Recorded) -> None:
    """Count what was not in order; a finding for each problem is opened after this step.

    Raises FormRefused where a finding names nobody who could answer for it, or says nothing.
    """
    session, file, values = done.session, done.file, done.values
    answers = [value for name, value in values.items() if name.startswith("check_")]
    found = _findings(values)
    handler = session.scalars(select(Complaint.handler).where(Complaint.no == file.complaint_no)).first()
    for index, each in found:
        if not each.get("finding_text"):
            message = "say what was found"
            raise FormRefused(message, {f"findings.{index}.finding_text": [message]})
        if not each.get("finding_person") and handler is None:
            message = "nobody has handled this case: choose who is to answer"
            raise FormRefused(message, {f"findings.{index}.finding_person": [message]})
    file.know(
        checked=sum(value in ("ok", "deficient") for value in answers),
        deficient=answers.count("deficient"),
        findings=len(found),
    )
    for index, _ in found:
        file.add_job(OPEN_FINDING, {"check": file.no, "index": index})


def customer_called(done: Recorded) -> None:
    """Count the try, and hold what the customer said against what the survey says (R43)."""
    session, file, values = done.session, done.file, done.values
    answer = counted_answer(session, str(file.complaint_no))
    survey = answer.score if answer is not None else None
    said = int(values["call_score"]) if values.get("call_score") else None
    reached = values.get("call_outcome") == "answered"
    apart = reached and survey is not None and said is not None and _contradict(survey, said)
    file.know(
        tries=int(file.get("facts").get("tries", 0)) + 1,
        reached=reached,
        survey_score=survey,
        call_score=said if reached else None,
        disagrees=bool(apart),
    )


def check_closed(done: Recorded) -> None:
    """Tell the inspection, after this step."""
    done.file.add_job(CHECK_DONE, {"inspection": done.file.get("parent_no")})


def tell_inspection(rt: Runtime, session: Session, payload: Mapping[str, Any]) -> None:
    """Let an inspection go on once every drawn case was checked; of two last checks one sees both."""
    no = str(payload["inspection"])
    lock_instance(session, str(session.scalars(select(FILE.c.instance_id).where(FILE.c.no == no)).one()))
    facts = session.scalars(select(FILE.c.facts).where(FILE.c.no == no)).one()
    done = session.scalar(
        select(func.count()).where(
            FILE.c.parent_no == no, FILE.c.kind == CHECK.name, FILE.c.closed_at.is_not(None)
        )
    )
    if done == facts.get("sample_size"):
        publish(rt, session, SYSTEM, CHECKS_DONE, no, {})


def open_finding(rt: Runtime, session: Session, payload: Mapping[str, Any]) -> None:
    """Open a finding of a check for whoever has to answer for it; a second call finds it."""
    check, index = str(payload["check"]), int(payload["index"])
    file = session.execute(select(FILE).where(FILE.c.no == check)).one()
    record = session.execute(
        select(RECORD.c["values"], RECORD.c.actor)
        .where(RECORD.c.file_no == check, RECORD.c.kind == "checklist")
        .order_by(RECORD.c.id.desc())
        .limit(1)
    ).one()
    each = record[0]["findings"][index]
    complaint = session.execute(
        select(Complaint.handler, Complaint.department_id).where(Complaint.no == file.complaint_no)
    ).one()
    days = int(each.get("finding_days") or _usual_days(rt, session))
    open_file(
        rt,
        session,
        SYSTEM,
        FINDING,
        facts={
            "severity": each["finding_severity"],
            "finding_group": each.get("finding_group"),
            "days": days,
        },
        references={"finding_text": each["finding_text"]},
        complaint_no=file.complaint_no,
        parent_no=check,
        source_key=f"{check}:{index}",
        owner=each.get("finding_person") or complaint.handler,
        raiser=record[1],
        department_id=complaint.department_id,
    )


def finding_stands(done: Recorded) -> None:
    """Let the working days to put it right run from now: who answers or disputes a finding is not late
    meanwhile (R40, R42). One that was opened with a date keeps it where it is later. This is the date that
    counts: one that follows once the finding was sent back makes nobody timely (as K1a has it).
    """
    _run(done, int(done.file.get("facts").get("days") or _usual_days(done.step.rt, done.session)))
    done.file.know(**{FIRST_DUE: instant_text(done.file.get("due_at"))})


def finding_sent_back(done: Recorded) -> None:
    """Let the days run again that the verification gives, or the usual ones."""
    asked = done.file.latest_record("verification").get("again_days")
    _run(done, int(asked or _usual_days(done.step.rt, done.session)))


def _run(done: Recorded, days: int) -> None:
    rt, file = done.step.rt, done.file
    calendar = rt.calendars.current(done.session)
    due_at = deadlines.deadline(done.step.now, days, calendar, rt.config.timezone).due_at
    file.set(due_at=max(due_at, file.get("due_at") or due_at))


def _usual_days(rt: Runtime, session: Session) -> int:
    return rt.parameters.current(session).value(
        FOLLOW_UP, deadlines.local_date(clock.now(), rt.config.timezone)
    )


def _findings(values: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    rows = values.get("findings") or []
    return [(at, row) for at, row in enumerate(rows) if row.get("finding_severity") not in (None, "none")]


def _contradict(one: int, other: int) -> bool:
    return (one >= SATISFIED) != (other >= SATISFIED) or abs(one - other) >= FAR_APART
