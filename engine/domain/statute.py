"""The statutory clock: natural days in three steps, time that does not count, and restarts (Art. 18, 43).

Step 1 is an ordinary complaint, step 2 a complex one (the reason is recorded before the old date), step 3 a
very complex one (approved, and the customer told before the old date). Days of an external appraisal or a
mediation do not count where the customer was told (Art. 18, 24). New facts start the clock again, at step 1,
on the day on which they reached us. A step or an exclusion that came after the date had passed moves nothing:
it is kept, and shown as late.

The terms are parameters with a day from which they hold: a change of the law is a dated decision, and a
complaint is counted by what held on the day of its receipt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from engine.domain.calendar import ONE_DAY
from engine.domain.policy.parameters import DEFAULTS, Parameters
from engine.errors import InvalidInput

STEPS = (1, 2, 3)
_STEP_NAMES = ("statute.simple_days", "statute.complex_days", "statute.very_complex_days")
LONGEST_EXCLUSION = 366


class ExclusionReason(StrEnum):
    """Why days do not count for the statute; nothing else may stop this clock (D5)."""

    APPRAISAL = "appraisal"  # by somebody outside: Art. 18
    MEDIATION = "mediation"  # by consent: Art. 23, 24


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Local days, both included, that do not count, and why."""

    first: date
    last: date
    reason: ExclusionReason

    def holds(self, day: date) -> bool:
        """Whether `day` is one of the excluded days."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class NaturalDay:
    """One day of the statutory count: its ordinal, or None with the exclusion's reason (none: the start)."""

    date: date
    ordinal: int | None
    excluded: ExclusionReason | None = None


@dataclass(frozen=True, slots=True)
class StatutoryClock:
    """The clock of one case as it stands: when it began, at which step, and what does not count."""

    starts_on: date
    step: int = 1
    exclusions: tuple[Exclusion, ...] = ()

    def days(self, parameters: Parameters = DEFAULTS) -> int:
        """Return the natural days of the step, as in force when the clock began."""
        return statutory_limit(self.step, self.starts_on, parameters)

    def explanation(self, parameters: Parameters = DEFAULTS) -> list[NaturalDay]:
        """Tell day by day how the last day was counted; the first entry is the day of the start (Art. 43)."""
        counted = [NaturalDay(self.starts_on, None)]
        day, ordinal, wanted = self.starts_on, 0, self.days(parameters)
        while ordinal < wanted:
            day += ONE_DAY
            reason = next((each.reason for each in self.exclusions if each.holds(day)), None)
            ordinal += reason is None
            counted.append(NaturalDay(day, ordinal if reason is None else None, reason))
        return counted

    def last_day(self, parameters: Parameters = DEFAULTS) -> date:
        """Return the last day of the term; it belongs to it up to 24:00."""
        return self.explanation(parameters)[-1].date


class ChangeKind(StrEnum):
    """What may move the statutory date."""

    COMPLEX = "complex"
    VERY_COMPLEX = "very_complex"
    EXCLUSION = "exclusion"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a case's clock in the order of events; only those in time move the date."""

    kind: ChangeKind
    in_time: bool
    first_day: date | None = None
    last_day: date | None = None
    reason: ExclusionReason | None = None


def clock_after(received_on: date, changes: Iterable[Change]) -> StatutoryClock:
    """Return the clock that the changes of a case lead to; what came before a restart no longer matters."""
    starts_on, step = received_on, 1
    exclusions: list[Exclusion] = []
    for change in changes:
        if not change.in_time:
            continue
        if change.kind is ChangeKind.RESTART and change.first_day is not None:
            starts_on, step, exclusions = change.first_day, 1, []
        elif change.kind is ChangeKind.COMPLEX:
            step = max(step, 2)
        elif change.kind is ChangeKind.VERY_COMPLEX:
            step = 3
        elif change.first_day and change.last_day and change.reason:
            exclusions.append(Exclusion(change.first_day, change.last_day, change.reason))
    return StatutoryClock(starts_on, step, tuple(exclusions))


def is_in_time(told_at: datetime, old_due_at: datetime) -> bool:
    """Whether a change came, or the customer was told of it, before the old date had passed (R39, Art. 18).

    `old_due_at` is the exclusive end of the old last day.
    """
    return told_at < old_due_at


def check_exclusion(first: date, last: date, starts_on: date) -> None:
    """Refuse a time that is none, is too long, or lies before the clock began. Raises InvalidInput."""
    if last < first:
        raise InvalidInput("the time ends before it begins", {"until": ["takes a day not before the first"]})
    if last - first > timedelta(days=LONGEST_EXCLUSION):
        message = f"lies more than {LONGEST_EXCLUSION} days after the first"
        raise InvalidInput("the time is too long", {"until": [message]})
    if first < starts_on:
        message = f"takes a day from {starts_on.isoformat()} on, when the statutory clock began"
        raise InvalidInput("the time begins before the clock", {"from": [message]})


def statutory_limit(step: int, day: date, parameters: Parameters = DEFAULTS) -> int:
    """Return the natural days of a step for a clock that began on `day`. Raises InvalidInput."""
    if step not in STEPS:
        raise InvalidInput(f"the statutory clock has the steps 1 to {len(STEPS)}; there is no step {step}")
    return parameters.value(_STEP_NAMES[step - 1], day)
