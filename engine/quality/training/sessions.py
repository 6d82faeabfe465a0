"""Sessions of the training plan: planned by the process, held, and what each person came to (R67, R68)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.domain.deadlines import local_date
from engine.errors import Conflict, InvalidInput, StepFailed
from engine.people.actor import SYSTEM, Actor
from engine.privacy.finding import refuse_personal
from engine.privacy.values import is_reference, read_values
from engine.quality.training.records import BEST, CONTENTS, KEEP, Attended, add_record
from engine.runtime.commands import start_instance
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.training import TrainingSession

PLAN_PROCESS: Final = "training-plan"
SESSION_PROCESS: Final = "training-session"


def schedule_session(session: Session, values: Mapping[str, Any]) -> dict[str, str]:
    """Enter a planned session in the register; return its id for the process.

    `values` are the variables title, covers_process ..., planned_on, trainer. Raises StepFailed.
    """
    contents = [each for each in CONTENTS if values.get(f"covers_{each}")]
    if not contents:
        raise StepFailed("a session covers at least one of process, communication and law")
    session_id, planned_on = new_id(), _day(values.get("planned_on"))
    row = {
        "id": session_id,
        "title": str(values.get("title") or "")[:200],
        "contents": contents,
        "trainer": values.get("trainer") or None,
        "planned_on": planned_on,
        "held_on": None,
        "planned_by": str(values.get("planned_by") or SYSTEM.username),
        "created_at": clock.now(),
    }
    session.execute(insert(TrainingSession).values(row))
    data = {"session": session_id, "contents": contents, "planned_on": planned_on.isoformat()}
    note(session, SYSTEM.username, "training.planned", data)
    return {"session_id": session_id}


def record_session(rt: Runtime, session: Session, values: Mapping[str, Any]) -> dict[str, int]:
    """Write down who attended a session and what the test said; return how many did not pass.

    `values` are the variables session_id, held_on and attendees. A second call for the same people adds
    nothing. Raises StepFailed.
    """
    found = session.get(TrainingSession, str(values.get("session_id")), with_for_update=True)
    if found is None:
        raise StepFailed(f"there is no training session {values.get('session_id')!r}")
    held_on, failed = _day(values.get("held_on")), set()
    for username, score in _attendees(rt, session, values.get("attendees") or []):
        attended = Attended(username, tuple(found.contents), held_on, score, session_id=found.id)
        try:
            row = add_record(rt, session, SYSTEM.username, attended, source="session")
        except Conflict:
            row = None  # the job was done before
        if row is not None and not row["passed"]:
            failed.add(username)
    first = found.held_on or held_on
    session.execute(update(TrainingSession).where(TrainingSession.id == found.id).values(held_on=first))
    return {"failed": len(failed)}


def _attendees(rt: Runtime, session: Session, rows: list[Any]) -> Iterator[tuple[str, int]]:
    """Give each person with the score, which the form put into the encrypted store."""
    references = {row.get("score") for row in rows if is_reference(row.get("score"))}
    clear = read_values(session, rt.keyring, references) if references else {}
    for row in rows:
        score = clear.get(row.get("score"), row.get("score"))
        try:
            yield str(row["person"]), min(BEST, max(0, int(score)))
        except (KeyError, TypeError, ValueError) as error:
            raise StepFailed("an attendance takes a person and a score of 0 to 100") from error


def _day(value: Any) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise StepFailed(f"{value!r} is no date such as 2026-03-02") from error


def begin_plan(rt: Runtime, actor: Actor) -> str:
    """Begin the plan of a year; return the instance. Raises Forbidden, NotFound (not deployed)."""
    actor.require(KEEP)
    return start_instance(rt, actor, PLAN_PROCESS)


def plan_session(
    rt: Runtime, actor: Actor, *, title: str, contents: Collection[str], planned_on: date, trainer: str | None
) -> str:
    """Plan a session beside the plan of the year; return the instance.

    Raises Forbidden, InvalidInput by field, NotFound (not deployed).
    """
    actor.require(KEEP)
    errors: dict[str, list[str]] = {}
    if not title.strip():
        errors["title"] = ["say what it is about"]
    if not set(contents) & set(CONTENTS):
        errors["contents"] = ["choose at least one content"]
    if planned_on < local_date(clock.now(), rt.config.timezone):
        errors["planned_on"] = ["takes today or a later day"]
    if errors:
        raise InvalidInput("the session cannot be planned: see the fields", errors)
    refuse_personal(title=title)
    variables = {
        "title": title.strip(),
        **{f"covers_{each}": each in contents for each in CONTENTS},
        "planned_on": planned_on.isoformat(),
        "trainer": trainer,
    }
    return start_instance(rt, actor, SESSION_PROCESS, variables)
