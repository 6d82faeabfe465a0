"""Contesting one's own frozen figures: a file that a superior decides about (R48)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.people.actor import Actor
from engine.quality.freezing import frozen, seen_of
from engine.quality.kinds import CONTEST
from engine.quality.opening import Opened, open_file, open_once
from engine.read.visibility import is_about
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.tables.people import Person

LONGEST = 2000


def contest(
    rt: Runtime, actor: Actor, period: str, version: int, figure: str, complaint_no: str, reason: str
) -> Opened:
    """Contest how a frozen version counted one of one's own cases in a figure.

    Contesting the same again gives the file that is there. Raises NotFound (no such version), InvalidInput by
    field.
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
            personal={"contest_reason": reason.strip()},
            source_key=f"contest:{found['id']}:{figure}:{complaint_no}:{actor.username}",
            owner=actor.username,
            department_id=session.scalar(
                select(person.department_id).where(person.username == actor.username)
            ),
        )

    return open_once(rt, actor, None, begin)
