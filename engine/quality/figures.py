"""THE table of figures: what each counts, of what, and which cases are in it (R44-R47, section 4).

A figure is two conditions on the register: which cases are asked about (`of`) and which of them are hits. An
amount is a number that each case asked about has. The same conditions count, break down and list, so that a
number and the cases behind it cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_

from engine.domain.complaint import Channel, Status
from engine.domain.kpi import LEAST_ANSWERS, LEAST_FOR_RANKING
from engine.quality.conditions import (
    CASE,
    DERIVED,
    SATISFIED,
    Asked,
    Condition,
    answered,
    answered_by,
    days_between,
    due,
    escalated,
    extended_date,
    in_court,
    inquired_about,
    invited,
    is_open,
    overdue_age,
    received,
    repeated_within,
    repeats_within,
    same_matter_within,
    score,
    score_source,
    scores_contradict,
    survey_score,
    within,
)
from engine.store.unindexed import Unindexed

WINDOW: Final = "repeat.window_days"


@dataclass(frozen=True, slots=True)
class Figure:
    """One share. `good_is_high` tells how to read it; `version` changes with its definition.

    `target` is the parameter with the aim; `beside` are figures that show whether this one was bought dearly;
    `waits` is the parameter with the days after the period before which it says nothing.
    """

    name: str
    of: Callable[[Asked], Condition]
    hit: Callable[[Asked], Condition]
    clause: str
    good_is_high: bool = True
    version: int = 1
    target: str | None = None
    beside: tuple[str, ...] = ()
    waits: str | None = None
    least: int = LEAST_FOR_RANKING

    def ready_at(self, asked: Asked) -> Any:
        """Return the instant from which the figure may be shown."""
        return asked.end + timedelta(days=asked.setting(self.waits)) if self.waits else asked.start


@dataclass(frozen=True, slots=True)
class Amount:
    """One number a case: `value` in `unit` (hours, days, working-days, times or cents), null where none."""

    name: str
    of: Callable[[Asked], Condition]
    value: ColumnElement[Any]
    unit: str
    clause: str
    version: int = 1


FIGURES: Final[Mapping[str, Figure]] = {
    each.name: each
    for each in (
        Figure(
            "timeliness",
            of=lambda asked: due(CASE.due_at, asked),
            hit=lambda _: answered_by(CASE.due_at),
            clause="R45",
            target="target.timeliness_percent",
            beside=("downgrades", "withdrawn", "not-a-complaint"),
        ),
        Figure(
            "timeliness-extended",
            of=lambda asked: due(CASE.due_at, asked),
            hit=lambda _: answered_by(extended_date()),
            clause="R45",
            beside=("extensions", "extension-validity"),
        ),
        Figure(
            "timeliness-statutory",
            of=lambda asked: due(CASE.statutory_due_at, asked),
            hit=lambda _: answered_by(CASE.statutory_due_at),
            clause="R45",
        ),
        Figure(
            "timeliness-closed",
            of=answered,
            hit=lambda _: answered_by(CASE.due_at),
            clause="R45",
            beside=("overdue",),
        ),
        Figure(
            "satisfaction",
            of=lambda asked: and_(answered(asked), score().is_not(None)),
            hit=lambda _: score() >= SATISFIED,
            clause="R46",
            version=2,
            target="target.satisfaction_percent",
            beside=("survey-response", "satisfaction-floor", "survey-invited", "call-back-disagreement"),
            least=LEAST_ANSWERS,
        ),
        Figure(
            "satisfaction-survey",
            of=lambda asked: and_(answered(asked), survey_score().is_not(None)),
            hit=lambda _: survey_score() >= SATISFIED,
            clause="R46",
            beside=("survey-response",),
            least=LEAST_ANSWERS,
        ),
        Figure(
            "satisfaction-call-back",
            of=lambda asked: and_(answered(asked), DERIVED.call_score.is_not(None)),
            hit=lambda _: DERIVED.call_score >= SATISFIED,
            clause="R43",
            beside=("call-back-reach",),
            least=LEAST_ANSWERS,
        ),
        Figure(
            "call-back-reach",
            of=lambda asked: and_(answered(asked), DERIVED.call_tries > 0),
            hit=lambda _: DERIVED.call_reached,
            clause="R43",
        ),
        Figure(
            "call-back-disagreement",
            of=lambda asked: and_(
                answered(asked), survey_score().is_not(None), DERIVED.call_score.is_not(None)
            ),
            hit=lambda _: scores_contradict(),
            clause="R43",
            good_is_high=False,
        ),
        Figure(
            "survey-response",
            of=lambda asked: and_(answered(asked), invited()),
            hit=lambda _: survey_score().is_not(None),
            clause="R46",
            beside=("survey-invited",),
        ),
        Figure(
            "survey-invited",
            of=answered,
            hit=lambda _: invited(),
            clause="R46",
        ),
        Figure(
            "satisfaction-floor",
            of=lambda asked: and_(answered(asked), invited()),
            hit=lambda _: and_(score().is_not(None), score() >= SATISFIED),
            clause="R46",
            version=2,
        ),
        Figure(
            "repeats",
            of=received,
            hit=lambda _: CASE.repeat_of.is_not(None),
            clause="R47",
            good_is_high=False,
            target="target.repeat_percent",
            beside=("identified",),
        ),
        Figure(
            "repeats-30",
            of=received,
            hit=lambda _: repeats_within(30),
            clause="R47",
            good_is_high=False,
        ),
        Figure(
            "repeats-180",
            of=received,
            hit=lambda _: same_matter_within(180),
            clause="R47",
            good_is_high=False,
            beside=("identified",),
        ),
        Figure(
            "repeats-after-answer",
            of=answered,
            hit=lambda asked: repeated_within(asked.setting(WINDOW)),
            clause="R47",
            good_is_high=False,
            target="target.repeat_percent",
            beside=("identified",),
            waits=WINDOW,
        ),
        Figure(
            "urged",
            of=answered,
            hit=lambda _: DERIVED.urged > 0,
            clause="R47",
            good_is_high=False,
        ),
        Figure(
            "identified",
            of=received,
            hit=lambda _: DERIVED.identified,
            clause="R47",
        ),
        Figure(
            "registered-late",
            of=lambda asked: and_(received(asked), CASE.registered_at.is_not(None)),
            hit=lambda asked: (
                days_between(CASE.received_at, CASE.registered_at)
                > asked.setting("registration.late_minutes") / 1440
            ),
            clause="R17",
            good_is_high=False,
        ),
        Figure(
            "overdue",
            of=lambda _: is_open(),
            hit=lambda asked: CASE.due_at <= asked.now,
            clause="R36",
            good_is_high=False,
        ),
        Figure(
            "warned-overdue",
            of=lambda asked: and_(due(CASE.due_at, asked), DERIVED.warned_at.is_not(None)),
            hit=lambda _: ~answered_by(CASE.due_at),
            clause="R36",
            good_is_high=False,
        ),
        Figure(
            "extensions",
            of=lambda asked: due(CASE.due_at, asked),
            hit=lambda _: CASE.extended_until.is_not(None),
            clause="R39",
            good_is_high=False,
            beside=("extension-validity",),
        ),
        Figure(
            "extension-validity",
            of=lambda asked: and_(due(CASE.due_at, asked), CASE.extended_until.is_not(None)),
            hit=lambda _: CASE.extension_valid,
            clause="R39",
        ),
        Figure(
            "silent",
            of=lambda asked: due(CASE.due_at, asked),
            hit=lambda asked: DERIVED.silent_days > asked.setting("contact.silent_days"),
            clause="R28",
            good_is_high=False,
        ),
        Figure(
            "plans-returned",
            of=lambda asked: and_(answered(asked), DERIVED.plans > 0),
            hit=lambda _: DERIVED.returns > 0,
            clause="R24",
            good_is_high=False,
        ),
        Figure(
            "grade-1-decided",
            of=lambda asked: and_(answered(asked), Unindexed(CASE.grade) == 1),
            hit=lambda _: and_(CASE.reviewed_at.is_not(None), CASE.reviewed_at <= CASE.notified_at),
            clause="R26",
        ),
        Figure(
            "milder-than-suggested",
            of=lambda asked: and_(
                received(asked), CASE.suggested_grade.is_not(None), CASE.grade.is_not(None)
            ),
            hit=lambda _: CASE.grade > CASE.suggested_grade,
            clause="R15",
            good_is_high=False,
        ),
        Figure(
            "downgrades",
            of=lambda asked: and_(received(asked), CASE.grade.is_not(None)),
            hit=lambda _: DERIVED.downgraded_at.is_not(None),
            clause="R15",
            good_is_high=False,
            beside=("downgrades-late",),
        ),
        Figure(
            "downgrades-late",
            of=lambda asked: and_(received(asked), DERIVED.downgraded_at.is_not(None)),
            hit=lambda _: DERIVED.downgraded_late,
            clause="R15",
            good_is_high=False,
        ),
        Figure(
            "category-as-suggested",
            of=lambda asked: and_(
                received(asked), CASE.suggested_category.is_not(None), CASE.category.is_not(None)
            ),
            hit=lambda _: CASE.category == CASE.suggested_category,
            clause="R13",
        ),
        Figure(
            "first-time",
            of=answered,
            hit=lambda asked: and_(
                ~repeated_within(asked.setting(WINDOW)),
                or_(~DERIVED.second_review, DERIVED.second_review.is_(None)),
            ),
            clause="R3",
            waits=WINDOW,
        ),
        Figure(
            "upheld",
            of=lambda asked: and_(answered(asked), DERIVED.finding.is_not(None)),
            hit=lambda _: DERIVED.finding.in_(["substantiated", "partly"]),
            clause="R52",
            good_is_high=False,
        ),
        Figure(
            "paid-as-approved",
            of=lambda asked: and_(answered(asked), DERIVED.paid_cents > 0),
            hit=lambda _: DERIVED.paid_cents == DERIVED.planned_cents,
            clause="R27",
        ),
        Figure(
            "escalated",
            of=received,
            hit=lambda _: escalated(),
            clause="R63",
            good_is_high=False,
            beside=("by-regulator", "inquired-about", "in-media", "in-court"),
        ),
        Figure(
            "by-regulator",
            of=received,
            hit=lambda _: CASE.channel == str(Channel.REGULATOR),
            clause="R63",
            good_is_high=False,
        ),
        Figure(
            "inquired-about",
            of=received,
            hit=lambda _: inquired_about(),
            clause="R64",
            good_is_high=False,
        ),
        Figure(
            "in-media",
            of=received,
            hit=lambda _: CASE.channel == str(Channel.MEDIA),
            clause="R63",
            good_is_high=False,
        ),
        Figure(
            "in-court",
            of=received,
            hit=lambda _: in_court(),
            clause="R63",
            good_is_high=False,
        ),
        Figure(
            "withdrawn",
            of=lambda asked: within(CASE.received_at, asked),
            hit=lambda _: CASE.status == str(Status.WITHDRAWN),
            clause="R45",
            good_is_high=False,
        ),
        Figure(
            "not-a-complaint",
            of=lambda asked: within(CASE.received_at, asked),
            hit=lambda _: CASE.status == str(Status.NOT_A_COMPLAINT),
            clause="R9",
            good_is_high=False,
        ),
    )
}
"""By name. Extensions count as not timely in the headline; what could be gamed stands beside it."""

AMOUNTS: Final[Mapping[str, Amount]] = {
    each.name: each
    for each in (
        Amount("days-to-answer", answered, DERIVED.working_days, "working-days", "R45"),
        Amount(
            "hours-to-register",
            received,
            days_between(CASE.received_at, CASE.registered_at) * 24,
            "hours",
            "R17",
        ),
        Amount(
            "hours-to-first-contact",
            received,
            days_between(CASE.received_at, DERIVED.first_told_at) * 24,
            "hours",
            "R28",
        ),
        Amount("contacts-while-handled", answered, DERIVED.urged, "times", "R47"),
        Amount("compensation-approved", answered, DERIVED.planned_cents, "cents", "R27"),
        Amount("compensation-paid", answered, DERIVED.paid_cents, "cents", "R27"),
    )
}
"""By name: shown as median, nine tenths, mean and sum."""

BREAKDOWNS: Final[Mapping[str, Callable[[Asked], ColumnElement[Any]]]] = {
    "grade": lambda _: CASE.grade,
    "category": lambda _: CASE.category,
    "channel": lambda _: CASE.channel,
    "department": lambda _: CASE.department_id,
    "handler": lambda _: CASE.handler,
    "partner": lambda _: DERIVED.partner,
    "product": lambda _: CASE.product,
    "cause": lambda _: DERIVED.root_cause,
    "vulnerable": lambda _: DERIVED.vulnerable,
    "source": lambda _: score_source(),
    "overdue": overdue_age,
}
"""What figures are broken down by."""
PEOPLE_AND_UNITS: Final = ("handler", "department")
"""Breakdowns that compare people: nothing is said of anybody of whom there are too few cases."""
TOPICS: Final[Mapping[str, tuple[str, ...]]] = {
    "timeliness": (
        "timeliness",
        "timeliness-extended",
        "timeliness-statutory",
        "timeliness-closed",
        "overdue",
        "warned-overdue",
    ),
    "satisfaction": (
        "satisfaction",
        "satisfaction-survey",
        "satisfaction-call-back",
        "call-back-disagreement",
        "call-back-reach",
        "satisfaction-floor",
        "survey-response",
        "survey-invited",
    ),
    "repeats": ("repeats", "repeats-30", "repeats-180", "repeats-after-answer", "urged", "identified"),
    "conduct": (
        "registered-late",
        "silent",
        "extensions",
        "extension-validity",
        "plans-returned",
        "grade-1-decided",
        "milder-than-suggested",
        "downgrades",
        "downgrades-late",
        "category-as-suggested",
        "withdrawn",
        "not-a-complaint",
    ),
    "outcome": (
        "first-time",
        "upheld",
        "paid-as-approved",
        "escalated",
        "by-regulator",
        "inquired-about",
        "in-media",
        "in-court",
    ),
}
"""In which order figures are shown, and what each is about."""
