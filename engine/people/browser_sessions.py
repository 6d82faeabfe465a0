"""Browser sessions that were logged out: their cookies are signed and would count until they are too old.

A cookie that somebody copied before must not outlive the log-out. Only the numbers of ended sessions are
kept, until the cookies would be refused for their age. Times are real time: the demo's clock ends no session.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from engine import clock
from engine.store.tables.people import EndedSession, LogIn
from engine.store.upsert import insert_into

LONGEST = timedelta(hours=12)
"""No session lasts longer after its login, however busy it is."""


def end_browser_session(session: Session, session_id: str) -> None:
    """Let no cookie of this session count any more; a session that has ended stays so."""
    row = insert_into(session, EndedSession).values(id=session_id, over_at=clock.real_now() + LONGEST)
    session.execute(row.on_conflict_do_nothing())
    session.execute(delete(LogIn).where(LogIn.id == session_id))


def forget_ended_sessions(session: Session) -> int:
    """Drop the numbers of sessions whose cookies are too old by now; return how many."""
    over = delete(EndedSession).where(EndedSession.over_at < clock.real_now()).returning(EndedSession.id)
    return len(session.execute(over).all())
