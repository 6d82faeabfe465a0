"""The policy's limit of a case: read from the boundary timer drawn for its grade, counted from receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.domain.complaint import Status
from engine.domain.deadlines import deadline, end_of_day, last_day_of
from engine.domain.grade import MILDEST
from engine.errors import StepFailed
from engine.feel import compile_expression
from engine.runtime.business import Limits
from engine.runtime.step import Step

WITHOUT_DIAGRAM = {1: 15, 2: 7, 3: 3}
"""R36-R38, for a family that draws no limit of its own (none of ours: deployment refuses that)."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit with what it was counted by. `due_at` is the exclusive end of the last day, in UTC."""

    due_at: datetime
    provisional: bool
    calendar_version: str


def limit_of(step: Step, received_at: datetime, grade: int | None, facts: Mapping[str, Any]) -> Limit:
    """Return the limit for `grade` (that of the mildest without one). Raises StepFailed when the drawn
    expression gives no instant."""
    zone = step.rt.config.timezone
    calendar = step.rt.calendars.current(step.session)
    grade = grade or int(MILDEST)
    text = step.bundle.limits.get(grade)
    if text is None:
        due_at = deadline(received_at, WITHOUT_DIAGRAM[grade], calendar, zone).due_at
    else:
        value = compile_expression(text, functions=step.functions).evaluate(dict(facts))
        if not isinstance(value, datetime):
            raise StepFailed(f"the limit drawn for grade {grade}, {text!r}, gives no instant but {value!r}")
        due_at = value if value.tzinfo else end_of_day(value.date(), zone)
    due_at = due_at.astimezone(UTC)
    provisional = last_day_of(due_at, zone) > calendar.horizon
    return Limit(due_at, provisional, calendar.version)


def limits_in_force(row: Mapping[str, Any]) -> Limits:
    """Return the policy's and the statute's date of a case; none once the clocks have stopped (D2).

    A later date counts while it is valid: where the customer was told of it in time (R39).
    """
    if Status(row["status"]).stops_clocks:
        return Limits()
    extended = row["extended_until"] if row["extension_valid"] else None
    return Limits(extended or row["due_at"], row["statutory_due_at"])
