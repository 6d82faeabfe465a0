"""What every verb of an operator shares: who may, why, once, and against which revision of the instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import update

from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.actor import Actor
from engine.privacy.finding import mask_text
from engine.runtime.advance import open_step
from engine.runtime.once import Once, recall, remember
from engine.runtime.runtime import Runtime
from engine.runtime.step import Step
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Timer

PERMISSION = "instance.operate"
LONGEST_REASON = 2_000
RUNNING = ("active", "suspended")


def stated(reason: str) -> str:
    """Return the reason as the trail keeps it: identity numbers, phones and the like in it are masked.

    Raises InvalidInput for none, or one of more than 2,000 characters.
    """
    text = reason.strip()
    if not text:
        raise InvalidInput("this needs a reason", {"reason": ["say why"]})
    if len(text) > LONGEST_REASON:
        message = f"takes at most {LONGEST_REASON} characters"
        raise InvalidInput(f"the reason {message}", {"reason": [message]})
    return mask_text(text)


def operate(
    rt: Runtime,
    actor: Actor,
    instance_id: str,
    reason: str,
    act: Callable[[Step, str], Mapping[str, Any] | None],
    *,
    allow: tuple[str, ...] = RUNNING,
    revision: int | None = None,
    idempotency: Once | None = None,
    even_wrecked: bool = False,
) -> dict[str, Any]:
    """Do `act` to one instance in one transaction and return its answer, with the instance's `state`.

    `act` gets the step and the reason as it is kept. `revision` is what the operator looked at: an instance
    that has made a step since is refused. `even_wrecked`: also where its state cannot be read. Raises
    Forbidden, InvalidInput (no reason), NotFound, Conflict.
    """
    actor.require(PERMISSION)
    why = stated(reason)
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return known
        with open_step(rt, session, instance_id, actor, allow=allow, even_wrecked=even_wrecked) as step:
            if step.case is not None and step.case.restricted:
                raise NotFound("there is no such instance, or only its parties may know of it")
            if revision is not None and step.instance.version != revision:
                raise Conflict(
                    f"the instance is at revision {step.instance.version}, not {revision} any more: "
                    "look at how it stands now"
                )
            answer = dict(act(step, why) or {})
        answer["state"] = step.instance.state
        remember(session, actor, idempotency, answer)
        return answer


def hold_waits(step: Step) -> None:
    """Let no timer of the instance fire and no job of its service tasks be done until `release_waits`.

    What it threw or sent before goes its way: that has happened.
    """
    _turn(step, Timer, "armed", "held")
    _turn(step, Job, "ready", "held")


def release_waits(step: Step) -> None:
    """Let held timers fire and held jobs be done; those whose time has come are due at once."""
    _turn(step, Timer, "held", "armed")
    _turn(step, Job, "held", "ready")


def _turn(step: Step, table: type[Timer] | type[Job], before: str, after: str) -> None:
    step.session.execute(
        update(table)
        .where(table.instance_id == step.instance.id, table.token.is_not(None), table.state == before)
        .values(state=after)
    )
