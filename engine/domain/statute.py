"""The statutory terms, as rule sets with the day from which each holds.

A change of the law is a new rule set here; complaints received before it keep the older one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class StatutoryRules:
    """Terms in natural days (Art. 43) that a complaint received on or after `in_force_from` is under."""

    name: str
    in_force_from: date
    simple_days: int
    complex_days: int
    very_complex_days: int
    review_request_days: int
    review_decision_days: int
    most_representatives: int
    major_headcount: int

    @property
    def limits(self) -> tuple[int, int, int]:
        """The three steps of the statutory clock: simple, complex, very complex (Art. 18)."""
        return self.simple_days, self.complex_days, self.very_complex_days


RULE_SETS: tuple[StatutoryRules, ...] = (
    StatutoryRules(
        name="CBIRC Order 2020 No. 3",
        in_force_from=date(2020, 3, 1),
        simple_days=15,  # Art. 18
        complex_days=30,  # Art. 18, with the reason recorded
        very_complex_days=60,  # Art. 18: 30 more, approved by a senior manager, the customer told
        review_request_days=30,  # Art. 20: to ask for a review after the decision
        review_decision_days=30,  # Art. 20
        most_representatives=5,  # Art. 12
        major_headcount=20,  # Art. 29
    ),
)


def rules_in_force(day: date) -> StatutoryRules:
    """Return the rules for a complaint received on local date `day`; for days before any, the oldest."""
    held = [rules for rules in RULE_SETS if rules.in_force_from <= day]
    return held[-1] if held else RULE_SETS[0]


def statutory_limit(step: int, day: date) -> int:
    """Return the natural days of step 1 (simple), 2 (complex) or 3 (very complex) for receipt on `day`."""
    limits = rules_in_force(day).limits
    if not 1 <= step <= len(limits):
        raise InvalidInput(f"the statutory clock has the steps 1 to {len(limits)}; there is no step {step}")
    return limits[step - 1]
