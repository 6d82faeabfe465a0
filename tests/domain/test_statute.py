"""The statutory clock: steps, time that does not count, restarts, lateness, and terms that change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from engine.domain.policy.parameters import Decided, parameters_of
from engine.domain.statute import (
    Change,
    ChangeKind,
    Exclusion,
    ExclusionReason,
    StatutoryClock,
    check_exclusion,
    clock_after,
    is_in_time,
)
from engine.errors import InvalidInput

RECEIVED = date(2026, 3, 2)
COMPLEX = Change(ChangeKind.COMPLEX, True)
APPRAISAL = Change(
    ChangeKind.EXCLUSION, True, date(2026, 3, 10), date(2026, 3, 14), ExclusionReason.APPRAISAL
)
NEW_FACTS = Change(ChangeKind.RESTART, True, date(2026, 3, 12))


@pytest.mark.parametrize(("step", "last_day"), [(1, "2026-03-17"), (2, "2026-04-01"), (3, "2026-05-01")])
def test_each_step_ends_15_30_and_60_natural_days_after_receipt(step: int, last_day: str) -> None:
    assert str(StatutoryClock(RECEIVED, step).last_day()) == last_day


def test_excluded_days_push_the_last_day_back_by_their_number() -> None:
    counted = clock_after(RECEIVED, [APPRAISAL])
    assert counted.last_day() == date(2026, 3, 22)


def test_days_excluded_for_two_reasons_at_once_count_once() -> None:
    both = (
        Exclusion(date(2026, 3, 10), date(2026, 3, 14), ExclusionReason.APPRAISAL),
        Exclusion(date(2026, 3, 13), date(2026, 3, 16), ExclusionReason.MEDIATION),
    )
    assert StatutoryClock(RECEIVED, 1, both).last_day() == date(2026, 3, 24)


def test_an_exclusion_after_the_last_day_changes_nothing() -> None:
    after = (Exclusion(date(2026, 3, 18), date(2026, 3, 30), ExclusionReason.MEDIATION),)
    assert StatutoryClock(RECEIVED, 1, after).last_day() == date(2026, 3, 17)


def test_new_facts_begin_the_clock_again_at_the_first_step() -> None:
    counted = clock_after(RECEIVED, [COMPLEX, APPRAISAL, NEW_FACTS])
    assert (counted.starts_on, counted.step, counted.exclusions) == (date(2026, 3, 12), 1, ())
    assert counted.last_day() == date(2026, 3, 27)
    assert clock_after(RECEIVED, [NEW_FACTS, COMPLEX]).last_day() == date(2026, 4, 11)


def test_what_came_too_late_moves_nothing() -> None:
    late = Change(ChangeKind.COMPLEX, False)
    assert clock_after(RECEIVED, [late]).last_day() == date(2026, 3, 17)


def test_in_time_means_before_the_end_of_the_old_last_day() -> None:
    end = datetime(2026, 3, 17, 16, tzinfo=UTC)
    assert is_in_time(end - timedelta(seconds=1), end)
    assert not is_in_time(end, end)


def test_every_day_is_told_with_its_number_or_the_reason_why_it_does_not_count() -> None:
    told = clock_after(RECEIVED, [APPRAISAL]).explanation()
    assert told[0].ordinal is None
    assert [day.ordinal for day in told if day.ordinal] == list(range(1, 16))
    out = [(day.date.day, day.excluded) for day in told if day.excluded]
    assert out == [(number, ExclusionReason.APPRAISAL) for number in range(10, 15)]
    assert told[-1].date == date(2026, 3, 22)


def test_a_changed_law_holds_for_clocks_that_begin_on_or_after_its_day() -> None:
    amended = parameters_of([Decided("statute.simple_days", 10, date(2026, 4, 1))], "v")
    assert StatutoryClock(date(2026, 3, 31)).last_day(amended) == date(2026, 4, 15)
    assert StatutoryClock(date(2026, 4, 1)).last_day(amended) == date(2026, 4, 11)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-03-10", "2026-03-09", "until"),
        ("2026-03-10", "2027-06-09", "until"),
        ("2026-03-01", "2026-03-09", "from"),
    ],
)
def test_time_that_is_none_too_long_or_before_the_clock_is_refused(first: str, last: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_exclusion(date.fromisoformat(first), date.fromisoformat(last), RECEIVED)
    assert list(refused.value.errors) == [field]
