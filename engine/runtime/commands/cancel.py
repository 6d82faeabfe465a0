"""Cancel an instance: everything that it waits for is withdrawn."""

from __future__ import annotations

from engine.audit import Entry
from engine.errors import InvalidInput
from engine.people.actor import Actor
from engine.runtime.advance import open_step
from engine.runtime.runtime import Runtime


def cancel_instance(rt: Runtime, actor: Actor, instance_id: str, reason: str) -> None:
    """End an active instance for a stated reason. Raises NotFound, Conflict (it has ended), InvalidInput."""
    if not reason.strip():
        raise InvalidInput("cancelling needs a reason", {"reason": ["say why"]})
    with (
        rt.sessions.step() as session,
        open_step(rt, session, instance_id, actor, allow=("active", "suspended")) as step,
    ):
        step.note(Entry("instance.cancelled", {"reason": reason.strip()}))
        if step.case is not None:
            step.case.instance_cancelled()
        step.workflow.cancel("cancelled")
        step.collect()
        step.instance.state, step.instance.ended_at = "cancelled", step.now
