"""What a person attended and passed, and until when they may handle complaints by it (R67, R68).

Somebody is trained while each of the three contents is covered by a pass that is still valid. Records are
only added; what a person may do is read from the one date on their account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.domain.deadlines import end_of_day, local_date
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.actor import Actor
from engine.privacy.finding import refuse_personal
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.people import Person
from engine.store.tables.training import TrainingRecord

CONTENTS: Final = ("process", "communication", "law")
"""What everybody who handles complaints is trained in: the process, communication, the law (R68)."""
KEEP: Final = "training.keep"
BEST: Final = 100


@dataclass(frozen=True, slots=True)
class Attended:
    """That somebody attended a training: `score` is of 100."""

    username: str
    contents: tuple[str, ...]
    held_on: date
    score: int
    reference: str = ""
    session_id: str | None = None


def enter_training(rt: Runtime, actor: Actor, attended: Attended) -> dict[str, Any]:
    """Enter a training that was held elsewhere; `reference` tells where its proof lies. Return the record.

    Raises Forbidden, InvalidInput by field, NotFound, Conflict (it stands there already).
    """
    actor.require(KEEP)
    errors = _errors(rt, attended)
    if not attended.reference.strip():
        errors["reference"] = ["say where the proof lies"]
    if errors:
        raise InvalidInput("the training cannot be entered: see the fields", errors)
    refuse_personal(reference=attended.reference)
    with rt.sessions.step() as session:
        return add_record(rt, session, actor.username, attended, source="entered")


def add_record(rt: Runtime, session: Session, by: str, attended: Attended, *, source: str) -> dict[str, Any]:
    """Add a record within the caller's transaction and move the person's date. Raises as `enter_training`."""
    person = session.scalar(select(Person.id).where(Person.username == attended.username).with_for_update())
    if person is None:
        raise NotFound(f"there is no user {attended.username}")
    contents: list[str] = [each for each in CONTENTS if each in attended.contents]
    for known in session.scalars(
        select(TrainingRecord).where(
            TrainingRecord.person_id == person, TrainingRecord.held_on == attended.held_on
        )
    ):
        if (known.contents, known.score, known.session_id) == (
            contents, attended.score, attended.session_id,
        ):  # fmt: skip
            raise Conflict(f"this training of {attended.username} stands in the register already")
    row = _row(rt, session, by, attended, person, contents, source)
    session.execute(insert(TrainingRecord).values(row))
    until = settle(session, person)
    data = {
        "person": attended.username,
        "contents": contents,
        "passed": row["passed"],
        "held_on": attended.held_on.isoformat(),
        "valid_until": until,
    }
    note(session, by, "training.recorded", data)
    return row


def _row(
    rt: Runtime,
    session: Session,
    by: str,
    attended: Attended,
    person: str,
    contents: list[str],
    source: str,
) -> dict[str, Any]:
    held = rt.parameters.current(session)
    passed = attended.score >= held.value("training.pass_score", attended.held_on)
    days = held.value("training.valid_days", attended.held_on)
    return {
        "id": new_id(),
        "person_id": person,
        "session_id": attended.session_id,
        "contents": contents,
        "held_on": attended.held_on,
        "score": attended.score,
        "passed": passed,
        "valid_until": end_of_day(attended.held_on + timedelta(days=days), rt.config.timezone)
        if passed
        else None,
        "source": source,
        "reference": attended.reference.strip() or None,
        "recorded_by": by,
        "at": clock.now(),
    }


def settle(session: Session, person_id: str) -> datetime | None:
    """Set until when a person's training is valid: until the first of the three contents runs out."""
    rows = session.execute(
        select(TrainingRecord.contents, TrainingRecord.valid_until).where(
            TrainingRecord.person_id == person_id, TrainingRecord.passed
        )
    )
    until = valid_until(covered_until((row.contents, row.valid_until) for row in rows))
    session.execute(update(Person).where(Person.id == person_id).values(training_valid_until=until))
    return until


def covered_until(passes: Iterable[tuple[list[str], datetime | None]]) -> dict[str, datetime]:
    """Return for each content that was passed until when it is covered; `passes` are contents and end."""
    covered: dict[str, datetime] = {}
    for contents, until in passes:
        if until is not None:
            for each in contents:
                covered[each] = max(until, covered.get(each, until))
    return covered


def valid_until(covered: Mapping[str, datetime]) -> datetime | None:
    """Return until when all three contents are covered; None where one never was."""
    return min(covered[each] for each in CONTENTS) if covered.keys() >= set(CONTENTS) else None


def _errors(rt: Runtime, attended: Attended) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not set(attended.contents) & set(CONTENTS):
        errors["contents"] = ["choose at least one content"]
    if attended.held_on > local_date(clock.now(), rt.config.timezone):
        errors["held_on"] = ["lies in the future"]
    if not 0 <= attended.score <= BEST:
        errors["score"] = [f"takes a whole number from 0 to {BEST}"]
    return errors
