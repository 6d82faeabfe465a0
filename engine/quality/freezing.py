"""Freezing the figures of a month some working days after its end; corrections are further versions (R44).

A version is written in parts, so that no other writer waits for long: as `building` first, its cases a batch
at a time; then it is sealed, with its digest in the trail. What a worker left half-way the next one removes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.domain.deadlines import end_of_day, local_date
from engine.domain.kpi import Period, month_of, period_of, read_period
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.actor import SYSTEM, Actor
from engine.privacy.finding import mask_text
from engine.quality.conditions import CASE
from engine.quality.facts import gather_cases
from engine.quality.measure import asked_of
from engine.quality.returned import look_at_returned
from engine.quality.snapshot import Seen, body_of, candidates, digest_of, digest_of_cases, summarise
from engine.read.paging import Order, Page, page
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.tables.audit import History
from engine.store.tables.cases import Complaint
from engine.store.tables.measures import FrozenCase, FrozenPeriod

DAYS_AFTER: Final = "figures.freeze_days"
"""The parameter with the working days after a month's end at which its figures are frozen."""
RETURN_MONTHS: Final = "regulator.return_months"
"""The parameter with the months that a periodic return covers: 1, 3 or 12."""
MOST_BACK: Final = 24
"""How many months back are frozen by themselves; older ones by whoever asks for it."""
BATCH: Final = 1_000
STREAM: Final = "figures"
"""The stream of the trail that tells what was frozen."""
FROZEN, BUILDING = "frozen", "building"
CLOSED, WINDOW_OVER, CORRECTION = "closed", "window", "correction"
_CASES, _PERIODS = table_of(FrozenCase), table_of(FrozenPeriod)


def freeze_due(rt: Runtime) -> int:
    """Freeze every month that is due, and again once what had to wait may be shown; return how many."""
    with rt.sessions.read() as session:
        due = _due(rt, session)
    return sum(_freeze_quietly(rt, period, reason) for period, reason in due)


def _freeze_quietly(rt: Runtime, period: Period, reason: str) -> bool:
    try:
        _freeze(rt, SYSTEM, period, reason, "")
    except Conflict:
        return False  # another worker was quicker
    return True


def correct(rt: Runtime, actor: Actor, name: str, reason: str) -> int:
    """Freeze a month again, or one that was too old to be frozen by itself; return the version.

    Raises Forbidden, InvalidInput (no month, not due yet, no reason), Conflict (nothing has changed).
    """
    actor.require("figures.freeze")
    period = read_period(name)
    if month_of(period.first) != period:
        message = "figures are frozen by the month: 2026-03"
        raise InvalidInput(message, {"period": [message]})
    if not reason.strip() or len(reason) > 500:
        raise InvalidInput("say why, in 500 characters", {"reason": ["say why, in 500 characters"]})
    with rt.sessions.read() as session:
        closes = closes_at(rt, session, period)
    if clock.now() < closes:
        message = "the figures of this month are not due to be frozen yet"
        raise InvalidInput(message, {"period": [message]})
    return _freeze(rt, actor, period, CORRECTION, mask_text(reason.strip()))


def closes_at(rt: Runtime, session: Session, period: Period) -> datetime:
    """Return when the figures of a period are frozen: so many working days after its last day."""
    last = period.following - timedelta(days=1)
    days = rt.parameters.current(session).value(DAYS_AFTER, last)
    closing = rt.calendars.current(session).working_days_after(last, days)
    return end_of_day(closing, rt.config.timezone)


def _due(rt: Runtime, session: Session) -> list[tuple[Period, str]]:
    """Return the months to freeze, oldest first, and why.

    The empty months before the first complaint that its periodic return covers (R65) are frozen once that
    return can be made, no earlier: what is imported meanwhile still finds them open.
    """
    earliest = session.scalar(select(func.min(Complaint.received_at)))
    if earliest is None:
        return []
    zone, now = rt.config.timezone, clock.now()
    first, today = local_date(earliest, zone), local_date(now, zone)
    returned = period_of(first, rt.parameters.current(session).value(RETURN_MONTHS, today))
    latest = _latest(session)
    found = []
    for period in _months(returned.first, today):
        if now < closes_at(rt, session, returned if period.following <= first else period):
            continue
        known = latest.get(period.name)
        if known is None:
            found.append((period, CLOSED))
        elif any(_instant(until) <= now for until in known["waiting"].values()):
            found.append((period, WINDOW_OVER))
    return found


def _months(first: date, today: date) -> list[Period]:
    ahead = today.year * 12 + today.month - 1
    begin = max(first.year * 12 + first.month - 1, ahead - MOST_BACK)
    return [read_period(f"{each // 12}-{each % 12 + 1:02d}") for each in range(begin, ahead)]


def _latest(session: Session) -> dict[str, Mapping[str, Any]]:
    rows = session.execute(
        select(FrozenPeriod.period, FrozenPeriod.body)
        .where(FrozenPeriod.state == FROZEN)
        .order_by(FrozenPeriod.version)
    )
    return {row[0]: row[1] for row in rows}


def _freeze(rt: Runtime, actor: Actor, period: Period, reason: str, text: str) -> int:
    with rt.sessions.read() as session:
        asked = asked_of(period, rt.config.timezone, rt.parameters.current(session))
    gather_cases(rt, select(CASE.no).where(candidates(asked)).order_by(CASE.no))
    with rt.sessions.read() as session:
        seen = look_at_returned(session, asked, rt.config.timezone)
        body = body_of(asked, seen, rt.calendars.current(session).version)
    frozen_id, version = _begin(rt, actor, period, body, reason, text)
    for at in range(0, len(seen), BATCH):
        _write_cases(rt, frozen_id, period, seen[at : at + BATCH])
    digest = digest_of(body)
    with rt.sessions.step() as session:
        _require_building(session, frozen_id, period)
        session.execute(update(_PERIODS).where(_PERIODS.c.id == frozen_id).values(state=FROZEN))
        data = {"period": period.name, "version": version, "digest": digest, "reason": reason}
        note(
            session, actor.username, "figures.sealed", data | ({"text": text} if text else {}), stream=STREAM
        )
    return version


def _begin(
    rt: Runtime, actor: Actor, period: Period, body: Mapping[str, Any], reason: str, text: str
) -> tuple[str, int]:
    """Write the version as building, in place of one that was left half-way; return its id and number."""
    frozen_id = new_id()
    with rt.sessions.step() as session:
        building = select(_PERIODS.c.id).where(_PERIODS.c.period == period.name, _PERIODS.c.state == BUILDING)
        left = session.scalars(building.with_for_update()).all()  # not one that is sealed at this moment
        session.execute(delete(_CASES).where(_CASES.c.frozen_id.in_(left)))
        session.execute(delete(_PERIODS).where(_PERIODS.c.id.in_(left)))
        last = session.execute(
            select(_PERIODS.c.version, _PERIODS.c.body)
            .where(_PERIODS.c.period == period.name)
            .order_by(_PERIODS.c.version.desc())
            .limit(1)
        ).one_or_none()
        if last is not None and _says_the_same(last.body, body):
            raise Conflict(f"nothing has changed since version {last.version} of {period.name}")
        version = last.version + 1 if last is not None else 1
        row = {
            "id": frozen_id,
            "period": period.name,
            "version": version,
            "state": BUILDING,
            "reason": reason,
            "reason_text": text,
            "frozen_by": actor.username,
            "frozen_at": clock.now(),
            "digest": digest_of(body),
            "body": body,
        }
        try:
            session.execute(insert(_PERIODS).values(row))
        except IntegrityError as error:
            raise _somebody_else(period) from error
    return frozen_id, version


def _says_the_same(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    parts = ("cases", "settings", "calendar", "versions", "waiting")
    return all(before[name] == after[name] for name in parts)


def _write_cases(rt: Runtime, frozen_id: str, period: Period, seen: Sequence[Seen]) -> None:
    rows = [
        {
            "frozen_id": frozen_id,
            "complaint_no": each.no,
            "asked": each.asked,
            "hit": each.hit,
            "handler": each.groups.get("handler"),
            "groups": dict(each.groups),
            "amounts": dict(each.amounts),
            "returned": None if each.returned is None else dict(each.returned),
        }
        for each in seen
    ]
    with rt.sessions.step() as session:
        _require_building(session, frozen_id, period)
        session.execute(insert(_CASES), rows)


def _require_building(session: Session, frozen_id: str, period: Period) -> None:
    """Hold the version until the commit. Raises Conflict where one that was begun later has removed it."""
    query = select(_PERIODS.c.id).where(_PERIODS.c.id == frozen_id, _PERIODS.c.state == BUILDING)
    if session.scalar(query.with_for_update()) is None:
        raise _somebody_else(period)


def _somebody_else(period: Period) -> Conflict:
    return Conflict(f"somebody else is freezing {period.name}; look again in a minute")


def frozen_versions(session: Session, actor: Actor, *, limit: int = 50, cursor: str | None = None) -> Page:
    """Return the frozen versions, newest month and version first, without their bodies. Raises Forbidden."""
    actor.require("report.read")
    columns = [column for column in _PERIODS.c if column.name != "body"]
    query = select(*columns).where(_PERIODS.c.state == FROZEN)
    order = Order("period", (_PERIODS.c.period, _PERIODS.c.version), descending=True)
    return page(session, query, order, limit=limit, cursor=cursor)


def newest_version(session: Session, period: str) -> int | None:
    """Return the number of the newest frozen version of a period; None where it is not frozen."""
    query = select(func.max(FrozenPeriod.version))
    return session.scalar(query.where(FrozenPeriod.period == period, FrozenPeriod.state == FROZEN))


def newer_versions(session: Session, versions: Mapping[str, int]) -> dict[str, int]:
    """Return the newest version of each of these months that was frozen again since the version named."""
    newest = {period: newest_version(session, period) or 0 for period in versions}
    return {period: newest[period] for period, version in versions.items() if newest[period] > version}


def latest_months(session: Session, most: int) -> list[str]:
    """Return the last months that are frozen, newest first."""
    query = select(_PERIODS.c.period).where(_PERIODS.c.state == FROZEN).distinct()
    return list(session.scalars(query.order_by(_PERIODS.c.period.desc()).limit(most)))


def frozen(session: Session, period: str, version: int | None = None) -> dict[str, Any]:
    """Return a frozen version, the newest where none is named. Raises NotFound. Asks nobody's permission."""
    query = select(_PERIODS).where(_PERIODS.c.period == period, _PERIODS.c.state == FROZEN)
    if version is not None:
        query = query.where(_PERIODS.c.version == version)
    row = session.execute(query.order_by(_PERIODS.c.version.desc()).limit(1)).one_or_none()
    if row is None:
        raise NotFound(f"the figures of {period} are not frozen{f' in version {version}' if version else ''}")
    return dict(row._mapping)


def seen_of(session: Session, frozen_id: str, handler: str | None = None) -> list[Seen]:
    """Return the cases of a frozen version as they were seen, by number; those of a handler where named."""
    query = select(_CASES).where(_CASES.c.frozen_id == frozen_id).order_by(_CASES.c.complaint_no)
    if handler is not None:
        query = query.where(_CASES.c.handler == handler)
    return [
        Seen(row.complaint_no, row.asked, row.hit, row.groups, row.amounts, row.returned)
        for row in session.execute(query)
    ]


def handlers_of(session: Session, frozen_id: str) -> list[str]:
    """Return who had a case of a frozen version, whichever figure asks about it: of whom there is a sheet."""
    query = select(_CASES.c.handler).where(_CASES.c.frozen_id == frozen_id, _CASES.c.handler.is_not(None))
    return list(session.scalars(query.distinct().order_by(_CASES.c.handler)))


def verify_frozen(session: Session, found: Mapping[str, Any]) -> list[str]:
    """Make the figures of a version again from its cases; return in words what does not hold."""
    body, seen = found["body"], seen_of(session, found["id"])
    where = f"{found['period']} version {found['version']}"
    problems = []
    if digest_of(body) != found["digest"]:
        problems.append(f"{where}: the figures are not those that were frozen")
    if digest_of_cases(seen) != body["cases"]["sha256"]:
        problems.append(f"{where}: its cases are not those that were frozen")
    again = summarise(seen, body["order"], body["groups"])
    if any(again[part] != body[part] for part in ("figures", "amounts")):
        problems.append(f"{where}: its figures do not follow from its cases")
    return problems


def verify_all_frozen(session: Session) -> list[str]:
    """Verify every frozen version, one after the other, and that the trail holds its digest."""
    rows = session.execute(
        select(_PERIODS).where(_PERIODS.c.state == FROZEN).order_by(_PERIODS.c.period, _PERIODS.c.version)
    )
    return [problem for row in rows for problem in unproven(session, dict(row._mapping))]


def unproven(session: Session, found: Mapping[str, Any]) -> list[str]:
    """Verify a frozen version, and that the trail holds its digest; return in words what does not hold."""
    problems = verify_frozen(session, found)
    if _noted(session).get((found["period"], found["version"])) != found["digest"]:
        problems.append(f"{found['period']} version {found['version']}: the trail does not hold its digest")
    return problems


def _noted(session: Session) -> dict[tuple[str, int], str]:
    """Return the digests in the trail by period and version."""
    query = select(History.data).where(History.stream == STREAM, History.kind == "figures.sealed")
    entries = [orjson.loads(text) for text in session.scalars(query)]
    return {(each["period"], each["version"]): each["digest"] for each in entries}


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
