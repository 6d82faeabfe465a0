"""What follows from what was sent to the regulator: in time or late, the next date, measures (R63-R66)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.domain.deadlines import deadline
from engine.errors import FormRefused
from engine.people.actor import SYSTEM
from engine.privacy.values import read_values
from engine.quality.files import FILE, Recorded
from engine.quality.kinds import IMPROVEMENT
from engine.quality.opening import open_file
from engine.runtime.step import Step
from engine.store.base import table_of
from engine.store.tables.cases import Complaint


def report_drafted(done: Recorded) -> None:
    """Let no report be the final one while its complaint is still handled. Raises FormRefused (R63)."""
    number = done.file.get("complaint_no")
    if done.values.get("report_kind") != "final" or number is None:
        return
    case = table_of(Complaint).c
    ended = case.notified_at.is_not(None) | case.closed_at.is_not(None)
    if done.session.scalar(select(case.no).where(case.no == number, ended)) is None:
        message = f"complaint {number} is not answered yet: draft a first or interim report"
        raise FormRefused(message, {"report_kind": [message]})


def report_sent(done: Recorded) -> None:
    """Count the version, say whether it was late, and set the date of the next one (R63)."""
    session, step, file, values = done.session, done.step, done.file, done.values
    sent_at, due_at = _sent_at(values, step), file.get("due_at")
    late = due_at is not None and sent_at >= due_at
    file.know(versions=int(file.get("facts").get("versions", 0)) + 1, sent_late=late)
    kind = file.latest_record("major_draft").get("report_kind")
    found = {"report_kind": kind, "sent_at": sent_at, "due_at": due_at, "late": late}
    file.keep("major_timing", found, username=SYSTEM.username)
    if kind == "interim":
        days = step.rt.parameters.current(session).value("regulator.follow_up_days", sent_at.date())
        zone = step.rt.config.timezone
        file.set(due_at=deadline(step.now, days, step.rt.calendars.current(session), zone).due_at)


def answer_sent(done: Recorded) -> None:
    """Say whether the answer was sent in time: by its own date, whatever else took long (R64)."""
    step, file, values = done.step, done.file, done.values
    sent_at, due_at = _sent_at(values, step), file.get("due_at")
    late = sent_at >= due_at
    file.know(sent_late=late)
    file.keep(
        "inquiry_timing", {"sent_at": sent_at, "due_at": due_at, "late": late}, username=SYSTEM.username
    )


def rectification_accepted(done: Recorded) -> None:
    """Open the improvement measure that carries out what the regulator requires (R66, R54)."""
    session, step, file, values = done.session, done.step, done.file, done.values
    reference = str(values["requirement"])
    clear = read_values(session, step.rt.keyring, [reference], subject_id=file.subject_id())
    opened = open_file(
        step.rt,
        session,
        step.actor,
        IMPROVEMENT,
        facts={"source": "regulator", "round": 0},
        personal={"problem": str(clear[reference])},
        parent_no=file.no,
        source_key=f"rectified-by:{file.no}",
    )
    file.know(measure_no=opened.no)


def rectification_confirmed(done: Recorded) -> None:
    """Let nobody confirm what its measure has not carried out yet. Raises FormRefused (R66)."""
    session, file, values = done.session, done.file, done.values
    if values.get("rectified_decision") != "confirm":
        return
    waiting = session.scalars(
        select(FILE.c.no).where(
            FILE.c.parent_no == file.no,
            FILE.c.kind == IMPROVEMENT.name,
            FILE.c.status.in_(("proposed", "under_way", "reopened")),
        )
    ).all()
    if waiting:
        message = f"the measure {', '.join(waiting)} is not carried out yet"
        raise FormRefused(message, {"rectified_decision": [message]})


def _sent_at(values: Mapping[str, Any], step: Step) -> datetime:
    value = values["sent_at"]
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=step.rt.config.timezone)
