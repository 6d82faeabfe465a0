"""What people are called, for lists that hold usernames."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.tables.people import Person

_PERSON = Person.__table__.c


def display_names(session: Session, usernames: Iterable[str | None]) -> dict[str, str]:
    """Return username -> name to show, for those that exist."""
    wanted = sorted({username for username in usernames if username})
    if not wanted:
        return {}
    query = select(_PERSON.username, _PERSON.display_name).where(_PERSON.username.in_(wanted))
    return {row.username: row.display_name for row in session.execute(query)}
