"""Opening accountability files: by what happened, as a chore, or by compliance (R49)."""

from __future__ import annotations

import logging
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.domain.deadlines import local_date
from engine.errors import Conflict, InvalidInput
from engine.people.actor import SYSTEM, Actor
from engine.people.roles import COMPLIANCE
from engine.quality.accountability.causes import LOOK_BACK, MANUAL, Owed, key_of, owed, watched_since
from engine.quality.files import FILE
from engine.quality.kinds import ACCOUNTABILITY
from engine.quality.opening import Opened, open_file, open_once
from engine.read.complaints import complaint as seen_complaint
from engine.runtime.notices import Notice, leave_notice
from engine.runtime.once import Once
from engine.runtime.runtime import Runtime
from engine.store.tables.people import Person, PersonRole

log = logging.getLogger(__name__)
NOTICE: Final = "confidential"
"""The kind of notice that says no more than that something waits: no number, no name."""
OPEN: Final = "accountability.open"
LONGEST: Final = 4000
CAUSES: Final = (
    "late",
    "urgent",
    "repeat",
    "regulator",
    "inquiry",
    "media",
    "court",
    "finding",
    MANUAL,
)


def open_what_is_owed(rt: Runtime) -> int:
    """Open the files that are owed since the family was first deployed; return how many. Compliance is told
    once a day that something waits.

    Each in a transaction of its own: one that cannot be opened keeps no other from it, and is tried again.
    What happened before stands in the list of cases that should have a file.
    """
    with rt.sessions.read() as session:
        since = watched_since(session)
        found = owed(session, since) if since is not None else []
    done = sum(_open(rt, each) for each in found)
    if done:
        with rt.sessions.step() as session:
            people = select(PersonRole.person_id).join(Person, Person.id == PersonRole.person_id)
            told = session.scalars(people.where(PersonRole.role == COMPLIANCE, Person.active)).all()
            day = local_date(clock.now(), rt.config.timezone)
            leave_notice(rt, session, told, Notice(NOTICE, f"{NOTICE}:{day}"))
    return done


def _open(rt: Runtime, each: Owed) -> bool:
    try:
        with rt.sessions.step() as session:
            _begin(rt, session, SYSTEM, each)
    except Exception as error:  # noqa: BLE001 - the others are to be opened, this one again next time
        log.warning("an accountability file could not be opened: %s", type(error).__name__)
        return False
    return True


def _begin(rt: Runtime, session: Session, actor: Actor, each: Owed, reason: str = "") -> Opened:
    facts: dict[str, Any] = {"cause": each.cause, "happened_at": each.at, "person": each.person}
    return open_file(
        rt,
        session,
        actor,
        ACCOUNTABILITY,
        facts={**facts, "finding_no": each.finding},
        personal={"reason": reason},
        complaint_no=each.complaint_no,
        source_key=each.key,
    )


def owed_cases(session: Session, actor: Actor) -> list[Owed]:
    """Return the cases that should have a file and have none, also from before files opened by themselves.

    Raises Forbidden.
    """
    actor.require(OPEN)
    return owed(session, clock.now() - LOOK_BACK)


def open_by_hand(
    rt: Runtime,
    actor: Actor,
    complaint_no: str,
    *,
    cause: str = MANUAL,
    reason: str = "",
    idempotency: Once | None = None,
) -> Opened:
    """Open a file about a case: for a cause that is owed, or by hand for a reason.

    Raises Forbidden, NotFound (the case), InvalidInput by field, Conflict (there is one for this cause).
    """
    actor.require(OPEN)
    text = reason.strip()
    errors: dict[str, list[str]] = {}
    if cause not in CAUSES:
        errors["cause"] = [f"takes one of {', '.join(CAUSES)}"]
    if (cause == MANUAL and not text) or len(text) > LONGEST:
        errors["reason"] = [f"say in 1 to {LONGEST} characters what happened"]
    if errors:
        raise InvalidInput("the file cannot be opened: see the fields", errors)

    def begin(session: Session) -> Opened:
        row = seen_complaint(session, actor, complaint_no)
        each = _owed_or_manual(session, row, cause)
        if (no := session.scalar(select(FILE.c.no).where(FILE.c.source_key == each.key))) is not None:
            raise Conflict(f"there is a file about this already: {no}")
        return _begin(rt, session, actor, each, text)

    return open_once(rt, actor, idempotency, begin)


def _by_hand(session: Session, row: dict[str, Any]) -> Owed:
    """Several people may have to answer for a case: another file once the one before is assessed.

    Raises Conflict.
    """
    of_case = FILE.c.source_key.like(f"{key_of(MANUAL, row['no'])}%")
    earlier = session.execute(select(FILE.c.no, FILE.c.status).where(of_case)).all()
    for each in earlier:
        if each.status == ACCOUNTABILITY.first:
            raise Conflict(f"there is a file about this already: {each.no}")
    return Owed(MANUAL, row["no"], clock.now(), row["handler"], count=len(earlier))


def _owed_or_manual(session: Session, row: dict[str, Any], cause: str) -> Owed:
    """Raises InvalidInput where the case gives no such cause."""
    if cause == MANUAL:
        return _by_hand(session, row)
    for each in owed(session, clock.now() - LOOK_BACK, complaint_no=row["no"]):
        if each.cause == cause:
            return each
    known = session.scalar(select(FILE.c.no).where(FILE.c.source_key == key_of(cause, row["no"])))
    if known is not None:
        raise Conflict(f"there is a file about this already: {known}")
    message = "the case gives no such cause"
    raise InvalidInput(message, {"cause": [message]})
