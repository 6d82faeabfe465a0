"""Fire one due timer."""

from __future__ import annotations

from sqlalchemy import select

from engine.errors import NotActive
from engine.people.actor import SYSTEM
from engine.runtime.advance import open_step
from engine.runtime.runtime import Runtime
from engine.store.tables.runtime import Timer


def fire_timer(rt: Runtime, timer_id: str) -> bool:
    """Fire the timer if it is still armed and due by the engine's clock; return whether it was fired.

    Raises StepFailed when what follows the timer cannot run; the step is then undone and the timer stays.
    """
    with rt.sessions.step() as session:
        row = session.execute(
            select(Timer.instance_id, Timer.token).where(Timer.id == timer_id)
        ).one_or_none()
        if row is None:
            return False
        try:
            with open_step(rt, session, row.instance_id, SYSTEM) as step:
                still = session.execute(
                    select(Timer.due_at).where(Timer.id == timer_id).with_for_update()
                ).one_or_none()
                if still is None or still.due_at > step.now:
                    return False
                step.workflow.fire_timer(row.token)
                step.run()
        except NotActive:
            return False  # the instance ended or was suspended meanwhile
    return True
