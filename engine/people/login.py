"""Logging in with a password, and what a browser session must still carry.

The hash is checked outside any transaction: it takes tens of milliseconds, and on SQLite a step holds the
one write lock.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.errors import NotFound
from engine.people.accounts import load_actor, load_with_version
from engine.people.actor import Actor
from engine.people.passwords import hash_password, is_outdated, matches
from engine.store.sessions import Sessions
from engine.store.tables.people import Person

MAX_FAILURES = 5
LOCK_FOR = timedelta(minutes=15)


def authenticate(sessions: Sessions, username: str, password: str) -> Actor | None:
    """Return the person, or None: unknown, wrong, closed and locked are one answer, so that nobody can probe.

    After five failures in a row the account is locked for fifteen minutes. Both ends go to the trail.
    """
    with sessions.read() as session:
        row = session.execute(
            select(Person.id, Person.password_hash, Person.active, Person.locked_until).where(
                Person.username == username
            )
        ).one_or_none()
    right = matches(row.password_hash if row else None, password)
    if row is None:
        return None
    locked = row.locked_until is not None and row.locked_until > clock.now()
    with sessions.step() as session:
        if right and row.active and not locked:
            return _succeed(session, row.id, password if is_outdated(row.password_hash) else None)
        if not locked:
            _fail(session, row.id, username)
    return None


def _succeed(session: Session, person_id: str, rehash: str | None) -> Actor:
    values: dict[str, object] = {"failed_logins": 0, "locked_until": None}
    actor = load_actor(session, person_id)
    if rehash is not None:
        values["password_hash"] = hash_password(rehash, actor.username)
    session.execute(update(Person).where(Person.id == person_id).values(values))
    note(session, actor.username, "login.succeeded", {})
    return actor


def _fail(session: Session, person_id: str, username: str) -> None:
    failures = session.scalar(
        update(Person)
        .where(Person.id == person_id)
        .values(failed_logins=Person.failed_logins + 1)
        .returning(Person.failed_logins)
    )
    data: dict[str, object] = {"failures": failures}
    if failures is not None and failures >= MAX_FAILURES:
        until = clock.now() + LOCK_FOR
        session.execute(
            update(Person).where(Person.id == person_id).values(failed_logins=0, locked_until=until)
        )
        data["locked_until"] = until
    note(session, username, "login.refused", data)


def actor_of_session(session: Session, person_id: str, credential_version: int) -> Actor | None:
    """Return who a browser session belongs to; None once the password changed or the account was closed."""
    try:
        actor, version = load_with_version(session, person_id)
    except NotFound:
        return None
    return actor if version == credential_version else None


def credential_version(session: Session, person_id: str) -> int:
    """Return the number that a browser session of this person must carry."""
    return session.execute(select(Person.credential_version).where(Person.id == person_id)).scalar_one()
