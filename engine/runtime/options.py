"""Choices that forms take from the organisation: people by role, and departments."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from engine import clock
from engine.people.departments import department_name, list_departments
from engine.people.roles import ROLES, STAFF, TRAINED
from engine.store.base import table_of
from engine.store.prepared import Prepared
from engine.store.tables.people import Person, PersonRole

MOST = 10_000
"""More than a company of this kind has; who is not offered could not be chosen at all."""


class OrganisationOptions:
    """Resolves `people.all`, `people.staff`, `people.<role>`, `departments` to options of label and value."""

    def __init__(self, session: Session, language: str) -> None:
        self._session = session
        self._language = language

    def options(self, expression: str) -> list[dict[str, Any]]:
        """Return the options of a form's `valuesExpression`; an unknown one has none."""
        name = expression.strip().removeprefix("=").strip()
        if name == "departments":
            rows = list_departments(self._session)
            return [
                {"label": department_name(row["id"], row["name"], self._language), "value": row["id"]}
                for row in rows
            ]
        kind, _, group = name.partition(".")
        role = _ALIASES.get(group, group)
        if kind != "people" or role not in (*_OF_MANY_ROLES, *ROLES):
            return []
        return self._people(role)

    def _people(self, role: str) -> list[dict[str, Any]]:
        query = _OF_MANY_ROLES.get(role) or (_TRAINED if role in TRAINED else _OF_ROLE)
        return [
            {"label": f"{row.display_name} ({row.username})", "value": row.username}
            for row in query.all(self._session, {"role": role, "now": clock.now()})
        ]


_PERSON, _ROLE = table_of(Person), table_of(PersonRole)
_ACTIVE = (
    select(_PERSON.c.username, _PERSON.c.display_name)
    .where(_PERSON.c.active)
    .order_by(_PERSON.c.username)
    .limit(MOST)
)
_IN_ROLE = _ACTIVE.join(_ROLE, _ROLE.c.person_id == _PERSON.c.id).where(_ROLE.c.role == bindparam("role"))
_OF_ROLE = Prepared(_IN_ROLE)
_IS_STAFF = select(_ROLE.c.person_id).where(or_(*(_ROLE.c.role == each for each in STAFF)))
_OF_MANY_ROLES = {"all": Prepared(_ACTIVE), "staff": Prepared(_ACTIVE.where(_PERSON.c.id.in_(_IS_STAFF)))}
_TRAINED = Prepared(_IN_ROLE.where(_PERSON.c.training_valid_until > bindparam("now")))
"""Nobody is offered who could not take the task (R67)."""
_ALIASES = {role.replace("-", "_"): role for role in ROLES if "-" in role}
"""FEEL reads a hyphen as minus, so `people.supervision_group` is understood too."""
