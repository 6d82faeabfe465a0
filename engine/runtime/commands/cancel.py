"""Cancel an instance: everything that it waits for is withdrawn."""

from __future__ import annotations

from engine.audit import Entry
from engine.people.actor import Actor
from engine.runtime.once import Once
from engine.runtime.operating import operate
from engine.runtime.runtime import Runtime
from engine.runtime.step import Step


def cancel_instance(
    rt: Runtime,
    actor: Actor,
    instance_id: str,
    reason: str,
    *,
    revision: int | None = None,
    idempotency: Once | None = None,
) -> str:
    """End an active or suspended instance for a stated reason and return its state. Raises as `operate`.

    One whose stored state cannot be read ends too: it is the way out where no backup has it whole.
    """

    def act(step: Step, why: str) -> None:
        step.note(Entry("instance.cancelled", {"reason": why}))
        if step.case is not None:
            step.case.instance_cancelled()
        step.workflow.cancel("cancelled")
        step.collect()
        step.instance.state, step.instance.ended_at = "cancelled", step.now

    done = operate(
        rt, actor, instance_id, reason, act, revision=revision, idempotency=idempotency, even_wrecked=True
    )
    return str(done["state"])
