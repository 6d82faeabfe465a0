"""Choices that forms take from the organisation: people by role, and departments."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.people.departments import department_name, list_departments
from engine.people.roles import ROLES, TRAINED
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
        query = select(Person.username, Person.display_name).where(Person.active).order_by(Person.username)
        if role is not None:
            query = query.join(PersonRole, PersonRole.person_id == Person.id).where(PersonRole.role == role)
        if role in TRAINED:  # nobody is offered who could not take the task (R67)
            query = query.where(Person.training_valid_until > clock.now())
        return [
            {"label": f"{row.display_name} ({row.username})", "value": row.username}
            for row in self._session.execute(query.limit(MOST))
        ]


_ALIASES = {role.replace("-", "_"): role for role in ROLES if "-" in role}
"""FEEL reads a hyphen as minus, so `people.supervision_group` is understood too."""
