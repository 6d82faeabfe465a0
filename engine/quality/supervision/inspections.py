"""An inspection from its plan to its sample: the frame, the weights and the seed are kept (R40, R42)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, select, true, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.domain.complaint import Channel
from engine.domain.sampling import ALGORITHM, FrameDigest, draw_from
from engine.errors import FormRefused, InvalidInput, StepFailed
from engine.people.actor import SYSTEM, Actor
from engine.quality.conditions import CASE, DERIVED, SOURCE, score
from engine.quality.files import FILE, RECORD, Recorded
from engine.quality.improvement.metrics import span
from engine.quality.kinds import INSPECTION
from engine.quality.opening import Opened, open_file, open_once
from engine.quality.supervision.frames import PART, FrameParts, Weighed
from engine.runtime.ledger import lock_instance, note_on_instance
from engine.runtime.once import Once
from engine.runtime.outbox import add_jobs, outbox_row
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.tables.quality import QualityFrame
from engine.store.tables.runtime import Instance

FRAME = table_of(QualityFrame)
WEIGHT = "sampling_weight"
"""The decision that weighs a case."""
OCCASIONS = ("regular", "special")
"""Why an inspection is held: its time has come, or something happened (R40)."""
OPEN_CHECK, CHECK_DONE = "redress:open-check", "redress:check-done"
ROWS_AT_ONCE = 2000
MOST_CASES = 500
"""No inspection draws more: people look at each."""
DISSATISFIED = 2
"""Up to this score, of five, a customer counts as dissatisfied."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case of the frame: what makes it weigh, and whether its customer can be called back."""

    no: str
    risks: Mapping[str, Any]
    answered: bool


def begin_inspection(
    rt: Runtime,
    actor: Actor,
    occasion: str = "regular",
    *,
    seed: str | None = None,
    idempotency: Once | None = None,
) -> Opened:
    """Open an inspection, whose plan is the first task of the supervision group.

    Raises Forbidden, InvalidInput (no such occasion).

    The seed is drawn by chance when the sample is; only who tests a draw gives one.
    """
    actor.require("supervision.plan")
    if occasion not in OCCASIONS:
        message = f"takes one of {', '.join(OCCASIONS)}"
        raise InvalidInput(f"the occasion {message}", {"occasion": [message]})

    def begin(session: Session) -> Opened:
        facts = {"occasion": occasion} | ({"seed": seed} if seed is not None else {})
        return open_file(rt, session, actor, INSPECTION, facts=facts)

    return open_once(rt, actor, idempotency, begin)


def inspection_planned(done: Recorded) -> None:
    """Hold the plan's dates against each other. Raises FormRefused."""
    values = done.values
    first, last = (date.fromisoformat(str(values[name])[:10]) for name in ("period_from", "period_until"))
    if last < first:
        message = f"the period ends on {last}, before it begins on {first}"
        raise FormRefused(message, {"period_until": [message]})
    if not values.get("check_groups"):
        message = "choose at least one group of checks"
        raise FormRefused(message, {"check_groups": [message]})


def draw_sample(rt: Runtime, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Draw the sample of an approved plan, keep frame and draw, and have a check opened for each case.

    The register is read while nothing is locked; what was drawn is kept in one short transaction, once: who
    is called again finds it. Raises StepFailed where the plan was not recorded.
    """
    no = str(payload["business_key"])
    with rt.sessions.read() as session:
        row = session.execute(select(FILE).where(FILE.c.no == no)).one_or_none()
        if row is None or "period_from" not in row.facts:
            raise StepFailed(f"{no} is no inspection with a plan: there is nothing to draw from")
        sample = None if "sample_size" in row.facts else _draw(rt, session, row)
    with rt.sessions.step() as session:
        if lock_instance(session, row.instance_id) not in ("active", "suspended"):
            return {"sample_size": 0}  # it was ended meanwhile: nothing is checked for it
        facts: Mapping[str, Any] = session.scalars(select(FILE.c.facts).where(FILE.c.no == no)).one()
        if "sample_size" in facts or sample is None:  # drawn before, and perhaps checked by now
            add_jobs(rt, session, [outbox_row(CHECK_DONE, {"inspection": no})])
            return {"sample_size": facts["sample_size"]}
        found = sample.found
        _keep_sample(session, no, sample)
        session.execute(update(FILE).where(FILE.c.no == no).values(facts={**facts, **found}))
        _record(session, no, found)
        note_on_instance(session, row.instance_id, SYSTEM, [Entry("sample.selected", {"no": no, **found})])
        opening = [
            outbox_row(OPEN_CHECK, {"inspection": no, "complaint_no": each.no}) for each in sample.drawn
        ]
        add_jobs(rt, session, opening)
    return {"sample_size": len(sample.drawn)}


@dataclass(frozen=True, slots=True)
class _Sample:
    """What a plan draws: the frame in parts, the cases in the order drawn, who of them is called back."""

    parts: list[dict[str, Any]]
    drawn: list[Weighed]
    called: frozenset[str]
    found: dict[str, Any]


def _draw(rt: Runtime, session: Session, row: Any) -> _Sample:
    """Pass through the frame once, packing, hashing and drawing as the cases come."""
    facts: Mapping[str, Any] = row.facts
    size = MOST_CASES if facts["method"] == "all" else min(int(facts["size"]), MOST_CASES)
    seed = str(facts.get("seed") or secrets.randbits(63))
    weigh = _weighing(rt, session, row.instance_id, facts["method"])
    parts, digest = FrameParts(row.no), FrameDigest()

    def kept() -> Iterator[tuple[Weighed, bool]]:
        for each in _frame(rt, session, facts):
            risks = tuple(_reasons(each.risks))
            case = Weighed(each.no, weigh(each.risks), risks)
            digest.add(case.no, case.weight)
            parts.add(case)
            yield case, each.answered

    drawn = [each for _, each in draw_from(kept(), size, seed, lambda each: (each[0].no, each[0].weight))]
    answered = [case.no for case, was_answered in drawn if was_answered]
    called = answered[: ceil(len(drawn) * int(facts.get("call_back_percent") or 0) / 100)]
    found = {
        "seed": seed,
        "algorithm": ALGORITHM,
        "frame_cases": parts.cases,
        "frame_sha256": digest.hexdigest(),
        "sample_size": len(drawn),
    }
    return _Sample(parts.rows(), [case for case, _ in drawn], frozenset(called), found)


def _reasons(risks: Mapping[str, Any]) -> Iterator[str]:
    """Name what makes a case weigh more; what its grade alone adds is told as well."""
    for name, value in risks.items():
        if value is True or value == 1:
            yield name
        elif name == "grade" and value == 2:
            yield "grade_2"


def _frame(rt: Runtime, session: Session, facts: Mapping[str, Any]) -> Iterator[Candidate]:
    """The confirmed complaints of the plan's period and state, in the order of their numbers' letters."""
    first, last = (date.fromisoformat(str(facts[name])[:10]) for name in ("period_from", "period_until"))
    asked = span(rt, first, last, clock.now())
    states: Mapping[str, ColumnElement[bool]] = {
        "closed": CASE.closed_at.is_not(None),
        "open": CASE.closed_at.is_(None),
    }
    query = (
        select(
            CASE.no,
            CASE.grade,
            CASE.due_at,
            CASE.notified_at,
            CASE.extended_until,
            CASE.channel,
            CASE.repeat_of,
            DERIVED.downgraded_at,
            score().label("score"),
        )
        .select_from(SOURCE)
        .where(
            and_(CASE.received_at >= asked.start, CASE.received_at < asked.end),
            CASE.status != "not_a_complaint",
            states.get(str(facts.get("cases")), true()),
        )
        .order_by(CASE.no if rt.config.is_sqlite else CASE.no.collate("C"))
    )
    for row in session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)):
        risks = {
            "grade": row.grade,
            "late": (row.notified_at or asked.now) >= row.due_at,
            "extended": row.extended_until is not None,
            "dissatisfied": row.score is not None and row.score <= DISSATISFIED,
            "downgraded": row.downgraded_at is not None,
            "referred": row.channel == Channel.REGULATOR,
            "repeated": row.repeat_of is not None,
        }
        yield Candidate(row.no, risks, row.notified_at is not None)


def _weighing(
    rt: Runtime, session: Session, instance_id: str, method: str
) -> Callable[[Mapping[str, Any]], float]:
    """Weigh a case by the decision table of the inspection's own version; equal cases are asked once."""
    if method != "risk":
        return lambda _risks: 1.0
    bundle_id = session.scalars(select(Instance.bundle_id).where(Instance.id == instance_id)).one()
    bundle, functions = rt.bundles.get(session, bundle_id), rt.functions(session)
    known: dict[tuple[Any, ...], float] = {}

    def weigh(risks: Mapping[str, Any]) -> float:
        key = tuple(risks.values())
        if key not in known:
            known[key] = float(bundle.decide(WEIGHT, risks, functions).value or 0)
            if known[key] <= 0:
                raise StepFailed(f"the decision {WEIGHT} gives {known[key]} for {dict(risks)}")
        return known[key]

    return weigh


def _keep_sample(session: Session, no: str, sample: _Sample) -> None:
    drawn = [
        {
            "file_no": no,
            "complaint_no": case.no,
            "weight": case.weight,
            "risks": list(case.risks),
            "position": place,
            "call_back": case.no in sample.called,
        }
        for place, case in enumerate(sample.drawn, 1)
    ]
    for table, rows in ((PART, sample.parts), (FRAME, drawn)):
        if rows:
            session.execute(insert(table), rows)


def _record(session: Session, no: str, found: Mapping[str, Any]) -> None:
    row = {
        "id": new_id(),
        "file_no": no,
        "kind": "sample",
        "task_id": None,
        "form_id": None,
        "values": dict(found),
        "actor": SYSTEM.username,
        "at": clock.now(),
    }
    session.execute(insert(RECORD), [row])
