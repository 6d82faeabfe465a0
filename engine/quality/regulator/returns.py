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
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.documents.tables import Cell, Table, workbook_of_tables
from engine.domain.deadlines import end_of_day, local_date
from engine.domain.kpi import Period, read_period
from engine.domain.regulatory_return import COLUMNS, VERSION
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.actor import Actor
from engine.quality.files import FILE
from engine.quality.kinds import RETURN
from engine.quality.opening import Opened, open_file, open_once
from engine.quality.reading import one_file
from engine.quality.regulator.generating import frozen_months, last_made, require_frozen
from engine.quality.regulator.opening import OPEN
from engine.runtime.once import Once
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.tables.regulator import GeneratedReturn

RETURN_DAYS: Final = "regulator.return_days"
"""The parameter with the working days in which a return is filed: after its period, or after it was begun."""


def open_return(rt: Runtime, actor: Actor, name: str, *, idempotency: Once | None = None) -> Opened:
    """Begin the return of a period (2026-03, 2026-Q1, 2026) whose months are all frozen.

    Raises Forbidden, InvalidInput (no period, not frozen yet), Conflict (there is one already).
    """
    actor.require(OPEN)
    period = _readable(rt, name)

    def begin(session: Session) -> Opened:
        require_frozen(session, period)
        key = f"return:{period.name}"
        if (no := session.scalar(select(FILE.c.no).where(FILE.c.source_key == key))) is not None:
            raise Conflict(f"the return of {period.name} is {no}; correct that one")
        return _open(rt, session, actor, period, 1, key, None)

    return open_once(rt, actor, idempotency, begin)


def correct_return(rt: Runtime, actor: Actor, no: str, reason: str) -> Opened:
    """Begin a new version of a return that was filed; the one before stays as it is.

    Raises Forbidden, NotFound, InvalidInput (no reason, a month to be frozen again), Conflict (not filed,
    corrected already, or nothing has changed since).
    """
    actor.require(OPEN)
    if not reason.strip() or len(reason) > 1000:
        raise InvalidInput("say why, in 1000 characters", {"reason": ["say why, in 1000 characters"]})

    with rt.sessions.read() as session:
        made_today = _made_today(session, one_file(session, actor, no, RETURN))

    def begin(session: Session) -> Opened:
        before = one_file(session, actor, no, RETURN)
        if before["status"] != "filed":
            raise Conflict(f"{no} is not filed yet: mend it and generate it again")
        key = f"corrects:{no}"
        if (later := session.scalar(select(FILE.c.no).where(FILE.c.source_key == key))) is not None:
            raise Conflict(f"{no} is corrected by {later} already")
        period = _readable(rt, before["facts"]["period"])
        _require_changed(session, no, period, made_today)
        version = int(before["facts"]["version"]) + 1
        return _open(rt, session, actor, period, version, key, no, reason=reason.strip())

    return open_once(rt, actor, None, begin)


def _made_today(session: Session, before: Mapping[str, Any]) -> str | None:
    """Return the SHA-256 of the file that a filed return would be today, None where it is not filed: read
    before anything is locked. Raises InvalidInput (see `require_frozen`).
    """
    if before["status"] != "filed":
        return None
    found = frozen_months(session, read_period(before["facts"]["period"]))
    return hashlib.sha256(found.as_file()).hexdigest()


def _require_changed(session: Session, no: str, period: Period, made_today: str | None) -> None:
    """Raises Conflict where a return made today would be the file that was filed."""
    if made_today != last_made(session, no):
        return
    versions = require_frozen(session, period)
    months = ", ".join(f"{month} v{each['version']}" for month, each in versions.items())
    raise Conflict(
        f"a correction of {no} would be the same file: the frozen figures of {months} say what was filed; "
        "mend the data, freeze the month again, then correct the return"
    )


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
        due_at=return_due(rt, session, period) if version == 1 else _correction_due(rt, session),
    )


def return_due(rt: Runtime, session: Session, period: Period) -> datetime:
    """Return until when the return of a period is to be filed: so many working days after its end."""
    last = period.following - timedelta(days=1)
    days = rt.parameters.current(session).value(RETURN_DAYS, last)
    return end_of_day(rt.calendars.current(session).working_days_after(last, days), rt.config.timezone)


def _correction_due(rt: Runtime, session: Session) -> datetime:
    """A correction has as many working days as a return, from the day on which it was begun."""
    today = local_date(clock.now(), rt.config.timezone)
    days = rt.parameters.current(session).value(RETURN_DAYS, today)
    return end_of_day(rt.calendars.current(session).working_days_after(today, days), rt.config.timezone)


def _readable(rt: Runtime, name: str) -> Period:
    period = read_period(name)
    if period.following > local_date(clock.now(), rt.config.timezone):
        message = "the period is not over yet"
        raise InvalidInput(message, {"period": [message]})
    return period


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
