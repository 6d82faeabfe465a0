"""What second codings come to: kappa by category, sub-code and grade, each case coded apart (R14, R16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engine.domain.agreement import Agreement, agreement
from engine.domain.complaint import Category
from engine.domain.grade import Grade
from engine.people.actor import Actor
from engine.quality.conditions import Asked
from engine.quality.supervision.coding_samples import CODING, SAMPLE
from engine.read.visibility import is_about

CODES: Final[Mapping[str, tuple[str, ...]]] = {
    "category": tuple(str(each) for each in Category),
    "sub_code": (),
    "grade": tuple(str(int(each)) for each in Grade),
}
"""What is coded, and the codes in their order; which sub-codes there are, an owner's form says."""
_RANKED: Final = "grade"


@dataclass(frozen=True, slots=True)
class Coded:
    """A case with both codings by name (`CODES`), as text; no sub-code is an empty one."""

    complaint_no: str
    coder: str
    at: datetime
    first: Mapping[str, str]
    second: Mapping[str, str]

    @property
    def apart(self) -> list[str]:
        """What was coded differently."""
        return [name for name in CODES if self.first[name] != self.second[name]]


def coded_cases(session: Session, asked: Asked) -> list[Coded]:
    """Return the cases closed in a period that were coded a second time, by number. What stands in a sample
    that is not closed is left out: a coder who reads figures learns nothing of it.
    """
    query = select(CODING).where(*_coded(asked), SAMPLE.c.closed_at.is_not(None)).join(SAMPLE)
    return [
        Coded(
            row.complaint_no,
            row.coder,
            row.coded_at,
            {name: str(row._mapping[f"first_{name}"]) for name in CODES},
            {name: str(row._mapping[name]) for name in CODES},
        )
        for row in session.execute(query.order_by(CODING.c.complaint_no))
    ]


def coded_in_open_samples(session: Session, actor: Actor, asked: Asked) -> int:
    """Return how many codings of a period count once their sample is closed. Raises Forbidden."""
    actor.require("report.read")
    query = select(func.count()).select_from(CODING).join(SAMPLE)
    return session.scalar(query.where(*_coded(asked), SAMPLE.c.closed_at.is_(None))) or 0


def _coded(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    return (CODING.c.closed_at >= asked.start, CODING.c.closed_at < asked.end, CODING.c.coded_at.is_not(None))


def agreement_of(session: Session, actor: Actor, asked: Asked) -> dict[str, Agreement]:
    """Return how far the codings of a period agree, by what is coded. Raises Forbidden."""
    actor.require("report.read")
    coded = coded_cases(session, asked)
    return {
        name: agreement(
            ((each.first[name], each.second[name]) for each in coded), codes, ranked=name == _RANKED
        )
        for name, codes in CODES.items()
    }


def coded_apart(session: Session, actor: Actor, asked: Asked) -> list[Coded]:
    """Return the cases of a period that were coded differently, without those about the actor (Art. 17).

    Raises Forbidden.
    """
    actor.require("report.read")
    return [
        each for each in coded_cases(session, asked) if each.apart and not is_about(actor, each.complaint_no)
    ]
