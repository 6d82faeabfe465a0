"""Reading who acts: a person with their roles, those they stand in for and the complaints about them, by one
statement a request.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import Forbidden, NotFound
from engine.people.actor import Actor
from engine.store.base import table_of
from engine.store.prepared import Prepared
from engine.store.tables.cases import Complaint
from engine.store.tables.people import ApiToken, EndedSession, Person, PersonRole
from engine.store.tables.workplace import Absence

_SEPARATOR = ","
"""Neither a role's name nor a username nor a complaint's number holds it."""
_BETWEEN: Any = literal_column(f"'{_SEPARATOR}'")
_PERSON, _ROLE, _TOKEN = table_of(Person), table_of(PersonRole), table_of(ApiToken)
_ABSENCE, _SUPERIOR, _ABSENT = table_of(Absence), _PERSON.alias("superior"), _PERSON.alias("absent")
_COMPLAINT, _ENDED = table_of(Complaint), table_of(EndedSession)


def load_actor(session: Session, who: str) -> Actor:
    """Return the active person with the id or the username `who`. Raises NotFound."""
    row = _BY_NAME.one_or_none(session, {"who": who, "now": clock.now()})
    if row is None:
        raise NotFound(f"there is no active user {who}")
    return _actor(row)


def actor_of_session(
    session: Session, person_id: str, session_id: str, credential_version: int
) -> Actor | None:
    """Return who a browser session belongs to; None once it was logged out, the password changed or the
    account was closed.
    """
    asked = {"person": person_id, "session": session_id, "now": clock.now()}
    row = _BY_SESSION.one_or_none(session, asked)
    return _actor(row) if row is not None and row.credential_version == credential_version else None


def actor_of_token(session: Session, token: str) -> Actor:
    """Return whose token it is. Raises Forbidden for one unknown, expired, revoked or of a closed account."""
    now = clock.now()
    row = _BY_TOKEN.one_or_none(session, {"digest": token_digest(token), "now": now})
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        raise Forbidden("the token is not valid (any more); make one with `redress token create USER`")
    return _actor(row)


def token_digest(token: str) -> str:
    """Return what is kept of a bearer token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _actor(row: Any) -> Actor:
    return Actor(
        id=row.id,
        username=row.username,
        display_name=row.display_name,
        roles=_names(row.roles),
        department_id=row.department_id,
        superior=row.superior,
        locale=row.locale,
        stands_in_for=_names(row.absent),
        is_trained=row.training_valid_until is not None and row.training_valid_until > clock.now(),
        accused_in=_names(row.accused_in),
    )


def _names(joined: str | None) -> frozenset[str]:
    return frozenset(joined.split(_SEPARATOR)) if joined else frozenset()


def _reading(condition: ColumnElement[bool], *more: ColumnElement[Any]) -> Select[Any]:
    roles = select(func.aggregate_strings(_ROLE.c.role, _BETWEEN)).where(_ROLE.c.person_id == _PERSON.c.id)
    absent = (
        select(func.aggregate_strings(_ABSENT.c.username, _BETWEEN))
        .join(_ABSENCE, _ABSENCE.c.person_id == _ABSENT.c.id)
        .where(
            _ABSENCE.c.substitute_id == _PERSON.c.id,
            _ABSENCE.c.ends_at > bindparam("now"),
            _ABSENCE.c.begins_at <= bindparam("now"),
        )
    )
    about = select(func.aggregate_strings(_COMPLAINT.c.no, _BETWEEN)).where(
        _COMPLAINT.c.accused == _PERSON.c.username
    )
    names = (
        "id",
        "username",
        "display_name",
        "department_id",
        "locale",
        "credential_version",
        "training_valid_until",
    )
    return select(
        *(_PERSON.c[name] for name in names),
        _SUPERIOR.c.username.label("superior"),
        roles.scalar_subquery().label("roles"),
        absent.scalar_subquery().label("absent"),
        about.scalar_subquery().label("accused_in"),
        *more,
    ).where(condition, _PERSON.c.active)


_AND_SUPERIOR = _PERSON.outerjoin(_SUPERIOR, _SUPERIOR.c.id == _PERSON.c.superior_id)
_NAMED = or_(_PERSON.c.id == bindparam("who"), _PERSON.c.username == bindparam("who"))
_BY_NAME = Prepared(_reading(_NAMED).select_from(_AND_SUPERIOR))
_LOGGED_IN = ~exists().where(_ENDED.c.id == bindparam("session"))
_BY_SESSION = Prepared(
    _reading((_PERSON.c.id == bindparam("person")) & _LOGGED_IN).select_from(_AND_SUPERIOR)
)
_VALID = (_TOKEN.c.token_sha256 == bindparam("digest")) & _TOKEN.c.revoked_at.is_(None)
_BY_TOKEN = Prepared(
    _reading(_VALID, _TOKEN.c.expires_at).select_from(
        _AND_SUPERIOR.join(_TOKEN, _TOKEN.c.person_id == _PERSON.c.id)
    )
)
