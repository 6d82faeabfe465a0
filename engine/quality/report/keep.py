"""Drafting the report of a period once its months are frozen, and reading reports (R51)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import clock
from engine.domain.kpi import Period, months_of, period_of, read_period
from engine.errors import NotFound
from engine.people.actor import SYSTEM, Actor
from engine.privacy.finding import mask_text
from engine.privacy.values import read_values, references_in
from engine.quality.files import FILE, RECORD
from engine.quality.freezing import latest_months
from engine.quality.kinds import REPORT
from engine.quality.opening import open_file
from engine.quality.report.draft import draft
from engine.quality.snapshot import digest_of
from engine.read.paging import Order, Page, page
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.tables.measures import AnalysisReport

MONTHS: Final = "report.months"
"""The parameter with the months that a report covers: 1, up to 3 (a quarter) or more (a year)."""
_REPORT = table_of(AnalysisReport)


def draft_due(rt: Runtime) -> int:
    """Draft the report of every period that is frozen whole and has none, from the newest one known on."""
    with rt.sessions.read() as session:
        wanted = _wanted(rt, session)
        drafts = [(period, draft(rt, session, period)) for period in wanted]
    for period, body in drafts:
        _keep(rt, period, body)
    return len(drafts)


def _wanted(rt: Runtime, session: Session) -> list[Period]:
    """Return the periods to report on, oldest first: later than the newest report, or the newest at all."""
    frozen = set(latest_months(session, 24))
    known = list(session.scalars(select(_REPORT.c.period)))
    newest = max((read_period(name).first for name in known), default=None)
    found = {}
    for name in sorted(frozen):
        month = read_period(name)
        period = period_of(month.first, rt.parameters.current(session).value(MONTHS, month.first))
        if period.following == month.following and _months(period) <= frozen:
            found[period.name] = period
    wanted = [each for each in found.values() if newest is None or each.first > newest]
    return wanted if newest is not None else wanted[-1:]


def _months(period: Period) -> set[str]:
    return set(months_of(period))


def _keep(rt: Runtime, period: Period, body: dict[str, Any]) -> None:
    with rt.sessions.step() as session:
        if session.scalar(select(_REPORT.c.no).where(_REPORT.c.period == period.name)) is not None:
            return  # another worker was quicker
        digest = digest_of(body)
        opened = open_file(
            rt,
            session,
            SYSTEM,
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
