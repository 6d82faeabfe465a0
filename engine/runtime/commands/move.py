"""Move a token: cancelled where it waits, begun at another element, for a stated reason."""

from __future__ import annotations

from engine.errors import Conflict
from engine.people.actor import Actor
from engine.runtime.once import Once
from engine.runtime.operating import operate
from engine.runtime.runtime import Runtime
from engine.runtime.step import Step


def move_token(
    rt: Runtime,
    actor: Actor,
    instance_id: str,
    source: str,
    target: str,
    reason: str,
    *,
    leave: bool = False,
    token: int | None = None,
    revision: int | None = None,
    idempotency: Once | None = None,
) -> str:
    """Take the token that waits at element `source` and begin at element `target`; return the state.

    `token` says which where several wait there. `leave` lets it go out of its sub-process, call or
    multi-instance, which are cancelled. The rules of targets are those of `engine.runtime.spiff.moving`; a
    complaint is not moved past a milestone. Raises as `operate`, StepFailed when what follows cannot run.
    """

    def act(step: Step, why: str) -> None:
        jump, ahead = step.workflow.plan_move(_token(step, source, token), target, leave=leave)
        if step.case is not None:
            step.case.check_move(ahead.first, ahead.all)
        step.workflow.make_move(jump, why)
        step.run()

    done = operate(
        rt, actor, instance_id, reason, act, allow=("active",), revision=revision, idempotency=idempotency
    )
    return str(done["state"])


def _token(step: Step, source: str, token: int | None) -> int:
    found = [
        wait.token
        for wait in step.workflow.waits()
        if wait.element.element_id == source and token in (None, wait.token)
    ]
    if len(found) != 1:
        said = f"{len(found)} tokens wait at {source!r}"
        raise Conflict(f"{said}; say which by its number" if found else f"{said}: look where it stands now")
    return found[0]
