"""The two clocks of a complaint: working days by the policy, natural days by the law.

Both count from the local date of receipt, which itself does not count (Civil Code Art. 201; D1, D3), so
that the hour of receipt never matters. The last day belongs to the term up to its 24:00 (Art. 203): a limit
is kept as the exclusive end of that day, an aware instant in UTC, and is missed when `now >= due_at`. Receipt
on a day that is no working day is followed by day 1 on the next working day (D4, convention A). Nothing
pauses the policy's clock (D5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import chain

from engine.domain.calendar import ONE_DAY, Day, WorkingCalendar
from engine.errors import InvalidInput

LONGEST_NATURAL = 3660


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One day of an explanation: its ordinal within the term, or None where it does not count."""

    day: Day
    ordinal: int | None


@dataclass(frozen=True, slots=True)
class Deadline:
    """A limit in working days, and what is needed to show how it came about."""

    due_at: datetime
    """Exclusive end of the last day: aware, UTC."""
    last_day: date
    received_on: date
    working_days: int
    provisional: bool
    """Whether a day was counted that no notice has settled; such a limit is computed again on an import."""
    calendar_version: str

    def explanation(self, calendar: WorkingCalendar) -> list[CountedDay]:
        """Tell day by day how the limit was counted, the day of receipt first.

        Raises InvalidInput when `calendar` is not the version that the limit was counted with.
        """
        if calendar.version != self.calendar_version:
            raise InvalidInput(
                f"this deadline was counted with calendar {self.calendar_version}; "
                f"calendar {calendar.version} cannot explain it"
            )
        return counted_days(self.received_on, self.last_day, calendar)


@dataclass(frozen=True, slots=True)
class Remaining:
    """How far a limit is away, in working days.

    `working_days` counts the days after today up to and including the last day, so 0 means "today is the last
    one"; once `overdue`, it counts the working days since the last day.
    """

    working_days: int
    overdue: bool


def counted_days(received_on: date, until: date, calendar: WorkingCalendar) -> list[CountedDay]:
    """Number the working days from the day of receipt, which does not count, up to and including `until`."""
    counted: list[CountedDay] = []
    ordinal = 0
    for day in calendar.span(received_on, until):
        counts = day.kind.is_working and day.date != received_on
        ordinal += counts
        counted.append(CountedDay(day, ordinal if counts else None))
    return counted


def deadline(received_at: datetime, n: int, calendar: WorkingCalendar, zone: tzinfo) -> Deadline:
    """Return the limit of `n` working days for what was received at `received_at` (aware).

    Raises InvalidInput for a naive instant or `n` below 1.
    """
    received_on = local_date(received_at, zone)
    if n < 1:
        raise InvalidInput(f"a limit of {n} working days is none; it takes at least 1")
    last_day = calendar.working_days_after(received_on, n)
    return Deadline(
        due_at=end_of_day(last_day, zone),
        last_day=last_day,
        received_on=received_on,
        working_days=n,
        provisional=last_day > calendar.horizon or received_on + ONE_DAY < calendar.first,
        calendar_version=calendar.version,
    )


def statutory_deadline(
    received_at: datetime,
    n: int,
    zone: tzinfo,
    *,
    excluded: Iterable[tuple[date, date]] = (),
    roll_with: WorkingCalendar | None = None,
) -> datetime:
    """Return the exclusive end of the n-th natural day after receipt: aware, UTC (Order 2020/3 Art. 18, 43).

    `excluded` are spans of local dates, both ends included, that do not count: external appraisal and
    mediation, of which the customer was told (Art. 18, 24). With `roll_with` a last day that is no working
    day moves to the next working one (Civil Code Art. 203); without it the earlier, safer day stands.
    Raises InvalidInput for a naive instant, `n` outside 1 to 3660 or a span that ends before it begins.
    """
    day = local_date(received_at, zone)
    if not 1 <= n <= LONGEST_NATURAL:
        raise InvalidInput(f"a limit of {n} natural days is none; it takes 1 to {LONGEST_NATURAL}")
    last_day = _after_natural_days(day, n, list(excluded))
    if roll_with is not None and not roll_with.is_working_day(last_day):
        last_day = roll_with.working_days_after(last_day, 1)
    return end_of_day(last_day, zone)


def remaining(now: datetime, due_at: datetime, calendar: WorkingCalendar, zone: tzinfo) -> Remaining:
    """Return how many working days are left at `now` until the limit `due_at`, or have passed since."""
    today, last_day = local_date(now, zone), last_day_of(due_at, zone)
    if now >= due_at:
        return Remaining(calendar.working_days_between(last_day, today), overdue=True)
    return Remaining(calendar.working_days_between(today, last_day), overdue=False)


def local_date(instant: datetime, zone: tzinfo) -> date:
    """Return the date of an aware instant in `zone`. Raises InvalidInput for a naive one."""
    if instant.tzinfo is None:
        raise InvalidInput(
            f"{instant.isoformat()} has no offset; give an instant such as 2026-11-24T09:00:00+08:00"
        )
    return instant.astimezone(zone).date()


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """Return 24:00 of `day` in `zone` as an aware instant in UTC."""
    return datetime.combine(day + ONE_DAY, time.min, zone).astimezone(UTC)


def last_day_of(due_at: datetime, zone: tzinfo) -> date:
    """Return the day that people are shown for the exclusive end `due_at`."""
    return local_date(due_at - timedelta(microseconds=1), zone)


def _after_natural_days(day: date, n: int, spans: list[tuple[date, date]]) -> date:
    if not spans:
        return day + timedelta(days=n)
    for start, end in spans:
        if end < start:
            raise InvalidInput(f"the excluded time from {start} to {end} ends before it begins")
    skipped = set(chain.from_iterable(_dates(start, end) for start, end in spans))
    while n:
        day += ONE_DAY
        n -= day not in skipped
    return day


def _dates(start: date, end: date) -> Iterable[date]:
    if (end - start).days > LONGEST_NATURAL:
        raise InvalidInput(f"the excluded time from {start} to {end} is longer than {LONGEST_NATURAL} days")
    return (start + timedelta(days=i) for i in range((end - start).days + 1))
