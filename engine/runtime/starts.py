"""Start events that wait for a message, a signal or a time: rows of the newest bundle of each family.

A deployment takes away the rows of the bundle before. A date that is past when its bundle is deployed starts
nothing, so that a new version never repeats what an older one did. Times of a cycle that passed while
nothing ran start one instance, not one each.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import NotFound
from engine.people.actor import SYSTEM, Actor
from engine.runtime.advance import new_step
from engine.runtime.bundles import LoadedBundle, find_definition
from engine.runtime.runtime import Runtime
from engine.runtime.spiff import Beginning
from engine.runtime.spiff.starting import first_time, next_time
from engine.store.ids import new_id
from engine.store.tables.runtime import StartTrigger


def arm_starts(rt: Runtime, session: Session, loaded: LoadedBundle) -> None:
    """Let the start events of this bundle wait, and those of the family's older ones no more.

    Raises StepFailed when a timer cannot be evaluated.
    """
    session.execute(delete(StartTrigger).where(StartTrigger.family == loaded.family))
    rows = [
        row for each in loaded.compiled.beginnings() if (row := _row(rt, session, loaded, each)) is not None
    ]
    if rows:
        session.execute(insert(StartTrigger), rows)


def start_by_event(
    rt: Runtime,
    session: Session,
    actor: Actor,
    kind: str,
    name: str,
    *,
    key: str = "",
    variables: Mapping[str, Any],
    but: Collection[str] = (),
) -> list[str]:
    """Start an instance at each start event that waits for this message or signal; return the instances.

    `but` names processes that are not to start: an instance of theirs has caught the message.
    """
    rows = session.execute(
        select(StartTrigger.process_id, StartTrigger.element_id)
        .where(StartTrigger.kind == kind, StartTrigger.name == name)
        .order_by(StartTrigger.id)
    ).all()
    return [
        _start(rt, session, actor, row.process_id, row.element_id, variables, key or None)
        for row in rows
        if row.process_id not in but
    ]


def fire_start(rt: Runtime, trigger_id: str) -> bool:
    """Start an instance if this start event's time has come; arm its next time. False if it has not come.

    Raises StepFailed when the instance cannot run; then everything stays as it was.
    """
    with rt.sessions.step() as session:
        row = session.execute(
            select(StartTrigger).where(StartTrigger.id == trigger_id).with_for_update()
        ).scalar_one_or_none()
        now = clock.now()
        if row is None or row.due_at is None or row.due_at > now:
            return False
        _start(rt, session, SYSTEM, row.process_id, row.element_id, {}, None)
        plan_next(rt, session, row)
        return True


def start_again(rt: Runtime, session: Session, process_id: str, element_id: str) -> bool:
    """Start the instance that a timer could not, in the newest version; false where it has no such start.

    Raises StepFailed when the instance cannot run still.
    """
    try:
        bundle = rt.bundles.get(session, find_definition(session, process_id, None).bundle_id)
    except NotFound:
        return False
    drawn = {(each.process_id, each.element_id) for each in bundle.compiled.beginnings()}
    if (process_id, element_id) not in drawn:
        return False
    _start(rt, session, SYSTEM, process_id, element_id, {}, None)
    return True


def plan_next(rt: Runtime, session: Session, row: StartTrigger) -> None:
    """Arm the next time of a cycle, or take the row away."""
    plan = next_time(row.cycle, clock.now(), rt.config.timezone)
    if plan is None:
        session.execute(delete(StartTrigger).where(StartTrigger.id == row.id))
        return
    values = {"due_at": plan[0], "cycle": plan[1], "attempts": 0, "run_at": None}
    session.execute(update(StartTrigger).where(StartTrigger.id == row.id).values(**values))


def _row(rt: Runtime, session: Session, loaded: LoadedBundle, beginning: Beginning) -> dict[str, Any] | None:
    due_at: datetime | None = None
    cycle: dict[str, Any] = {}
    if beginning.kind == "timer":
        plan = first_time(beginning, rt.functions(session), clock.now(), rt.config.timezone)
        if plan is None:
            return None
        due_at, cycle = plan
    return {
        "id": new_id(),
        "family": loaded.family,
        "bundle_id": loaded.id,
        "process_id": beginning.process_id,
        "element_id": beginning.element_id,
        "kind": beginning.kind,
        "name": beginning.name,
        "due_at": due_at,
        "cycle": cycle,
        "attempts": 0,
    }


def _start(
    rt: Runtime,
    session: Session,
    actor: Actor,
    process_id: str,
    element_id: str,
    variables: Mapping[str, Any],
    key: str | None,
) -> str:
    with new_step(
        rt, session, process_id, actor, variables=variables, business_key=key, start_event=element_id
    ) as step:
        step.run()
    return step.instance.id
