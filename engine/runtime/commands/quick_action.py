"""Apply a quick action to a task: all of it or nothing, each part under its own rules."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy.orm import Session

from engine import clock
from engine.audit import Entry
from engine.domain.deadlines import local_date
from engine.errors import InvalidInput
from engine.people.actor import Actor
from engine.people.quick_actions import Steps, quick_action
from engine.runtime.commands.assign import assign_within
from engine.runtime.commands.claim import claim_within, release_within
from engine.runtime.commands.comment import comment_within
from engine.runtime.commands.plan_task import follow_up_within, priority_within
from engine.runtime.ledger import note_beside_task
from engine.runtime.open_task import lock_open_task, refuse_handing_on, refuse_if_moved
from engine.runtime.runtime import Runtime

MORNING = time(9)
"""When a task is looked at again on the day that a quick action counts to."""


def apply_quick_action(
    rt: Runtime, actor: Actor, task_id: str, action_id: str, *, shown: str | None = None
) -> None:
    """Do with one task what a quick action says, in one step, as if the actor had done each by hand.

    It completes nothing. `shown` is who was shown to have the task, '' for nobody: where it
    went on meanwhile nothing is done. Raises NotFound (no such
    task, or no such quick action for the actor), and whatever its parts raise: then nothing of it is done.
    """
    actor.require("task.work")
    with rt.sessions.step() as session:
        action = quick_action(session, actor, action_id)
        task = lock_open_task(session, task_id, actor)
        refuse_handing_on(task, actor)
        refuse_if_moved(task, shown)
        data = {"task": task.id, "action": action["name"], "id": action_id}
        note_beside_task(session, task, actor, [Entry("action.applied", data, task.element_id, task.name)])
        _carry_out(rt, session, actor, task_id, action["steps"])


def _carry_out(rt: Runtime, session: Session, actor: Actor, task_id: str, steps: Steps) -> None:
    """Who has the task changes last: what comes before is still the actor's to say."""
    if steps.hand == "claim":
        claim_within(rt, session, actor, task_id)
    if steps.comment is not None:
        comment_within(rt, session, actor, task_id, steps.comment)
    if steps.follow_up_days is not None:
        follow_up_within(session, actor, task_id, _morning_in(rt, session, steps.follow_up_days))
    if steps.priority is not None:
        priority_within(session, actor, task_id, steps.priority)
    if steps.hand == "release":
        release_within(rt, session, actor, task_id, None)
    if steps.hand == "assign":
        if steps.username is None:
            raise InvalidInput("say to whom", {"username": ["say to whom"]})
        assign_within(rt, session, actor, task_id, steps.username, None)


def _morning_in(rt: Runtime, session: Session, working_days: int) -> datetime:
    zone = rt.config.timezone
    today = local_date(clock.now(), zone)
    day = rt.calendars.current(session).working_days_after(today, working_days)
    return datetime.combine(day, MORNING, zone)
