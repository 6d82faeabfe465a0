"""The parameters in force: the register's defaults with the decisions kept in the database."""

from __future__ import annotations

import threading
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.domain.policy.parameters import Decided, Parameters, parameters_of
from engine.store.base import table_of
from engine.store.prepared import Prepared
from engine.store.tables.policy import ParameterDecision, PolicyVersion

RECHECK_S = 2.0
_DECISION = table_of(ParameterDecision)
_STAND = Prepared(select(func.count(_DECISION.c.id).label("many"), func.max(_DECISION.c.id).label("newest")))
FIRST_VERSION = "1"
"""What cases are stamped with before any version of the policy was entered."""


class ParameterSource:
    """The decisions taken so far, read again at most every two seconds and at once after a decision."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: Parameters | None = None
        self._checked_at = 0.0

    def current(self, session: Session) -> Parameters:
        """Return all parameters with every decision; which holds on a day, they tell themselves."""
        with self._lock:
            held = self._held
            if held is not None and clock.monotonic() - self._checked_at < RECHECK_S:
                return held
        count, newest = _STAND.one_or_none(session, {})
        version = f"{count}-{newest or ''}"
        if held is None or held.version != version:
            held = _read(session, version)
        with self._lock:
            self._held, self._checked_at = held, clock.monotonic()
        return held

    def forget(self) -> None:
        """Read again on the next use."""
        with self._lock:
            self._checked_at = 0.0


def _read(session: Session, version: str) -> Parameters:
    rows = session.execute(
        select(ParameterDecision.name, ParameterDecision.value, ParameterDecision.effective_from).order_by(
            ParameterDecision.id
        )
    )
    return parameters_of((Decided(*row) for row in rows), version)


def policy_version_on(session: Session, day: date) -> str:
    """Return the label of the policy's version in force on a local date (R1)."""
    found = session.scalars(
        select(PolicyVersion.label)
        .where(PolicyVersion.effective_from <= day)
        .order_by(PolicyVersion.effective_from.desc(), PolicyVersion.id.desc())
        .limit(1)
    ).first()
    return found or FIRST_VERSION
