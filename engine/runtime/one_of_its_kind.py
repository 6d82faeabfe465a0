"""What there is one of: of two instances of a process, one alone may have a value, as the year of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from engine.domain.deadlines import local_date
from engine.errors import FormRefused, StepFailed
from engine.runtime.step import Step
from engine.store.base import table_of
from engine.store.tables.models import Definition
from engine.store.tables.runtime import Instance

_INSTANCE, _DEFINITION = table_of(Instance), table_of(Definition)


def take(step: Step, process_id: str, field: str, values: Mapping[str, Any]) -> None:
    """Make `process_id` and the value of `field` the business key of the step's instance.

    Nothing is taken where the field was not asked for. Raises FormRefused at the field where an instance
    that was not cancelled has it, StepFailed where the instance has a key of another kind (a case's number).
    """
    value, instance = values.get(field), step.instance
    if value in (None, ""):
        return
    key, before = f"{process_id}:{value}", instance.business_key
    if before is not None and not before.startswith(f"{process_id}:"):
        raise StepFailed(f"redress:once: the instance is {before}'s; this is for processes without a case")
    if key == before:
        return
    # of two at the same moment the second waits here, and then sees the first
    step.session.execute(
        select(_DEFINITION.c.id).where(_DEFINITION.c.process_id == process_id).with_for_update()
    )
    other = select(_INSTANCE.c.started_at).where(
        _INSTANCE.c.business_key == key, _INSTANCE.c.id != instance.id, _INSTANCE.c.state != "cancelled"
    )
    if (begun := step.session.scalar(other.limit(1))) is not None:
        day = local_date(begun, step.rt.config.timezone)
        message = f"one for {value} was begun on {day} already: go on with that one"
        raise FormRefused("there is one already", {field: [message]})
    instance.business_key = key
    step.session.execute(update(_INSTANCE).where(_INSTANCE.c.id == instance.id).values(business_key=key))
