"""Logging in with a password, and what a browser session must carry.

The hash is checked outside any transaction: it takes tens of milliseconds, and on SQLite a step holds the
one write lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.errors import InvalidInput
from engine.people.acting import load_actor
from engine.people.actor import SYSTEM, Actor
from engine.people.passwords import hash_password, is_outdated, matches
from engine.people.second_factor import has_second_factor, take_code
from engine.privacy.keyring import Keyring
from engine.store.sessions import Sessions
from engine.store.tables.people import Person

MAX_FAILURES = 5
LOCK_FOR = timedelta(minutes=15)


def authenticate(sessions: Sessions, username: str, password: str) -> Actor | None:
    """Return the person, or None: unknown, wrong, closed and locked are one answer, so that nobody can probe.

    After five failures in a row the account is locked for fifteen minutes. All go to the trail; of an unknown
    name only that it was one, since people type passwords there. Where `needs_code` says so, this was only
    the first step.
    """
    with sessions.read() as session:
        row = session.execute(
            select(Person.id, Person.password_hash, Person.credential_version).where(
                Person.username == username
            )
        ).one_or_none()
    right = matches(row.password_hash if row else None, password)
    with sessions.step() as session:
        if row is None:
            note(session, SYSTEM.username, "login.refused", {"unknown": True})
            return None
        found = _held(session, row.id)
        if found.locked:
            return None
        if right and found.active and found.credential_version == row.credential_version:
            return _succeed(session, row.id, password if is_outdated(row.password_hash) else None)
        _fail(session, row.id, username)
    return None


def confirm_password(sessions: Sessions, actor: Actor, password: str) -> None:
    """Let go on who knows the actor's password: before what an unattended browser must not be able to do.

    A wrong one counts as at the login, and a locked account confirms nothing. Raises InvalidInput.
    """
    with sessions.read() as session:
        known = session.scalar(select(Person.password_hash).where(Person.id == actor.id))
    right = matches(known, password)
    message = "this is not your password"
    with sessions.step() as session:
        if _held(session, actor.id).locked:
            message = "too many wrong passwords: your account is locked for fifteen minutes"
        elif right:
            return
        else:
            _fail(session, actor.id, actor.username)
    raise InvalidInput(message, {"current": [message]})


def needs_code(sessions: Sessions, person_id: str) -> bool:
    """Whether the right password is not enough: `second_step` follows."""
    with sessions.read() as session:
        return has_second_factor(session, person_id)


def second_step(sessions: Sessions, keyring: Keyring, person_id: str, code: str) -> Actor | None:
    """Return the person once a code of their generator is right, or a recovery code; else None.

    Wrong codes count as wrong passwords do, so that a stolen password is no way to try codes.
    """
    with sessions.step() as session:
        found = _held(session, person_id)
        if not found.active or found.locked:
            return None
        by = take_code(session, keyring, person_id, code)
        if by is None:
            _fail(session, person_id, found.username)
            return None
        reset = {"failed_logins": 0, "locked_until": None}
        session.execute(update(Person).where(Person.id == person_id).values(reset))
        actor = load_actor(session, person_id)
        note(session, actor.username, "login.succeeded", {"by": f"password and {by}"})
        return actor


@dataclass(frozen=True, slots=True)
class _Held:
    """A person's row under its lock: guesses at the same moment are judged one after the other."""

    username: str
    active: bool
    locked: bool
    credential_version: int


def _held(session: Session, person_id: str) -> _Held:
    row = session.execute(
        select(Person.username, Person.active, Person.locked_until, Person.credential_version)
        .where(Person.id == person_id)
        .with_for_update()
    ).one()
    locked = row.locked_until is not None and row.locked_until > clock.now()
    return _Held(row.username, row.active, locked, row.credential_version)


def _succeed(session: Session, person_id: str, rehash: str | None) -> Actor:
    values: dict[str, object] = {}
    actor = load_actor(session, person_id)
    halfway = has_second_factor(session, person_id)
    if not halfway:
        values |= {"failed_logins": 0, "locked_until": None}
    if rehash is not None:
        values["password_hash"] = hash_password(rehash, actor.username)
    if values:
        session.execute(update(Person).where(Person.id == person_id).values(values))
    if halfway:
        note(session, actor.username, "login.challenged", {})
    else:
        note(session, actor.username, "login.succeeded", {"by": "password"})
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


def password_expired(session: Session, person_id: str) -> bool:
    """Whether the password was handed over by somebody else and must be changed."""
    return session.execute(select(Person.password_expired).where(Person.id == person_id)).scalar_one()


def credential_version(session: Session, person_id: str) -> int:
    """Return the number that a browser session of this person must carry."""
    return session.execute(select(Person.credential_version).where(Person.id == person_id)).scalar_one()
