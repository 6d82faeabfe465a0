"""Who has a task or a case open right now: told to colleagues who may see it, and forgotten by itself.

Each window says four times a minute that it is still there. Every other time that only reads: its row is
written when the window comes, when typing begins or ends, and else once it is older than `FRESH`. A window
that closes takes its row away; one that is cut off is forgotten after `STAYS`. It is no history, and times
are real ones: setting the demo's clock drives nobody out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Integer, delete, func, select, text
from sqlalchemy.orm import Session

from engine import clock
from engine.people.actor import Actor
from engine.store.sessions import Sessions
from engine.store.tables.people import Person
from engine.store.tables.workplace import Presence
from engine.store.upsert import insert_into

FRESH = timedelta(seconds=25)
STAYS = timedelta(seconds=45)
LOOKS_EVERY_S = 15
"""After so many seconds a window looks again: nobody is seen for longer than `STAYS` and this together."""
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Window:
    """One window of somebody at a place: a task (`task:ID`) or a case (`case:NUMBER`)."""

    place: str
    id: str
    typing: bool = False


def stay(sessions: Sessions, session: Session, actor: Actor, window: Window) -> None:
    """Keep the actor's window present. `session` reads; a step of its own is taken only where there is
    something to write.
    """
    now = clock.real_now()
    mine = select(Presence.typing, Presence.seen_at).where(*_row(actor, window))
    known = session.execute(mine).one_or_none()
    if known is not None and known.typing == window.typing and known.seen_at > now - FRESH:
        return
    values = {"typing": window.typing, "seen_at": now}
    row = insert_into(session, Presence).values(
        place=window.place, person_id=actor.id, window_id=window.id, **values
    )
    keys = [Presence.place, Presence.person_id, Presence.window_id]
    with sessions.step() as step:
        _in_no_hurry(step)
        step.execute(row.on_conflict_do_update(index_elements=keys, set_=values))


def leave(sessions: Sessions, actor: Actor, window: Window) -> None:
    """Take the actor's window away."""
    with sessions.step() as step:
        _in_no_hurry(step)
        step.execute(delete(Presence).where(*_row(actor, window)))


def others(session: Session, actor: Actor, place: str) -> list[dict[str, Any]]:
    """Return who else is at a place, each once: username, display_name, `typing` in any of their windows.

    The caller has checked that the actor may see the place.
    """
    query = (
        select(
            Person.username,
            Person.display_name,
            func.max(Presence.typing.cast(Integer)).label("typing"),
        )
        .join(Person, Person.id == Presence.person_id)
        .where(
            Presence.place == place,
            Presence.person_id != actor.id,
            Presence.seen_at > clock.real_now() - STAYS,
            Person.active,
        )
        .group_by(Person.username, Person.display_name)
        .order_by(Person.username)
        .limit(MOST_SHOWN)
    )
    return [dict(row._mapping) | {"typing": bool(row.typing)} for row in session.execute(query)]


def forget_absent(session: Session) -> None:
    """Remove the rows of windows that were cut off."""
    session.execute(delete(Presence).where(Presence.seen_at <= clock.real_now() - STAYS))


def _row(actor: Actor, window: Window) -> tuple[Any, ...]:
    return (
        Presence.place == window.place,
        Presence.person_id == actor.id,
        Presence.window_id == window.id,
    )


def _in_no_hurry(step: Session) -> None:
    """Let PostgreSQL answer before the row is on disk: what a crash takes is said again in seconds."""
    if step.get_bind().dialect.name == "postgresql":
        step.execute(text("SET LOCAL synchronous_commit TO off"))
