"""Give a running timer another instant, in its row and in the instance's state at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from engine.errors import Conflict, InvalidInput, NotFound
from engine.models.vocabulary import LIMIT
from engine.people.actor import Actor
from engine.runtime.once import Once
from engine.runtime.operating import operate
from engine.runtime.rescheduling import move_timer
from engine.runtime.runtime import Runtime
from engine.runtime.spiff import Wait
from engine.runtime.step import Step
from engine.store.tables.runtime import Timer


def reschedule_timer(
    rt: Runtime,
    actor: Actor,
    timer_id: str,
    due_at: datetime,
    reason: str,
    *,
    revision: int | None = None,
    idempotency: Once | None = None,
) -> dict[str, Any]:
    """Let a waiting timer fire at `due_at` (aware) instead; one that has passed by then fires at once.

    Of a cycle, this round moves and the later ones stay. Both instants go into history. The policy's limit of
    a case is refused: it follows the day of receipt, the grade and the calendar. Raises as `operate`.
    """
    if due_at.tzinfo is None:
        message = "takes an instant with its offset, such as 2026-03-02T09:00:00+08:00"
        raise InvalidInput(f"due_at {message}", {"due_at": [message]})
    actor.require("instance.operate")
    with rt.sessions.read() as session:
        found = session.execute(select(Timer.instance_id).where(Timer.id == timer_id)).one_or_none()
    if found is None:
        raise NotFound("there is no such timer: it has fired or was withdrawn")

    def act(step: Step, why: str) -> dict[str, Any]:
        wait = _waiting(step, timer_id)
        _refuse_limit(step, wait)
        move_timer(step, wait, due_at.astimezone(UTC), reason=why)
        return {"id": timer_id, "due_at": due_at.astimezone(UTC).isoformat()}

    return operate(rt, actor, found.instance_id, reason, act, revision=revision, idempotency=idempotency)


def _waiting(step: Step, timer_id: str) -> Wait:
    token = step.session.scalar(select(Timer.token).where(Timer.id == timer_id).with_for_update())
    wait = next((each for each in step.workflow.waits() if each.token == token), None)
    if wait is None or wait.kind != "timer":
        raise Conflict("the timer waits no more: it has fired or was withdrawn meanwhile")
    return wait


def _refuse_limit(step: Step, wait: Wait) -> None:
    grade = wait.element.custom.get(LIMIT)
    if not grade or step.case is None:
        return
    number = step.case.complaint_no
    raise Conflict(
        f"{wait.element.name or wait.element.element_id!r} is the policy's limit of grade {grade} for "
        f"{number}: its date is that of the case. Tell the customer a later date "
        f"(POST /complaints/{number}/extend) or change the grade (POST /complaints/{number}/regrade)"
    )
