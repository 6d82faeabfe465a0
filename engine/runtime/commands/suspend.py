"""Suspend an instance: it stands still until it is resumed."""

from __future__ import annotations

from engine.audit import Entry
from engine.people.actor import Actor
from engine.runtime.once import Once
from engine.runtime.operating import hold_waits, operate
from engine.runtime.runtime import Runtime
from engine.runtime.step import Step


def suspend_instance(
    rt: Runtime,
    actor: Actor,
    instance_id: str,
    reason: str,
    *,
    revision: int | None = None,
    idempotency: Once | None = None,
) -> str:
    """Let an active instance stand still and return its state.

    Its tasks may be looked at and given to others, not completed; timers do not fire and keep their dates;
    jobs of service tasks are held, also those that a worker has at this moment; messages pass it by, and
    are delivered later only where they have a time to live that lasts until then; signals pass it by.
    Raises as `operate`.
    """

    def act(step: Step, why: str) -> None:
        step.note(Entry("instance.suspended", {"reason": why}))
        step.instance.state = "suspended"
        hold_waits(step)

    done = operate(
        rt, actor, instance_id, reason, act, allow=("active",), revision=revision, idempotency=idempotency
    )
    return str(done["state"])
