"""Accounts: adding people, passwords, roles, tokens, and who the superiors are."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from engine import clock
from engine.audit import note
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.acting import token_digest
from engine.people.departments import list_departments
from engine.people.passwords import NO_PASSWORD, hash_password
from engine.people.roles import ROLES
from engine.store.ids import new_id
from engine.store.tables.people import ApiToken, Department, Person, PersonRole

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,62}")
_LIST_LIMIT = 10_000
_TOKEN_PREFIX = "rdr_"  # noqa: S105 - what secret scanners look for


def add_person(
    session: Session,
    username: str,
    display_name: str,
    *,
    roles: Iterable[str],
    password: str | None = None,
    department_id: str | None = None,
    superior: str | None = None,
    locale: str | None = None,
    training_valid_until: datetime | None = None,
) -> str:
    """Add somebody and return their id; without a password nobody can log in as them.

    Raises InvalidInput (name, role, department, password), NotFound (superior), Conflict (the name is taken).
    """
    _check(username, display_name, roles := frozenset(roles))
    if department_id is not None and session.get(Department, department_id) is None:
        known = ", ".join(row["id"] for row in list_departments(session)) or "none yet"
        message = f"there is no department {department_id}; there are {known}"
        raise InvalidInput(message, {"department_id": [message]})
    if session.scalar(select(Person.id).where(Person.username == username)):
        raise Conflict(f"there is a user {username} already")
    person_id = new_id()
    session.execute(
        insert(Person).values(
            id=person_id,
            username=username,
            display_name=display_name,
            password_hash=hash_password(password, username) if password else NO_PASSWORD,
            department_id=department_id,
            superior_id=person_id_of(session, superior) if superior else None,
            locale=locale,
            training_valid_until=training_valid_until,
            created_at=clock.now(),
        )
    )
    session.execute(insert(PersonRole), [{"person_id": person_id, "role": role} for role in sorted(roles)])
    return person_id


def _check(username: str, display_name: str, roles: frozenset[str]) -> None:
    errors: dict[str, list[str]] = {}
    if not username:
        errors["username"] = ["a user name is needed"]
    elif not _USERNAME.fullmatch(username):
        errors["username"] = ["2 to 63 small letters, digits, '.', '_' or '-', beginning with a letter"]
    if not display_name.strip():
        errors["display_name"] = ["a name to show is needed"]
    if unknown := sorted(roles.difference(ROLES)):
        errors["roles"] = [f"no such role: {', '.join(unknown)}; there are {', '.join(ROLES)}"]
    if not roles:
        errors["roles"] = ["at least one role is needed"]
    if errors:
        raise InvalidInput(f"the user {username!r} cannot be added: see the fields", errors)


def person_id_of(session: Session, username: str) -> str:
    """Return the id of the person. Raises NotFound."""
    found = session.scalar(select(Person.id).where(Person.username == username))
    if found is None:
        raise NotFound(f"there is no user {username}; `redress user list` shows who there is")
    return found


def set_password(session: Session, username: str, password: str) -> None:
    """Give a new password; it ends every session and lifts a lock. Raises NotFound, InvalidInput."""
    session.execute(
        update(Person)
        .where(Person.id == person_id_of(session, username))
        .values(
            password_hash=hash_password(password, username),
            credential_version=Person.credential_version + 1,
            failed_logins=0,
            locked_until=None,
        )
    )


def set_roles(session: Session, username: str, roles: Iterable[str]) -> None:
    """Replace the roles of a person. Raises NotFound, InvalidInput."""
    person_id = person_id_of(session, username)
    _check(username, username, roles := frozenset(roles))
    session.execute(delete(PersonRole).where(PersonRole.person_id == person_id))
    session.execute(insert(PersonRole), [{"person_id": person_id, "role": role} for role in sorted(roles)])


def set_locale(session: Session, person_id: str, locale: str | None) -> None:
    """Remember the language that the person chose; None follows the browser again."""
    session.execute(update(Person).where(Person.id == person_id).values(locale=locale))


def set_active(session: Session, username: str, active: bool) -> None:
    """Open or close an account; closing ends its sessions. Raises NotFound."""
    session.execute(
        update(Person)
        .where(Person.id == person_id_of(session, username))
        .values(active=active, credential_version=Person.credential_version + 1)
    )


def roles_of(session: Session, person_id: str) -> frozenset[str]:
    """Return the roles of a person."""
    return frozenset(session.scalars(select(PersonRole.role).where(PersonRole.person_id == person_id)))


def superiors(session: Session, username: str) -> list[str]:
    """Return the usernames above the person, nearest first; a circle in the data ends the list."""
    columns = select(Person.superior_id, Person.username)
    chain: list[str] = []
    above = session.scalar(select(Person.superior_id).where(Person.username == username))
    while above is not None:
        above, name = session.execute(columns.where(Person.id == above)).one()
        if name == username or name in chain:
            break
        chain.append(name)
    return chain


def list_people(
    session: Session, role: str | None = None, *, limit: int = _LIST_LIMIT
) -> list[dict[str, Any]]:
    """Return people as plain rows by username, at most `limit`: with their roles, active or not."""
    superior = aliased(Person)
    query = (
        select(
            Person.id,
            Person.username,
            Person.display_name,
            Person.department_id,
            Person.active,
            Person.locale,
            Person.training_valid_until,
            Person.locked_until,
            superior.username.label("superior"),
        )
        .outerjoin(superior, superior.id == Person.superior_id)
        .order_by(Person.username)
        .limit(limit)
    )
    if role is not None:
        query = query.where(Person.id.in_(select(PersonRole.person_id).where(PersonRole.role == role)))
    rows = [dict(row._mapping) for row in session.execute(query)]
    roles: dict[str, list[str]] = {row["id"]: [] for row in rows}
    for person_id, name in session.execute(
        select(PersonRole.person_id, PersonRole.role)
        .where(PersonRole.person_id.in_(roles))
        .order_by(PersonRole.role)
    ):
        roles[person_id].append(name)
    return [row | {"roles": roles[row["id"]]} for row in rows]


def create_token(session: Session, username: str, *, valid_for: timedelta | None = None) -> str:
    """Make a bearer token and return it; only its SHA-256 is kept. Raises NotFound."""
    token = _TOKEN_PREFIX + secrets.token_urlsafe(32)
    person_id = person_id_of(session, username)
    now = clock.now()
    session.execute(
        insert(ApiToken).values(
            id=new_id(),
            person_id=person_id,
            token_sha256=token_digest(token),
            created_at=now,
            expires_at=now + valid_for if valid_for else None,
        )
    )
    note(session, username, "token.created", {})
    return token


def count_tokens(session: Session, person_id: str) -> int:
    """Return how many bearer tokens of a person are valid now."""
    valid = (
        select(func.count())
        .select_from(ApiToken)
        .where(
            ApiToken.person_id == person_id,
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > clock.now()),
        )
    )
    return session.execute(valid).scalar_one()


def revoke_tokens(session: Session, username: str) -> int:
    """Make every bearer token of a person invalid at once; return how many there were. Raises NotFound."""
    person_id = person_id_of(session, username)
    revoked = session.execute(
        update(ApiToken)
        .where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .returning(ApiToken.id)
    ).all()
    note(session, username, "token.revoked", {"count": len(revoked)})
    return len(revoked)
