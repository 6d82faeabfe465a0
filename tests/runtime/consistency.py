"""What has to hold after every verb: rows are what the state waits for, and the chain verifies."""

from __future__ import annotations

from sqlalchemy import select

from engine.assembly import Redress
from engine.audit.verify import verify
from engine.people.actor import SYSTEM
from engine.runtime.form_context import read_step
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Instance, Subscription, Task, Timer

RUNNING = ("active", "suspended")


def assert_consistent(redress: Redress, instance_id: str) -> None:
    """Restore the instance from the database and compare it with its rows; verify its chain."""
    with redress.sessions.read() as session:
        row = session.get_one(Instance, instance_id)
        waits = []
        if row.state in RUNNING:
            workflow = read_step(redress.runtime, session, instance_id, SYSTEM).workflow
            waits = workflow.waits()
            assert workflow.dump() == row.workflow
        told = {
            "user": session.execute(
                select(Task.token, Task.element_id, Task.process_id).where(
                    Task.instance_id == instance_id, Task.state == "open"
                )
            ).all(),
            "timer": session.execute(
                select(Timer.token, Timer.element_id, Timer.due_at).where(Timer.instance_id == instance_id)
            ).all(),
            "job": session.execute(
                select(Job.token, Job.element_id, Job.type).where(
                    Job.instance_id == instance_id,
                    Job.token.is_not(None),
                    Job.state.in_(("ready", "held", "dead")),
                )
            ).all(),
        }
        subscriptions = session.execute(
            select(
                Subscription.token, Subscription.kind, Subscription.name, Subscription.correlation_key
            ).where(Subscription.instance_id == instance_id)
        ).all()
        report = verify(session, instance_id)
    assert report.holds, report.problems
    seen: dict[str, list[tuple[object, ...]]] = {"user": [], "timer": [], "job": []}
    listening = []
    for wait in waits:
        place = (wait.token, wait.element.element_id)
        if wait.kind == "user":
            seen["user"].append((*place, wait.process_id))
        elif wait.kind == "timer":
            seen["timer"].append((*place, wait.due_at))
        elif wait.kind == "job":
            seen["job"].append((*place, wait.job_type))
        else:
            name = wait.message_name or wait.signal_name
            listening.append((wait.token, wait.kind, name, wait.correlation_key))
    assert {kind: sorted(map(tuple, rows)) for kind, rows in told.items()} == {
        kind: sorted(rows) for kind, rows in seen.items()
    }
    assert sorted(map(tuple, subscriptions)) == sorted(listening)
