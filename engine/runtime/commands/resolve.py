"""Close an incident without trying again: what failed was done by other means, or is not to be done."""

from __future__ import annotations

from typing import Any

from engine.people.actor import Actor
from engine.runtime.incidents import close_incident, lock_open_incident
from engine.runtime.once import Once, recall, remember
from engine.runtime.operating import PERMISSION, stated
from engine.runtime.runtime import Runtime


def resolve_incident(
    rt: Runtime, actor: Actor, incident_id: str, reason: str, *, idempotency: Once | None = None
) -> dict[str, Any]:
    """Resolve an open incident with a reason; its timer or job stays as it failed.

    What waits there goes on when its token is moved, or its timer given another instant. Returns `id`,
    `state` and `retried` (false). Raises Forbidden, InvalidInput (no reason), NotFound, Conflict (resolved
    already).
    """
    actor.require(PERMISSION)
    why = stated(reason)
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return known
        incident, _ = lock_open_incident(session, incident_id)
        close_incident(session, incident, actor, reason=why, retried=False)
        answer = {"id": incident_id, "state": "resolved", "retried": False}
        remember(session, actor, idempotency, answer)
    return answer
