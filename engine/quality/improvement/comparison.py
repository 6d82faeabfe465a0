"""Comparing before and after: the metric that the measure named, and satisfaction beside it (R57, R58)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.domain.deadlines import local_date
from engine.domain.effect import Change, judge
from engine.domain.kpi import Proportion
from engine.errors import StepFailed
from engine.people.actor import SYSTEM
from engine.quality.facts import gather_new
from engine.quality.files import FILE, RECORD
from engine.quality.improvement.measures import WINDOW
from engine.quality.improvement.metrics import METRICS, span
from engine.runtime.ledger import note_on_instance
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id


def compare_effect(rt: Runtime, session: Session, no: str) -> dict[str, Any]:
    """Compare a measure's metric and satisfaction before and after it; keep and return the result.

    Before is the span of the baseline; after begins the day after the measure was carried out and is no
    longer than that. Runs within the transaction that ends the job. Raises StepFailed where the measure was
    not defined or not carried out.
    """
    gather_new(rt, session)
    row = session.execute(select(FILE).where(FILE.c.no == no)).one_or_none()
    done = session.scalars(
        select(RECORD.c.at)
        .where(RECORD.c.file_no == no, RECORD.c.kind == "execution")
        .order_by(RECORD.c.id.desc())
        .limit(1)
    ).first()
    if row is None or done is None or "baseline_from" not in row.facts:
        raise StepFailed(f"{no} is no measure that was defined and carried out: there is nothing to compare")
    facts: Mapping[str, Any] = row.facts
    now, zone = clock.now(), rt.config.timezone
    today = local_date(now, zone)
    window = rt.parameters.current(session).value(WINDOW, today)
    first = max(local_date(done, zone) + timedelta(days=1), today - timedelta(days=window))
    before = span(rt, _day(facts["baseline_from"]), _day(facts["baseline_until"]), now)
    after = span(rt, first, max(first, today - timedelta(days=1)), now)
    metric = METRICS[facts["metric"]]
    change = Change(
        Proportion(facts["baseline_hits"], facts["baseline_of"]), metric.count(session, facts, after)
    )
    satisfied = METRICS["satisfaction"].count
    content = Change(satisfied(session, facts, before), satisfied(session, facts, after))
    found = {
        "metric": metric.name,
        "verdict": judge(change, good_is_high=metric.good_is_high, target=float(facts["target"]) / 100),
        "after_from": first.isoformat(),
        "after_until": max(first, today - timedelta(days=1)).isoformat(),
        **_numbers("", change),
        **_numbers("satisfaction_", content),
    }
    _keep(session, no, row.instance_id, found)
    return found


def _day(text: Any) -> date:
    return date.fromisoformat(str(text))


def _numbers(prefix: str, change: Change) -> dict[str, Any]:
    """Return a change as the numbers that people read: shares in per cent, differences in points."""
    low, high = change.interval or (None, None)
    short = not prefix
    return {
        f"{prefix}before{'_share' if short else ''}": _percent(change.before.share),
        f"{prefix}before_hits": change.before.hits,
        f"{prefix}before_of": change.before.of,
        f"{prefix}after{'_share' if short else ''}": _percent(change.after.share),
        f"{prefix}after_hits": change.after.hits,
        f"{prefix}after_of": change.after.of,
        f"{prefix}difference_low": _percent(low),
        f"{prefix}difference_high": _percent(high),
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 1)


def _keep(session: Session, no: str, instance_id: str, found: dict[str, Any]) -> None:
    row = {
        "id": new_id(),
        "file_no": no,
        "kind": "comparison",
        "task_id": None,
        "form_id": None,
        "values": found,
        "actor": SYSTEM.username,
        "at": clock.now(),
    }
    session.execute(insert(RECORD), [row])
    note_on_instance(session, instance_id, SYSTEM, [Entry("effect.compared", {"no": no, **found})])
