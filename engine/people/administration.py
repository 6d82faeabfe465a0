"""What an administrator does with accounts and departments; each act stands in the trail with who did it.

Nobody changes their own roles or closes their own account, so that there is always another pair of eyes, and
one active administrator is always left.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine.audit import note
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.people.accounts import (
    add_person,
    person_id_of,
    revoke_tokens,
    set_active,
    set_password,
    set_roles,
    superiors,
)
from engine.people.actor import Actor
from engine.people.departments import add_department
from engine.people.passkeys import remove_passkeys
from engine.people.roles import ADMINISTRATORS
from engine.people.second_factor import remove_second_factor
from engine.store.tables.people import Department, Person, PersonRole

PERMISSION: Final = "people.manage"


def add_account(
    session: Session,
    by: Actor,
    username: str,
    display_name: str,
    *,
    roles: Iterable[str],
    department_id: str | None,
    superior: str | None,
) -> str:
    """Add somebody and return the password to hand over: it must be changed at the first login.

    Raises Forbidden, InvalidInput by field, Conflict (the name is taken).
    """
    by.require(PERMISSION)
    wanted = sorted(frozenset(roles))
    _check_place(session, username, department_id, superior)
    password = _password()
    add_person(
        session,
        username,
        display_name,
        roles=wanted,
        password=password,
        department_id=department_id,
        superior=superior,
    )
    _expire_password(session, username)
    note(session, by.username, "person.added", {"person": username, "roles": wanted})
    return password


def change_account(
    session: Session,
    by: Actor,
    username: str,
    *,
    display_name: str,
    roles: Iterable[str],
    department_id: str | None,
    superior: str | None,
) -> None:
    """Change who somebody is in the company.

    Raises Forbidden (own roles), InvalidInput, NotFound, Conflict (the last administrator).
    """
    by.require(PERMISSION)
    before = account(session, username)
    wanted = frozenset(roles)
    if not display_name.strip():
        raise InvalidInput("a name to show is needed", {"display_name": ["a name to show is needed"]})
    _check_place(session, username, department_id, superior)
    if wanted != frozenset(before["roles"]):
        _refuse_self(by, username, "their own roles")
        if ADMINISTRATORS in before["roles"] and ADMINISTRATORS not in wanted:
            _keep_an_administrator(session, username)
        set_roles(session, username, wanted)
    session.execute(
        update(Person)
        .where(Person.username == username)
        .values(
            display_name=display_name.strip(),
            department_id=department_id,
            superior_id=person_id_of(session, superior) if superior else None,
        )
    )
    after = account(session, username)
    names = ("display_name", "roles", "department_id", "superior")
    changed = [name for name in names if before[name] != after[name]]
    data = {"person": username, "changed": changed, "roles": after["roles"]}
    if changed:
        note(session, by.username, "person.changed", data)


def give_new_password(session: Session, by: Actor, username: str) -> str:
    """Return a password to hand over: it ends every session, lifts a lock, and must be changed at once."""
    by.require(PERMISSION)
    password = _password()
    set_password(session, username, password)
    _expire_password(session, username)
    note(session, by.username, "password.changed", {"person": username, "by": "administrator"})
    return password


def change_own_password(session: Session, actor: Actor, password: str) -> None:
    """Give oneself a new password; it ends the other sessions. Raises InvalidInput."""
    set_password(session, actor.username, password)
    session.execute(update(Person).where(Person.id == actor.id).values(password_expired=False))
    note(session, actor.username, "password.changed", {"person": actor.username, "by": "themselves"})


def close_account(session: Session, by: Actor, username: str) -> None:
    """Let nobody log in as this person any more; sessions and tokens end. Raises Forbidden, Conflict."""
    by.require(PERMISSION)
    _refuse_self(by, username, "their own account")
    if ADMINISTRATORS in account(session, username)["roles"]:
        _keep_an_administrator(session, username)
    set_active(session, username, False)
    revoke_tokens(session, username)
    note(session, by.username, "person.closed", {"person": username})


def open_account(session: Session, by: Actor, username: str) -> None:
    """Let somebody log in again. Raises NotFound."""
    by.require(PERMISSION)
    set_active(session, username, True)
    note(session, by.username, "person.opened", {"person": username})


def unlock_account(session: Session, by: Actor, username: str) -> None:
    """Lift the lock that wrong passwords put on an account. Raises NotFound."""
    by.require(PERMISSION)
    person_id = person_id_of(session, username)
    reset = {"failed_logins": 0, "locked_until": None}
    session.execute(update(Person).where(Person.id == person_id).values(reset))
    note(session, by.username, "person.unlocked", {"person": username})


def remove_factors(session: Session, by: Actor, username: str) -> None:
    """Remove code generator and passkeys of somebody who lost their device; sessions end. Raises NotFound."""
    by.require(PERMISSION)
    person_id = person_id_of(session, username)
    remove_second_factor(session, person_id, username, by)
    remove_passkeys(session, person_id, username, by)
    end_sessions(session, by, username)


def end_sessions(session: Session, by: Actor, username: str) -> None:
    """End every browser session of a person. Raises NotFound."""
    if by.username != username:
        by.require(PERMISSION)
    person_id = person_id_of(session, username)
    session.execute(
        update(Person).where(Person.id == person_id).values(credential_version=Person.credential_version + 1)
    )
    note(session, by.username, "login.revoked", {"person": username})


def account(session: Session, username: str) -> dict[str, Any]:
    """Return one person as the administration shows them. Raises NotFound."""
    row = session.execute(select(Person).where(Person.username == username)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"there is no user {username}")
    roles = session.scalars(
        select(PersonRole.role).where(PersonRole.person_id == row.id).order_by(PersonRole.role)
    )
    superior = session.scalar(select(Person.username).where(Person.id == row.superior_id))
    shown = ("id", "username", "display_name", "department_id", "active", "locked_until", "created_at")
    return {
        **{name: getattr(row, name) for name in shown},
        "training_valid_until": row.training_valid_until,
        "superior": superior,
        "roles": list(roles),
    }


def save_department(
    session: Session, by: Actor, department_id: str, name: str, *, parent_id: str | None, active: bool
) -> None:
    """Add a department or change it.

    Raises InvalidInput by field (id, name, a circle), Conflict (people work in one that is to be closed).
    """
    by.require(PERMISSION)
    _check_department(session, department_id, name, parent_id)
    if not active and _people_in(session, department_id):
        raise Conflict("people work in this department; give them another one first")
    known = session.get(Department, department_id)
    if known is None:
        add_department(session, department_id, name.strip(), parent_id)
    session.execute(
        update(Department)
        .where(Department.id == department_id)
        .values(name=name.strip(), parent_id=parent_id, active=active)
    )
    kind = "department.added" if known is None else "department.changed"
    note(session, by.username, kind, {"department": department_id, "active": active})


def _check_department(session: Session, department_id: str, name: str, parent_id: str | None) -> None:
    errors: dict[str, list[str]] = {}
    if not (2 <= len(department_id) <= 64 and department_id.replace("-", "").isalnum()):
        errors["id"] = ["2 to 64 letters, digits and hyphens"]
    if not name.strip():
        errors["name"] = ["a name is needed"]
    above, seen = parent_id, {department_id}
    while above is not None and "parent_id" not in errors:
        if above in seen:
            errors["parent_id"] = ["a department cannot stand above itself"]
        seen.add(above)
        above = session.scalar(select(Department.parent_id).where(Department.id == above))
    if parent_id is not None and session.get(Department, parent_id) is None:
        errors["parent_id"] = ["there is no such department"]
    if errors:
        raise InvalidInput("the department cannot be saved: see the fields", errors)


def _people_in(session: Session, department_id: str) -> int:
    query = select(func.count()).select_from(Person)
    return session.execute(query.where(Person.department_id == department_id, Person.active)).scalar_one()


def _check_place(session: Session, username: str, department_id: str | None, superior: str | None) -> None:
    """Raise InvalidInput where the department does not exist or the superior would stand below the person."""
    errors: dict[str, list[str]] = {}
    if department_id is not None and session.get(Department, department_id) is None:
        errors["department_id"] = ["there is no such department"]
    if superior is not None:
        if session.scalar(select(Person.id).where(Person.username == superior, Person.active)) is None:
            errors["superior"] = ["there is no such active user"]
        elif superior == username or username in superiors(session, superior):
            errors["superior"] = ["nobody can be their own superior, not by way of others either"]
    if errors:
        raise InvalidInput("the account cannot be saved: see the fields", errors)


def _keep_an_administrator(session: Session, username: str) -> None:
    left = session.execute(
        select(func.count())
        .select_from(Person)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(PersonRole.role == ADMINISTRATORS, Person.active, Person.username != username)
    ).scalar_one()
    if left == 0:
        raise Conflict(f"{username} is the last administrator; make somebody else one first")


def _refuse_self(by: Actor, username: str, what: str) -> None:
    if by.username == username:
        raise Forbidden(f"nobody changes {what}: ask another administrator")


def _expire_password(session: Session, username: str) -> None:
    session.execute(update(Person).where(Person.username == username).values(password_expired=True))


def _password() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(4))
