"""Contesting one's own frozen figures: a file that a superior decides about (R48)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import FormRefused, InvalidInput
from engine.people.actor import Actor
from engine.privacy.finding import mask_text
from engine.quality.files import FILE, Recorded
from engine.quality.freezing import FROZEN, frozen, newest_version, seen_of
from engine.quality.kinds import CONTEST
from engine.quality.opening import Opened, open_file, open_once
from engine.read.visibility import is_about
from engine.runtime.notices import Notice, leave_notice
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.tables.measures import FrozenCase, FrozenPeriod
from engine.store.tables.people import Person

LONGEST = 2000
NOTICE: Final = "contest"
"""The kind of notice that tells who objected that their objection was decided, or the figures corrected."""
CORRECTED: Final = "corrected"
_CASES, _PERIODS = table_of(FrozenCase), table_of(FrozenPeriod)


@dataclass(frozen=True, slots=True)
class Counting:
    """How a frozen version counts a case in a figure: None where the figure does not ask about the case."""

    version: int
    frozen_at: datetime
    reason: str
    counted: bool | None


def contest(
    rt: Runtime, actor: Actor, period: str, version: int, figure: str, complaint_no: str, reason: str
) -> Opened:
    """Contest how a frozen version counted one of one's own cases in a figure.

    Contesting the same again gives the file that is there until it is decided. Raises NotFound (no such
    version), InvalidInput by field (also where this was decided already).
    """

    def begin(session: Session) -> Opened:
        found = frozen(session, period, version)
        order = found["body"]["order"]
        seen = seen_of(session, found["id"], actor.username)
        theirs = {each.no: each for each in seen if not is_about(actor, each.no)}
        errors: dict[str, list[str]] = {}
        if complaint_no not in theirs:
            errors["complaint_no"] = ["choose one of the cases that were counted for you"]
        elif figure not in order or not theirs[complaint_no].asked >> order.index(figure) & 1:
            errors["figure"] = ["choose a figure in which this case was counted"]
        if not reason.strip() or len(reason) > LONGEST:
            errors["reason"] = [f"say why, in {LONGEST} characters"]
        key = f"contest:{found['id']}:{figure}:{complaint_no}:{actor.username}"
        if not errors and (no := _decided(session, key)) is not None:
            errors["complaint_no"] = [f"this was decided already: {no} says how and why"]
        if errors:
            raise InvalidInput("this cannot be contested: see the fields", errors)
        person = table_of(Person).c
        return open_file(
            rt,
            session,
            actor,
            CONTEST,
            facts={
                "period": period,
                "frozen_version": found["version"],
                "figure": figure,
                "contested_case": complaint_no,
            },
            personal={"contest_reason": mask_text(reason.strip())},
            source_key=key,
            owner=actor.username,
            department_id=session.scalar(
                select(person.department_id).where(person.username == actor.username)
            ),
        )

    return open_once(rt, actor, None, begin)


def _decided(session: Session, key: str) -> str | None:
    """Return the number of the objection of this key that ended; None where there is none, or it is open."""
    ended = select(FILE.c.no).where(FILE.c.source_key == key, FILE.c.closed_at.is_not(None))
    return session.scalar(ended)


def countings(session: Session, period: str, figure: str, complaint_no: str) -> list[Counting]:
    """Return how each frozen version of a month, oldest first, counts a case in a figure: what an objection
    is about, and what its correction changed. Asks nobody's permission.
    """
    of_case = (_CASES.c.frozen_id == _PERIODS.c.id) & (_CASES.c.complaint_no == complaint_no)
    query = (
        select(
            _PERIODS.c.version,
            _PERIODS.c.frozen_at,
            _PERIODS.c.reason,
            _PERIODS.c.body,
            _CASES.c.asked,
            _CASES.c.hit,
        )
        .join_from(_PERIODS, _CASES, of_case, isouter=True)
        .where(_PERIODS.c.period == period, _PERIODS.c.state == FROZEN)
        .order_by(_PERIODS.c.version)
    )
    return [
        Counting(row.version, row.frozen_at, row.reason, _counted(row, figure))
        for row in session.execute(query)
    ]


def _counted(row: Any, figure: str) -> bool | None:
    order = row.body["order"]
    if figure not in order or not (row.asked or 0) >> order.index(figure) & 1:
        return None
    return bool(row.hit >> order.index(figure) & 1)


def objection_decided(done: Recorded) -> None:
    """Tell who objected that it is decided; one that is upheld is with its superiors no longer."""
    if done.values["contest_decision"] == "confirm":
        done.file.move_to("accepted")
    _tell(done)


def figures_corrected(done: Recorded) -> None:
    """Take a correction only with the further version that it is; keep its number, and tell who objected.

    Raises FormRefused where the month was not frozen again since the version that was contested (R44).
    """
    if done.values["correction_result"] == CORRECTED:
        facts = done.file.get("facts")
        newest = newest_version(done.session, facts["period"]) or 0
        if newest <= facts["frozen_version"]:
            message = (
                f"{facts['period']} has no version after {facts['frozen_version']}: freeze it again first"
            )
            raise FormRefused(message, {"correction_result": [message]})
        done.file.know(corrected_version=newest)
    _tell(done)


def _tell(done: Recorded) -> None:
    person = select(Person.id).where(Person.username == done.file.get("owner"), Person.active)
    told = Notice(NOTICE, f"{NOTICE}:{done.file.no}:{len(done.file.records())}")
    leave_notice(done.step.rt, done.session, done.session.scalars(person), told)
