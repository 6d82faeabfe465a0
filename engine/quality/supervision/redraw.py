"""Drawing a kept sample again: the same seed over the kept frame must give the same cases (R42)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.sampling import draw, frame_digest
from engine.errors import Conflict
from engine.people.actor import Actor
from engine.quality.kinds import INSPECTION
from engine.quality.reading import one_file
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
    facts = one_file(session, actor, no, INSPECTION)["facts"]
    if "frame_sha256" not in facts:
        raise Conflict(f"no sample of {no} was drawn yet")
    rows = {row.complaint_no: row for row in session.execute(select(FRAME).where(FRAME.c.file_no == no))}
    weights = {name: float(row.weight) for name, row in rows.items()}
    chosen = seed or str(facts["seed"])
    drawn = draw(weights, int(facts["sample_size"]), chosen)
    kept = sorted((row.position, name) for name, row in rows.items() if row.position is not None)
    cases = [
        {
            "place": place,
            "complaint_no": each.name,
            "weight": weights[each.name],
            "risks": rows[each.name].risks,
            "key": each.key,
            "call_back": rows[each.name].call_back,
        }
        for place, each in enumerate(drawn, 1)
        if not is_about(actor, each.name)
    ]
    return Redrawn(
        chosen,
        cases,
        [each.name for each in drawn] == [name for _, name in kept],
        frame_digest(weights.items()) == facts["frame_sha256"],
        len(rows),
    )
