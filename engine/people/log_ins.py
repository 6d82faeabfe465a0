"""The log-ins that count now: in which browser, since when, last seen, from where; ended one by one.

What they are named by is the number that the cookie carries. Times are real, as those of the cookies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.errors import NotFound
from engine.people.accounts import person_id_of
from engine.people.actor import Actor
from engine.people.browser_sessions import LONGEST, end_browser_session
from engine.store.tables.people import LogIn, Person
from engine.store.upsert import insert_into

PERMISSION = "people.manage"
MOST_TEXT = 100


@dataclass(frozen=True, slots=True)
class Opened:
    """A log-in as people are told of it."""

    id: str
    browser: str
    address: str
    began_at: datetime
    seen_at: datetime


def note_log_in(
    session: Session, person_id: str, log_in_id: str, *, credential_version: int, browser: str, address: str
) -> None:
    """Keep that a browser was logged in, or seen again, just now."""
    now = clock.real_now()
    row = insert_into(session, LogIn).values(
        id=log_in_id,
        person_id=person_id,
        credential_version=credential_version,
        browser=browser[:MOST_TEXT],
        address=address[:MOST_TEXT],
        began_at=now,
        seen_at=now,
    )
    again = {"seen_at": now, "address": address[:MOST_TEXT], "credential_version": credential_version}
    session.execute(row.on_conflict_do_update(index_elements=[LogIn.id], set_=again))


def log_ins_of(session: Session, person_id: str) -> list[Opened]:
    """Return a person's log-ins that may still count, the one seen last first."""
    counts = (
        LogIn.person_id == person_id,
        LogIn.credential_version == Person.credential_version,
        LogIn.began_at > clock.real_now() - LONGEST,
    )
    query = select(LogIn).join(Person, Person.id == LogIn.person_id).where(*counts)
    rows = session.scalars(query.order_by(LogIn.seen_at.desc(), LogIn.id))
    return [Opened(row.id, row.browser, row.address, row.began_at, row.seen_at) for row in rows]


def end_log_in(session: Session, by: Actor, username: str, log_in_id: str) -> None:
    """Log one browser out: one's own, or as an administrator. Raises Forbidden, NotFound (it has ended)."""
    if by.username != username:
        by.require(PERMISSION)
    person_id = person_id_of(session, username)
    mine = select(LogIn.id).where(LogIn.id == log_in_id, LogIn.person_id == person_id)
    if session.scalar(mine) is None:
        raise NotFound("there is no such log-in any more")
    end_browser_session(session, log_in_id)
    note(session, by.username, "login.revoked", {"person": username, "one": True})


def forget_old_log_ins(session: Session) -> int:
    """Take those off the list whose cookies are too old to count; return how many."""
    over = delete(LogIn).where(LogIn.began_at <= clock.real_now() - LONGEST).returning(LogIn.id)
    return len(session.execute(over).all())
