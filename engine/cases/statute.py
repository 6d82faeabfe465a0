"""The statutory clock of a case: complex, very complex, time that does not count, new facts (Art. 18, 23).

The first two are tasks in the diagrams; the others are noted when they happen. Whatever came too late to move
the date is kept and moves nothing. Both dates stand in history, and what asks for the reason finds it in the
encrypted store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.rows import open_complaint
from engine.domain.deadlines import end_of_day, local_date
from engine.domain.policy.parameters import Parameters
from engine.domain.statute import (
    Change,
    ChangeKind,
    ExclusionReason,
    StatutoryClock,
    check_exclusion,
    clock_after,
)
from engine.errors import Conflict, InvalidInput
from engine.people.actor import Actor
from engine.privacy.values import store_values
from engine.runtime.advance import open_step
from engine.runtime.once import Once, recall, remember
from engine.runtime.rescheduling import recount_timers
from engine.runtime.runtime import Runtime
from engine.store.tables.cases import StatutoryChange


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a change: the date now in force, and whether the change came in time to move it."""

    statutory_due_at: datetime
    in_time: bool


def changes_of(session: Session, no: str) -> list[Change]:
    """Return the changes of a case's statutory clock, oldest first."""
    rows = session.execute(
        select(
            StatutoryChange.kind,
            StatutoryChange.in_time,
            StatutoryChange.first_day,
            StatutoryChange.last_day,
            StatutoryChange.reason,
        )
        .where(StatutoryChange.complaint_no == no)
        .order_by(StatutoryChange.id)
    )
    return [
        Change(
            ChangeKind(row.kind),
            row.in_time,
            row.first_day,
            row.last_day,
            ExclusionReason(row.reason) if row.reason else None,
        )
        for row in rows
    ]


def clock_of(session: Session, row: Mapping[str, Any], zone: Any) -> StatutoryClock:
    """Return the statutory clock of a complaint's row as it stands."""
    return clock_after(local_date(row["received_at"], zone), changes_of(session, row["no"]))


def statutory_due(counted: StatutoryClock, parameters: Parameters, zone: Any) -> datetime:
    """Return the exclusive end of the last day of a clock: aware, UTC."""
    return end_of_day(counted.last_day(parameters), zone)


def exclude_time(
    rt: Runtime,
    actor: Actor,
    no: str,
    *,
    reason: str,
    first: date,
    last: date,
    told_at: datetime,
    explanation: str,
    idempotency: Once | None = None,
) -> Moved:
    """Note days that do not count for the statute, of which the customer was told (Art. 18, 24).

    Raises NotFound, Conflict (answered or ended), InvalidInput by field.
    """
    if reason not in list(ExclusionReason):
        raise InvalidInput("no such reason", {"exclusion": [f"takes {' or '.join(ExclusionReason)}"]})
    _check_told(told_at, explanation)
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return _moved(known)
        row = open_complaint(session, no)
        check_exclusion(first, last, clock_of(session, row, rt.config.timezone).starts_on)
        change = Change(ChangeKind.EXCLUSION, True, first, last, ExclusionReason(reason))
        done = _apply(rt, session, actor, row, change, told_at, explanation)
        remember(session, actor, idempotency, _plain(done))
        return done


def restart_clock(
    rt: Runtime,
    actor: Actor,
    no: str,
    *,
    received_on: date,
    explanation: str,
    idempotency: Once | None = None,
) -> Moved:
    """Note that the customer brought new facts: the statute's time begins anew with them, the policy's does
    not (Art. 18).

    Raises NotFound, Conflict (answered or ended), InvalidInput by field.
    """
    today = clock.now().astimezone(rt.config.timezone).date()
    errors: dict[str, list[str]] = {}
    if received_on > today:
        errors["received_on"] = ["lies in the future"]
    if not explanation.strip():
        errors["explanation"] = ["say why"]
    if errors:
        raise InvalidInput("the new facts cannot be noted: see the fields", errors)
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return _moved(known)
        row = open_complaint(session, no)
        began = clock_of(session, row, rt.config.timezone).starts_on
        if received_on <= began:
            message = f"takes a day after {began.isoformat()}, when the statutory clock began"
            raise InvalidInput("these are no new facts", {"received_on": [message]})
        change = Change(ChangeKind.RESTART, True, received_on)
        done = _apply(rt, session, actor, row, change, None, explanation)
        remember(session, actor, idempotency, _plain(done))
        return done


def _check_told(told_at: datetime, explanation: str) -> None:
    errors: dict[str, list[str]] = {}
    if told_at > clock.now():
        errors["told_at"] = ["lies in the future"]
    if not explanation.strip():
        errors["explanation"] = ["say why"]
    if errors:
        raise InvalidInput("the time cannot be noted: see the fields", errors)


def _apply(
    rt: Runtime,
    session: Session,
    actor: Actor,
    row: Mapping[str, Any],
    change: Change,
    told_at: datetime | None,
    explanation: str,
) -> Moved:
    from engine.cases.case import ComplaintCase

    reference = store_values(
        session, rt.keyring, row["subject_id"], {"statutory_reason": explanation.strip()}
    )["statutory_reason"]
    with open_step(rt, session, row["instance_id"], actor) as step:
        case = step.case
        if not isinstance(case, ComplaintCase):
            raise Conflict(f"the instance of complaint {row['no']} has no complaint")
        in_time = case.move_statute(change, told_at=told_at, reason_ref=reference)
        step.run()  # the diagram watches the date
        recount_timers(step)
        return Moved(case.get("statutory_due_at"), in_time)


def _plain(done: Moved) -> dict[str, Any]:
    return {"statutory_due_at": done.statutory_due_at.isoformat(), "in_time": done.in_time}


def _moved(known: Mapping[str, Any]) -> Moved:
    return Moved(datetime.fromisoformat(known["statutory_due_at"]), bool(known["in_time"]))
