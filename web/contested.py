"""What an objection is about, in words, as its page and its tasks show it beside what is to be done (R48)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import read
from engine.errors import NotFound
from engine.quality.contest import Counting, countings
from engine.quality.kinds import CONTEST
from engine.quality.reading import one_file
from engine.read.people import display_names
from web.extensions import db
from web.identity import current_actor


@dataclass(frozen=True, slots=True)
class Contested:
    """An objection: who raised it, against which figure, and how each version counts the case."""

    no: str
    raiser: str
    facts: Mapping[str, Any]
    countings: list[Counting]
    shows_case: bool
    """Whether the reader may open the case."""


def contested(no: str | None) -> Contested | None:
    """Return the objection of a number; None for another file, and where the reader may not see it."""
    session, actor = db.session(), current_actor()
    try:
        row = one_file(session, actor, no or "", CONTEST)
    except NotFound:
        return None
    facts = row["facts"]
    return Contested(
        row["no"],
        display_names(session, [row["owner"]]).get(row["owner"], row["owner"]),
        facts,
        countings(session, facts["period"], facts["figure"], facts["contested_case"]),
        _shows(facts["contested_case"]),
    )


def _shows(complaint_no: str) -> bool:
    try:
        read.complaint(db.session(), current_actor(), complaint_no)
    except NotFound:
        return False
    return True
