"""An improvement measure from its proposal on: what the forms say of it is checked against the figures."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from engine.domain.deadlines import local_date
from engine.errors import FormRefused, InvalidInput
from engine.people.actor import Actor
from engine.quality.files import Recorded, count_records
from engine.quality.improvement.metrics import METRICS, span
from engine.quality.kinds import IMPROVEMENT
from engine.quality.opening import Opened, open_file, open_once
from engine.quality.reading import seen_parent
from engine.runtime.once import Once
from engine.runtime.runtime import Runtime
from engine.runtime.step import Step

WINDOW = "improvement.window_days"
LONGEST = 4000


def propose_measure(
    rt: Runtime,
    actor: Actor,
    problem: str,
    *,
    parent_no: str | None = None,
    source: str = "person",
    idempotency: Once | None = None,
) -> Opened:
    """Open a measure for a problem that analysis, an inspection or a customer has shown (R53, R54).

    `parent_no` is the finding or report that it comes from, `source` what kind of thing that is. Raises
    Forbidden, InvalidInput (no problem said, no such parent).
    """
    actor.require("improvement.propose")
    text = problem.strip()
    if not text or len(text) > LONGEST:
        message = f"say in at most {LONGEST} characters what is to become better"
        raise InvalidInput(message, {"problem": [message]})

    def begin(session: Session) -> Opened:
        return open_file(
            rt,
            session,
            actor,
            IMPROVEMENT,
            facts={"source": source, "round": 0},
            personal={"problem": text},
            parent_no=seen_parent(session, actor, parent_no),
        )

    return open_once(rt, actor, idempotency, begin)


def measure_defined(done: Recorded) -> None:
    """Count the baseline of a measure and hold its target against it (R55, R58).

    Raises FormRefused: nothing to compare with, a target that is no improvement, a date that is past.
    """
    session, step, file, values = done.session, done.step, done.file, done.values
    metric = METRICS.get(str(values.get("metric")))
    if metric is None:
        raise FormRefused("there is no such metric", {"metric": [f"takes one of {', '.join(METRICS)}"]})
    first, last = _window(step, session)
    if date.fromisoformat(str(values["due_date"])[:10]) <= last:
        message = "lies in the past: give a day by which it can still be done"
        raise FormRefused(message, {"due_date": [message]})
    baseline = metric.count(session, file.get("facts"), span(step.rt, first, last, step.now))
    if baseline.share is None:
        message = f"no case from {first} to {last} is counted by it: choose another metric or a wider scope"
        raise FormRefused(message, {"metric": [message]})
    share, target = round(baseline.share * 100, 1), float(values["target"])
    if share == (100 if metric.good_is_high else 0):
        message = f"the baseline is {share} per cent already: choose another metric or another scope"
        raise FormRefused(message, {"metric": [message]})
    if target <= share if metric.good_is_high else target >= share:
        message = (
            f"the baseline is {share} per cent: the target must be higher"
            if metric.good_is_high
            else f"the baseline is {share} per cent: the target must be lower"
        )
        raise FormRefused(message, {"target": [message]})
    found = {
        "baseline_share": share,
        "baseline_hits": baseline.hits,
        "baseline_of": baseline.of,
        "baseline_from": first,
        "baseline_until": last,
    }
    evaluated = count_records(session, file.no, "evaluation")
    file.know(**found, round=evaluated + 1)
    file.keep("baseline", {**found, "metric": metric.name}, username=step.actor.username)


def _window(step: Step, session: Session) -> tuple[date, date]:
    """The days before today that a baseline is counted over."""
    today = local_date(step.now, step.rt.config.timezone)
    days = step.rt.parameters.current(session).value(WINDOW, today)
    return today - timedelta(days=days), today - timedelta(days=1)
