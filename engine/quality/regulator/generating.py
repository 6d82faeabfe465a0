"""Making the file of a periodic return from the frozen versions of its months, and from nothing else (R65).

Whatever happens to a case after its month was frozen changes no attempt: the month has to be frozen again, as
a further version with its reason, and the next attempt names that one.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.domain.complaint import Status
from engine.domain.kpi import Period, months_of, read_period
from engine.domain.regulatory_return import (
    ERROR,
    WARNING,
    Finding,
    as_csv,
    check_return,
    read_row,
    totals_of,
)
from engine.errors import InvalidInput, NotFound, StepFailed
from engine.people.actor import SYSTEM
from engine.quality.files import FILE, RECORD
from engine.quality.freezing import frozen
from engine.quality.kinds import RETURN
from engine.quality.returned import received_in
from engine.quality.snapshot import ALL_RECEIVED
from engine.runtime.ledger import lock_instance, note_on_instance
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.tables.measures import FrozenCase
from engine.store.tables.regulator import GeneratedReturn

MOST_FINDINGS: Final = 1_000
_MADE: Final = table_of(GeneratedReturn)
_CASES: Final = table_of(FrozenCase)
Versions = Mapping[str, Mapping[str, Any]]
"""The frozen version of each month of a return."""


@dataclass(frozen=True, slots=True)
class FrozenMonths:
    """What a return is made of: the frozen version of each month, and the rows of everything received in them
    that is a complaint, by month and number.
    """

    versions: Versions
    rows: Sequence[Mapping[str, Any]]

    def as_file(self) -> bytes:
        """Return the file that a return of these months is."""
        return as_csv(self.rows)


def frozen_months(session: Session, period: Period) -> FrozenMonths:
    """Return the newest frozen version of each month, first to last, with its rows; each is read once.

    Raises InvalidInput as `require_frozen`.
    """
    versions = require_frozen(session, period)
    rows = [
        row
        for version in versions.values()
        for kept in session.scalars(received_in(version).order_by(_CASES.c.complaint_no))
        if (row := read_row(kept))["status"] != Status.NOT_A_COMPLAINT
    ]
    return FrozenMonths(versions, rows)


def require_frozen(session: Session, period: Period) -> Versions:
    """Return the newest frozen version of each month, first to last, without reading their rows.

    Raises InvalidInput where one is not frozen yet, or was frozen before rows were kept with it.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for month in months_of(period):
        try:
            found[month] = frozen(session, month)
        except NotFound as error:
            message = f"the figures of {month} are not frozen yet; a return is made of frozen figures"
            raise InvalidInput(message, {"period": [message]}) from error
        without = received_in(found[month]).where(_CASES.c.returned.is_(None))
        if session.scalar(without.with_only_columns(_CASES.c.complaint_no).limit(1)) is not None:
            message = (
                f"the figures of {month} were frozen by an earlier release, without the rows that a return "
                "is made of; freeze this month again"
            )
            raise InvalidInput(message, {"period": [message]})
    return found


def _expected(versions: Versions) -> int:
    """Return how many complaints the figures count: received, and not found to be none."""
    figures = [each["body"]["figures"] for each in versions.values()]
    return sum(each[ALL_RECEIVED]["of"] - each["not-a-complaint"]["hits"] for each in figures)


def last_made(session: Session, no: str) -> str | None:
    """Return the SHA-256 of the last attempt at a return; None where there is none."""
    query = select(_MADE.c.sha256).where(_MADE.c.file_no == no)
    return session.scalar(query.order_by(_MADE.c.attempt.desc()).limit(1))


def generate_return(rt: Runtime, no: str, key: str) -> dict[str, Any]:
    """Generate a return anew and check it; keep the attempt and return what the process goes on by.

    The frozen cases are read and checked while nothing is locked; the attempt is kept in one short
    transaction, under `key` once. Raises StepFailed, InvalidInput (see `require_frozen`).
    """
    with rt.sessions.read() as session:
        row = session.execute(select(FILE).where(FILE.c.no == no)).one_or_none()
        if row is None or row.kind != RETURN.name:
            raise StepFailed(f"{no} is no return")
        made, attempt = _generate(session, row)
    with rt.sessions.step() as session:
        if lock_instance(session, row.instance_id) not in ("active", "suspended"):
            return {"errors": made["errors"]}  # it was ended meanwhile: nothing more is kept of it
        row = session.execute(select(FILE).where(FILE.c.no == no)).one()
        if session.scalar(select(_MADE.c.id).where(_MADE.c.id == key)) is not None:
            return {"errors": row.facts["errors"]}  # kept before
        _keep(session, row, made, attempt | {"id": key})
    return {"errors": made["errors"]}


def _generate(session: Session, row: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a file comes to now: in short, and the attempt as it is kept."""
    months = frozen_months(session, read_period(row.facts["period"]))
    rows, content = months.rows, months.as_file()
    digest = hashlib.sha256(content).hexdigest()
    findings = check_return(rows, _expected(months.versions))
    if row.parent_no is not None and last_made(session, row.parent_no) == digest:
        findings.append(Finding(WARNING, "unchanged"))
    errors = sum(each.level == ERROR for each in findings)
    made = {
        "period": row.facts["period"],
        "version": row.facts["version"],
        "rows": len(rows),
        "nil": not rows,
        "errors": errors,
        "warnings": len(findings) - errors,
        "sha256": digest,
    }
    attempt = {
        "rows": len(rows),
        "content": gzip.compress(content, mtime=0),
        "sha256": digest,
        "totals": totals_of(rows),
        "findings": [each.plain() for each in findings[:MOST_FINDINGS]],
        "frozen": {
            month: {"version": each["version"], "digest": each["digest"]}
            for month, each in months.versions.items()
        },
    }
    return made, attempt


def _keep(session: Session, row: Any, made: dict[str, Any], attempt: Mapping[str, Any]) -> None:
    now = clock.now()
    query = select(_MADE.c.attempt).where(_MADE.c.file_no == row.no).order_by(_MADE.c.attempt.desc()).limit(1)
    number = (session.scalar(query) or 0) + 1
    session.execute(insert(_MADE).values(file_no=row.no, attempt=number, created_at=now, **attempt))
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
