"""Fire one due timer."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from engine import clock, metrics
from engine.errors import NotActive
from engine.people.actor import SYSTEM
from engine.runtime.advance import open_step
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.prepared import Prepared
from engine.store.sessions import after_commit
from engine.store.tables.runtime import Instance, Timer

_TIMER, _INSTANCE = table_of(Timer), table_of(Instance)
_DUE = (
    select(_TIMER.c.instance_id, _TIMER.c.token, _TIMER.c.due_at)
    .join_from(_TIMER, _INSTANCE, _INSTANCE.c.id == _TIMER.c.instance_id)
    .where(_TIMER.c.id == bindparam("timer"), _TIMER.c.state == "armed", _TIMER.c.due_at <= bindparam("now"))
)
_CLAIM = Prepared(_DUE.with_for_update(of=_INSTANCE, skip_locked=True))
_STILL_DUE = Prepared(_DUE)


def fire_timer(rt: Runtime, timer_id: str) -> bool:
    """Fire the timer if it is still armed and due by the engine's clock; return whether it was fired.

    False too where another process has the instance at this moment: the timer stays due. Raises StepFailed
    when what follows the timer cannot run; the step is then undone and the timer stays.
    """
    with rt.sessions.step() as session:
        wanted = {"timer": timer_id, "now": clock.now()}
        # The instance first, as every step does, never the timer's row: so no two steps wait for each other.
        row = _CLAIM.one_or_none(session, wanted)
        if row is None:
            return False
        try:
            with open_step(rt, session, row.instance_id, SYSTEM) as step:
                if _STILL_DUE.one_or_none(session, wanted) is None:
                    return False  # a step that held the instance until now has taken it away
                late_s = (step.now - row.due_at).total_seconds()
                after_commit(session, lambda: metrics.LATENESS.observe(late_s))
                after_commit(session, metrics.TIMERS.labels("fired").inc)
                step.workflow.fire_timer(row.token)
                step.run()
        except NotActive:
            return False  # the instance ended or was suspended meanwhile
    return True
