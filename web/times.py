"""Instants and limits as people see them: the office's time zone, and the last day instead of its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask_babel import format_date

from engine import clock
from engine.domain.calendar import WorkingCalendar
from engine.domain.deadlines import last_day_of, local_date, remaining
from engine.errors import InvalidInput
from web.extensions import db, redress, runtime
from web.gettext import gettext, ngettext


def zone() -> ZoneInfo:
    """Return the time zone that people see."""
    return redress().config.timezone


def calendar() -> WorkingCalendar:
    """Return the calendar in force."""
    return runtime().calendars.current(db.session())


def local(instant: datetime) -> str:
    """Return an instant as local date and time to the minute: 2026-11-24 09:05; in UTC where no calendar
    holds the local one, as in the last hours of 9999, which a trail of before may hold.
    """
    return _here(instant).strftime("%Y-%m-%d %H:%M")


def written(value: str) -> str:
    """Return a date or a moment as forms keep it (2026-11-24T09:05) the way people read it; other text as it
    is.
    """
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    if "T" not in value:
        return value
    return local(moment) if moment.tzinfo is not None else moment.strftime("%Y-%m-%d %H:%M")


def iso(instant: datetime) -> str:
    """Return an instant for machines."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_text(day: date) -> str:
    """Return a date with its weekday in the page's language: 2026-11-24 (Tue)."""
    return f"{day.isoformat()} ({format_date(day, 'E', rebase=False)})"


def last_day(due_at: datetime) -> date:
    """Return the local last day of a limit that is kept as its exclusive end."""
    return last_day_of(due_at, zone())


def parse_local(text: str, field: str) -> datetime:
    """Return the aware instant of a local date and time (2026-11-24T09:05). Raises InvalidInput."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = gettext("Give a date and time, such as 2026-11-24 09:05.")
        raise InvalidInput(message, {field: [message]}) from error


def local_input(instant: datetime | None) -> str:
    """Return an instant as `<input type="datetime-local">` takes it; '' for none."""
    return _here(instant).strftime("%Y-%m-%dT%H:%M") if instant else ""


def _here(instant: datetime) -> datetime:
    try:
        return instant.astimezone(zone())
    except OverflowError:
        return instant


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit on a page: the last day, how far away it is in words, and how much of it has passed."""

    last_day: str
    text: str
    state: str  # late, today, soon, fine, stopped
    passed: int
    total: int

    @property
    def is_late(self) -> bool:
        """Whether the last day is over."""
        return self.state == "late"


def working_limit(
    due_at: datetime, since: datetime | None, *, stopped_at: datetime | None = None, answered: bool = True
) -> Limit:
    """Return a limit in working days (R36-R38), as of now or of the instant that stopped its clock:
    by an answer to the customer, or without one (withdrawn, no complaint).
    """
    days = calendar()
    at = stopped_at or clock.now()
    left = remaining(at, due_at, days, zone())
    count = left.working_days
    last = last_day_of(due_at, zone())
    total = max(1, days.working_days_between(local_date(since, zone()), last)) if since else max(1, count)
    passed = total if left.overdue else min(total, max(0, total - count))
    if stopped_at is not None:
        return _stopped(day_text(last), late=left.overdue, answered=answered, passed=passed, total=total)
    if left.overdue:
        text = ngettext("overdue by %(num)d working day", "overdue by %(num)d working days", count)
        return Limit(day_text(last), text if count else gettext("overdue"), "late", total, total)
    if count == 0:
        return _last_days((last - local_date(at, zone())).days, last, passed, total)
    text = ngettext("%(num)d working day left", "%(num)d working days left", count)
    return Limit(day_text(last), text, "soon" if count == 1 else "fine", passed, total)


def natural_limit(
    due_at: datetime, since: datetime, *, stopped_at: datetime | None = None, answered: bool = True
) -> Limit:
    """Return a limit counted in natural days (Art. 18, 43); the rest as `working_limit`."""
    at = stopped_at or clock.now()
    last = last_day_of(due_at, zone())
    left = (last - local_date(at, zone())).days
    total = max(1, (last - local_date(since, zone())).days)
    late = at >= due_at
    passed = min(total, max(0, total - left))
    if stopped_at is not None:
        return _stopped(day_text(last), late=late, answered=answered, passed=passed, total=total)
    if late:
        text = ngettext("overdue by %(num)d day", "overdue by %(num)d days", max(1, -left))
        return Limit(day_text(last), text, "late", total, total)
    return _last_days(left, last, passed, total)


def _last_days(left: int, last: date, passed: int, total: int) -> Limit:
    """Return a limit that has not passed, by its natural days: a step's may end on a day off."""
    if left == 0:
        return Limit(day_text(last), gettext("last day today"), "today", passed, total)
    text = ngettext("%(num)d day left", "%(num)d days left", left)
    return Limit(day_text(last), text, "soon" if left <= 2 else "fine", passed, total)


def _stopped(day: str, *, late: bool, answered: bool, passed: int, total: int) -> Limit:
    if not answered:
        return Limit(day, gettext("ended without an answer"), "stopped", passed, total)
    text = gettext("answered late") if late else gettext("answered in time")
    return Limit(day, text, "late" if late else "stopped", passed, total)
