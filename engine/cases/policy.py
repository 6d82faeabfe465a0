"""Versions of the policy, and dated decisions on the terms that it leaves open (R1, R3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.domain.policy.parameters import Parameter, parameter, register
from engine.errors import Conflict, InvalidInput
from engine.people.actor import Actor
from engine.privacy.finding import mask_text
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.policy import ParameterDecision, PolicyVersion

_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class InForce:
    """A parameter with the value of today, and the decisions on it, newest first."""

    parameter: Parameter
    value: int
    is_decided: bool
    decisions: list[dict[str, Any]]


def decide_parameter(
    rt: Runtime, actor: Actor, name: str, value: Any, *, effective_from: date, reason: str
) -> None:
    """Give a parameter another value from a day on that is not past, so that no date changes in hindsight.

    Raises NotFound, InvalidInput by field.
    """
    wanted = parameter(name).check(value)
    _check(rt, effective_from, reason)
    why = mask_text(reason.strip())
    with rt.sessions.step() as session:
        row = {
            "id": new_id(),
            "name": name,
            "value": wanted,
            "effective_from": effective_from,
            "reason": why,
            "decided_by": actor.username,
            "decided_at": clock.now(),
        }
        before = rt.parameters.current(session).value(name, effective_from)
        session.execute(insert(ParameterDecision).values(row))
        data = {"name": name, "from": before, "to": wanted, "effective_from": effective_from.isoformat()}
        note(session, actor.username, "parameter.decided", {**data, "reason": why})
    rt.parameters.forget()


def enter_version(rt: Runtime, actor: Actor, label: str, *, effective_from: date, reason: str) -> None:
    """Enter a version of the policy that holds from a day on that is not past.

    Raises InvalidInput by field, Conflict.
    """
    if not _LABEL.fullmatch(label):
        message = "takes 1 to 32 letters, digits, dots, hyphens and underscores"
        raise InvalidInput("the version cannot be called so", {"label": [message]})
    _check(rt, effective_from, reason)
    why = mask_text(reason.strip())
    with rt.sessions.step() as session:
        if session.scalars(select(PolicyVersion.id).where(PolicyVersion.label == label)).first():
            raise Conflict(f"there is a version {label} of the policy already")
        session.execute(
            insert(PolicyVersion).values(
                id=new_id(),
                label=label,
                effective_from=effective_from,
                reason=why,
                decided_by=actor.username,
                decided_at=clock.now(),
            )
        )
        data = {"label": label, "effective_from": effective_from.isoformat(), "reason": why}
        note(session, actor.username, "policy.entered", data)


def parameters_in_force(rt: Runtime, session: Session) -> list[InForce]:
    """Return every parameter with its value of today and the decisions on it."""
    today = clock.now().astimezone(rt.config.timezone).date()
    held = rt.parameters.current(session)
    decisions: dict[str, list[dict[str, Any]]] = {}
    for row in session.scalars(select(ParameterDecision).order_by(ParameterDecision.id.desc())):
        shown = {
            "value": row.value,
            "effective_from": row.effective_from,
            "reason": row.reason,
            "decided_by": row.decided_by,
            "decided_at": row.decided_at,
        }
        decisions.setdefault(row.name, []).append(shown)
    return [
        InForce(
            each,
            held.value(each.name, today),
            held.is_decided(each.name, today),
            decisions.get(each.name, []),
        )
        for each in register().values()
    ]


def versions(session: Session) -> list[dict[str, Any]]:
    """Return the versions of the policy, newest first."""
    rows = session.scalars(
        select(PolicyVersion).order_by(PolicyVersion.effective_from.desc(), PolicyVersion.id)
    )
    return [
        {
            "label": row.label,
            "effective_from": row.effective_from,
            "reason": row.reason,
            "decided_by": row.decided_by,
            "decided_at": row.decided_at,
        }
        for row in rows
    ]


def _check(rt: Runtime, effective_from: date, reason: str) -> None:
    errors: dict[str, list[str]] = {}
    if effective_from < clock.now().astimezone(rt.config.timezone).date():
        errors["effective_from"] = ["takes today or a later day"]
    if not reason.strip():
        errors["reason"] = ["say why"]
    if errors:
        raise InvalidInput("the decision cannot be entered: see the fields", errors)
