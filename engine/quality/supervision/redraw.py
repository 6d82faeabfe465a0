"""Drawing a kept sample again: the same seed over the kept frame must give the same cases (R42)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.sampling import FrameDigest, draw_from
from engine.errors import Conflict
from engine.people.actor import SYSTEM, Actor
from engine.quality.kinds import INSPECTION
from engine.quality.reading import one_file
from engine.quality.supervision.frames import Weighed, kept_frame
from engine.quality.supervision.inspections import FRAME
from engine.read.visibility import is_about


@dataclass(frozen=True, slots=True)
class Redrawn:
    """What a seed draws from the kept frame: `cases` are complaint_no, weight, risks, key and place, without
    those about who looks (Art. 17).

    `same`: these are the cases that were drawn, in their order. `frame_intact`: the frame is the one whose
    hash stands in the trail.
    """

    seed: str
    cases: list[dict[str, Any]]
    same: bool
    frame_intact: bool
    frame_cases: int


def redraw(session: Session, actor: Actor, no: str, *, seed: str | None = None) -> Redrawn:
    """Draw the sample of an inspection again, with its own seed or another one; nothing is changed.

    Raises NotFound, Conflict (no sample was drawn yet).
    """
    facts = _drawn_facts(session, actor, no)
    chosen, digest, kept = seed or str(facts["seed"]), FrameDigest(), kept_sample(session, SYSTEM, no)
    called = {row["complaint_no"] for row in kept if row["call_back"]}
    cases = 0

    def frame() -> Iterator[Weighed]:
        nonlocal cases
        for each in kept_frame(session, no):
            digest.add(each.no, each.weight)
            cases += 1
            yield each

    try:
        drawn = draw_from(frame(), int(facts["sample_size"]), chosen, lambda each: (each.no, each.weight))
    except (Conflict, ValueError):  # it cannot be read, or is in no order that a frame has
        return Redrawn(chosen, [], same=False, frame_intact=False, frame_cases=cases)
    found = [
        _shown(case, place, case.no in called) | {"key": each.key}
        for place, (each, case) in enumerate(drawn, 1)
    ]
    same = [(row["complaint_no"], row["weight"]) for row in found] == [
        (row["complaint_no"], row["weight"]) for row in kept
    ]
    shown = [row for row in found if not is_about(actor, row["complaint_no"])]
    return Redrawn(chosen, shown, same, digest.hexdigest() == facts["frame_sha256"], cases)


def kept_sample(session: Session, actor: Actor, no: str) -> list[dict[str, Any]]:
    """Return the cases as they were drawn, in their order: as `Redrawn.cases`, without keys.

    Raises NotFound, Conflict (no sample was drawn yet).
    """
    _drawn_facts(session, actor, no)
    rows = session.execute(select(FRAME).where(FRAME.c.file_no == no).order_by(FRAME.c.position))
    return [
        _shown(Weighed(row.complaint_no, float(row.weight), tuple(row.risks)), row.position, row.call_back)
        for row in rows
        if not is_about(actor, row.complaint_no)
    ]


def _drawn_facts(session: Session, actor: Actor, no: str) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = one_file(session, actor, no, INSPECTION)["facts"]
    if "frame_sha256" not in facts:
        raise Conflict(f"no sample of {no} was drawn yet")
    return facts


def _shown(case: Weighed, place: int, call_back: bool) -> dict[str, Any]:
    return {
        "place": place,
        "complaint_no": case.no,
        "weight": case.weight,
        "risks": list(case.risks),
        "call_back": call_back,
    }
