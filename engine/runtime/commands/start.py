"""Start an instance of a process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.people.actor import Actor
from engine.privacy.finding import refuse_personal
from engine.runtime.advance import new_step
from engine.runtime.once import Once, recall, remember
from engine.runtime.runtime import Runtime


def start_instance(
    rt: Runtime,
    actor: Actor,
    process_id: str,
    variables: Mapping[str, Any] | None = None,
    business_key: str | None = None,
    version: int | None = None,
    *,
    idempotency: Once | None = None,
) -> str:
    """Start the newest version (or `version`) of a process and return the instance's id.

    Raises NotFound (no such process), Conflict (drawn as not executable), StepFailed, InvalidInput (what
    tells who somebody is: variables and keys are read by many).
    """
    refuse_personal(business_key=business_key, variables=variables)
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return str(known["instance_id"])
        with new_step(
            rt,
            session,
            process_id,
            actor,
            variables=variables or {},
            business_key=business_key,
            version=version,
        ) as step:
            step.run()
        remember(session, actor, idempotency, {"instance_id": step.instance.id})
        return step.instance.id
