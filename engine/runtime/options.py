"""Choices that forms take from the organisation: people by role, and departments."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine import clock
from engine.people.departments import department_name, list_departments
from engine.people.roles import ROLES, TRAINED
from engine.store.base import table_of
from engine.store.prepared import Prepared
from engine.store.tables.people import Person, PersonRole

MOST = 500


class OrganisationOptions:
    """Resolves `people.all`, `people.<role>` and `departments` to options of label and value."""

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
        if kind != "people" or (group != "all" and group not in (*ROLES, *_ALIASES)):
            return []
        return self._people(None if group == "all" else _ALIASES.get(group, group))

    def _people(self, role: str | None) -> list[dict[str, Any]]:
        query = _EVERYBODY if role is None else _TRAINED if role in TRAINED else _OF_ROLE
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
_EVERYBODY, _OF_ROLE = Prepared(_ACTIVE), Prepared(_IN_ROLE)
_TRAINED = Prepared(_IN_ROLE.where(_PERSON.c.training_valid_until > bindparam("now")))
"""Nobody is offered who could not take the task (R67)."""
_ALIASES = {role.replace("-", "_"): role for role in ROLES if "-" in role}
"""FEEL reads a hyphen as minus, so `people.supervision_group` is understood too."""
