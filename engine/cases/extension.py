"""A later date: why, until when, and that the customer was told before the old date passed (R39)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.requests import EXTENSION, refuse_second
from engine.cases.rows import open_complaint
from engine.domain.deadlines import end_of_day, last_day_of, local_date
from engine.domain.statute import is_in_time
from engine.errors import FormRefused, InvalidInput
from engine.people.actor import Actor
from engine.privacy.values import store_values
from engine.runtime.advance import new_step
from engine.runtime.once import Once, recall, remember
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.cases import Extension


def request_extension(
    rt: Runtime,
    actor: Actor,
    no: str,
    *,
    reason: str,
    new_date: date,
    idempotency: Once | None = None,
) -> str:
    """Ask for a later date; the superior's approval and the notice to the customer follow as tasks.

    Returns the instance that carries the request. Raises NotFound, Conflict (answered or ended),
    InvalidInput.
    """
    if not reason.strip():
        raise InvalidInput(
            "an extension needs a reason", {"reason": ["say what keeps us from answering in time"]}
        )
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return str(known["instance_id"])
        row = open_complaint(session, no)
        refuse_second(session, no, EXTENSION)
        last_day = last_day_of(row["extended_until"] or row["due_at"], rt.config.timezone)
        if new_date <= last_day:
            message = f"takes a day after {last_day.isoformat()}, the present last day"
            raise InvalidInput("the new date is no extension", {"new_date": [message]})
        _require_near(rt, session, new_date, last_day)
        reference = store_values(session, rt.keyring, row["subject_id"], {"extension_reason": reason.strip()})
        with new_step(
            rt,
            session,
            EXTENSION,
            actor,
            variables={
                "complaint_no": no,
                "reason": reference["extension_reason"],
                "new_date": new_date.isoformat(),
            },
            business_key=no,
        ) as step:
            step.run()
        remember(session, actor, idempotency, {"instance_id": step.instance.id})
        return step.instance.id


@dataclass(frozen=True, slots=True)
class RestDay:
    """A day on which nobody works, and the working days beside it."""

    day: date
    before: date
    after: date


def rest_day(rt: Runtime, session: Session, day: date) -> RestDay | None:
    """Return what lies beside a Saturday, Sunday or holiday; None for working days, make-up ones too."""
    calendar = rt.calendars.current(session)
    if calendar.is_working_day(day):
        return None
    return RestDay(day, calendar.working_days_after(day, -1), calendar.working_days_after(day, 1))


def rest_days_ahead(rt: Runtime, session: Session, row: Mapping[str, Any]) -> list[RestDay]:
    """Return those among the days that a customer could be promised instead of the present last day."""
    first = last_day_of(row["extended_until"] or row["due_at"], rt.config.timezone)
    days = (first + timedelta(days=each) for each in range(1, _most_days(rt, session) + 1))
    return [found for day in days if (found := rest_day(rt, session, day)) is not None]


def _most_days(rt: Runtime, session: Session) -> int:
    today = local_date(clock.now(), rt.config.timezone)
    return int(rt.parameters.current(session).value("extension.most_days", today))


def _require_near(rt: Runtime, session: Session, new_date: date, last_day: date) -> None:
    most = _most_days(rt, session)
    latest = last_day + timedelta(days=most)
    if new_date > latest:
        message = f"takes a day up to {latest.isoformat()}, {most} days after the present last day"
        raise InvalidInput("the new date is too far away", {"new_date": [message]})


def read_extension(
    row: Mapping[str, Any], values: Mapping[str, Any], zone: tzinfo, now: datetime, username: str
) -> dict[str, Any]:
    """Return the row of an extension from the values of a delay notice.

    `late` says that the customer was told only when the old date had passed. Raises FormRefused by field.
    """
    new_due_at = end_of_day(_date(values.get("new_date"), "new_date"), zone)
    old_due_at = row["extended_until"] or row["due_at"]
    if new_due_at <= old_due_at:
        last = last_day_of(old_due_at, zone)
        raise FormRefused(
            "the new date is no extension",
            {"new_date": [f"takes a day after {last.isoformat()}, the present last day"]},
        )
    told_at = told_when(values, zone, now)
    return {
        "id": new_id(),
        "complaint_no": row["no"],
        "old_due_at": old_due_at,
        "new_due_at": new_due_at,
        "reason_ref": str(values.get("reason") or ""),
        "notified_at": told_at,
        "late": not is_in_time(told_at, old_due_at),
        "actor": username,
        "at": now,
    }


def told_by_message(session: Session, no: str, at: datetime | None) -> bool:
    """Take over when the customer was told the newest later date by a message of ours, or after it failed.

    None: nobody told them. Returns whether that was before the old date: else it is not valid (R39, Art. 21).
    """
    query = select(Extension).where(Extension.complaint_no == no).order_by(Extension.id.desc()).limit(1)
    row = session.scalars(query.with_for_update()).one()
    row.late = at is None or not is_in_time(at, row.old_due_at)
    row.notified_at = at or row.notified_at
    session.flush()
    return not row.late


def told_when(values: Mapping[str, Any], zone: tzinfo, now: datetime) -> datetime:
    """Return when a form says that the customer was told: never later than now, which is also the default.

    Raises FormRefused.
    """
    return min(_instant(values.get("told_at"), zone) or now, now)


def _date(value: Any, field: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise FormRefused(f"{field} is no date", {field: ["takes a date such as 2026-03-02"]}) from error


def _instant(value: Any, zone: tzinfo) -> datetime | None:
    if not value:
        return None
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise FormRefused("told_at is no time", {"told_at": ["takes a date and time"]}) from error
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
