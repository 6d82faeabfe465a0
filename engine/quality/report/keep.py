"""Drafting the report of a period once its months are frozen, and reading reports (R51)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import clock
from engine.domain.deadlines import local_date
from engine.domain.kpi import Period, months_of, period_of, read_period
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.actor import SYSTEM, Actor
from engine.privacy.finding import mask_text
from engine.privacy.values import read_values, references_in
from engine.quality.files import FILE, RECORD
from engine.quality.freezing import MOST_BACK, closes_at, latest_months
from engine.quality.kinds import REPORT
from engine.quality.opening import open_file
from engine.quality.report.draft import draft
from engine.quality.snapshot import digest_of
from engine.read.paging import Order, Page, page
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.tables.cases import Complaint
from engine.store.tables.measures import AnalysisReport
from engine.store.tables.models import Bundle

MONTHS: Final = "report.months"
"""The parameter with the months that a report covers: 1, up to 3 (a quarter) or more (a year)."""
FAMILY: Final = "analysis"
"""The family whose first deployment begins the time that is reported on by itself."""
DRAFT: Final = "report.draft"
log = logging.getLogger(__name__)
_REPORT = table_of(AnalysisReport)


@dataclass(frozen=True, slots=True)
class Missing:
    """A period that a report is due of and has none: `unfrozen` are its months whose figures are not frozen;
    `by_itself` says that the chore drafts it.
    """

    period: Period
    unfrozen: tuple[str, ...]
    by_itself: bool


def draft_due(rt: Runtime) -> int:
    """Draft the report of every period that was due since reports are drafted here and is frozen whole, each
    in a transaction of its own; return how many. Days on which nothing ran leave none out.

    Of the time before (complaints that were imported) the newest alone is drafted; the others are listed as
    missing, and drafted by who asks for it.
    """
    with rt.sessions.read() as session:
        wanted = [each.period for each in _missing(rt, session) if each.by_itself and not each.unfrozen]
    return sum(_draft_quietly(rt, period) for period in wanted)


def _draft_quietly(rt: Runtime, period: Period) -> bool:
    try:
        return _draft(rt, period) is not None
    except Exception as error:  # noqa: BLE001 - the others are to be drafted, this one again next time
        log.warning("the report of %s could not be drafted: %s", period.name, type(error).__name__)
        return False


def missing_reports(rt: Runtime, session: Session, actor: Actor) -> list[Missing]:
    """Return the periods that lack their report, the newest first. Raises Forbidden."""
    actor.require("report.read")
    return _missing(rt, session)[::-1]


def draft_missing(rt: Runtime, actor: Actor, name: str) -> str:
    """Draft the report of a period that lacks it; return its number. Raises Forbidden, InvalidInput (no
    period, or none that lacks a report), Conflict (a month is not frozen, or somebody was quicker).
    """
    actor.require(DRAFT)
    period = read_period(name)
    with rt.sessions.read() as session:
        found = next((each for each in _missing(rt, session) if each.period == period), None)
    if found is None:
        message = "no report of this period is missing"
        raise InvalidInput(message, {"period": [message]})
    if found.unfrozen:
        raise Conflict(f"the figures of {', '.join(found.unfrozen)} are not frozen yet; freeze them first")
    if (no := _draft(rt, period, actor)) is None:
        raise Conflict(f"the report of {period.name} was drafted just now")
    return no


def _missing(rt: Runtime, session: Session) -> list[Missing]:
    """Return what is missing, oldest first: periods that are due, have seen a complaint, and began no earlier
    than months are frozen by themselves; where there is no report at all, that of the newest frozen month as
    well, though nobody had complained by then.
    """
    earliest = session.scalar(select(func.min(Complaint.received_at)))
    since = session.scalar(select(func.min(Bundle.deployed_at)).where(Bundle.family == FAMILY))
    if earliest is None or since is None:
        return []
    frozen = set(latest_months(session, MOST_BACK))
    known = set(session.scalars(select(_REPORT.c.period)))
    first = local_date(earliest, rt.config.timezone)
    if frozen and not known:
        first = min(first, read_period(max(frozen)).first)
    due = [
        (period, closes)
        for period in _periods(rt, session, first)
        if (closes := closes_at(rt, session, period)) <= clock.now()
    ]
    return [
        Missing(
            period,
            tuple(month for month in months_of(period) if month not in frozen),
            closes > since or (not known and period == due[-1][0]),
        )
        for period, closes in due
        if period.name not in known
    ]


def _periods(rt: Runtime, session: Session, first: date) -> list[Period]:
    """Return the periods of reports that are over, from that of the first complaint on."""
    parameters, today = rt.parameters.current(session), local_date(clock.now(), rt.config.timezone)
    found: list[Period] = []
    day = max(first, _months_back(today, MOST_BACK))
    while (period := period_of(day, parameters.value(MONTHS, day))).following <= today:
        found.append(period)
        day = period.following
    return found


def _months_back(day: date, months: int) -> date:
    ahead = day.year * 12 + day.month - 1 - months
    return date(ahead // 12, ahead % 12 + 1, 1)


def _draft(rt: Runtime, period: Period, actor: Actor = SYSTEM) -> str | None:
    """Draft a report and keep it; return its number, or None where another worker was quicker."""
    with rt.sessions.read() as session:
        body = draft(rt, session, period)
    try:
        return _keep(rt, period, actor, body)
    except IntegrityError:  # somebody has kept it at this moment: now theirs is seen
        return _keep(rt, period, actor, body)


def _keep(rt: Runtime, period: Period, actor: Actor, body: dict[str, Any]) -> str | None:
    with rt.sessions.step() as session:
        if session.scalar(select(_REPORT.c.no).where(_REPORT.c.period == period.name)) is not None:
            return None
        digest = digest_of(body)
        opened = open_file(
            rt,
            session,
            actor,
            REPORT,
            facts={"period": period.name, "digest": digest},
            source_key=f"report:{period.name}",
        )
        row = {
            "no": opened.no,
            "period": period.name,
            "drafted_at": clock.now(),
            "digest": digest,
            "body": body,
        }
        session.execute(insert(_REPORT), [row])
    return opened.no


def reports(session: Session, actor: Actor, *, cursor: str | None = None) -> Page:
    """Return the reports with their status, the newest period first. Raises Forbidden."""
    actor.require("report.read")
    query = select(
        _REPORT.c.no, _REPORT.c.period, _REPORT.c.drafted_at, FILE.c.status, FILE.c.closed_at
    ).join(FILE, FILE.c.no == _REPORT.c.no)
    return page(session, query, Order("no", (_REPORT.c.no,), descending=True), limit=50, cursor=cursor)


def report(rt: Runtime, session: Session, actor: Actor, no: str) -> dict[str, Any]:
    """Return a report with its `status`, `commentary` and `signature` (records in clear, or None); what tells
    in them who somebody is is masked: a report has many readers (R61).

    Raises Forbidden, NotFound.
    """
    actor.require("report.read")
    row = session.execute(
        select(_REPORT, FILE.c.status, FILE.c.instance_id)
        .join(FILE, FILE.c.no == _REPORT.c.no)
        .where(_REPORT.c.no == no)
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no report {no}")
    found = dict(row._mapping)
    records = session.execute(
        select(RECORD.c.kind, RECORD.c["values"], RECORD.c.actor, RECORD.c.at)
        .where(RECORD.c.file_no == no)
        .order_by(RECORD.c.id)
    )
    latest = {each.kind: {**each[1], "actor": each.actor, "at": each.at} for each in records}
    clear = read_values(session, rt.keyring, references_in(list(latest.values())))
    texts = {ref: mask_text(text) if isinstance(text, str) else text for ref, text in clear.items()}
    for record in latest.values():
        record |= {
            key: texts[value] for key, value in record.items() if isinstance(value, str) and value in texts
        }
    found["commentary"] = latest.get("commentary")
    found["signature"] = latest.get("signature") if found["status"] == "signed" else None
    return found
