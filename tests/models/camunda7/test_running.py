"""A bundle drawn for Camunda 7 deploys as it is and runs to its end on the real engine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.jobs.passes import run_until_quiet
from engine.people.actor import SYSTEM
from engine.runtime.commands import complete, start_instance
from engine.runtime.commands.finish_job import finish_job
from engine.runtime.deploy import deploy
from engine.runtime.form_context import read_step, task_form
from engine.store.tables.jobs import Job
from engine.store.tables.runtime import Instance, Task
from tests.models.camunda7.bundle import claim_files
from tests.world import MONDAY, actor


def open_task(redress: Redress, instance_id: str) -> Task:
    with redress.sessions.read() as session:
        query = select(Task).where(Task.instance_id == instance_id, Task.state == "open")
        return session.scalars(query).one()


def run_claim(redress: Redress, files: dict[str, bytes]) -> dict[str, Any]:
    """Deploy the bundle, run an instance of `claim` to its end, and return what was seen on the way."""
    rt, agent = redress.runtime, actor(redress, "agent")
    deployed = deploy(rt, SYSTEM, files, family="claim", replace=True)
    assert [each.severity for each in deployed.warnings].count("error") == 0
    given = {"patience": "PT1H", "reviewers": ["handler", "supervisor"]}
    instance_id = start_instance(rt, agent, "claim", given, business_key="B-1")
    seen: dict[str, Any] = {}

    enter = open_task(redress, instance_id)
    assert (enter.element_id, enter.assignee, enter.priority) == ("Enter", "agent", 70)
    assert enter.due_at is not None
    assert enter.due_at.date() == (MONDAY + timedelta(days=3)).date()
    with redress.sessions.read() as session:
        form = task_form(rt, session, agent, enter.id, "en")
        seen["fields"] = [each["key"] for each in form.schema["components"]]
        seen["data"] = form.values
        seen["greeting"] = read_step(rt, session, instance_id, SYSTEM).workflow.scope(enter.token)["greeting"]
    clock.set_to(MONDAY + timedelta(hours=2))
    run_until_quiet(rt)
    complete(rt, agent, enter.id, {"amount": 700, "urgent": False, "kind": "goods"})

    review = open_task(redress, instance_id)
    assert (review.element_id, review.assignee) == ("R_ask", "handler")
    complete(rt, actor(redress, "handler"), review.id, {"opinion": "pay"})

    with redress.sessions.read() as session:
        job = session.scalars(select(Job).where(Job.instance_id == instance_id, Job.state == "ready")).one()
        assert job.type == "payment"
    finish_job(rt, job.id, {"paid": True})
    with redress.sessions.read() as session:
        assert session.get_one(Instance, instance_id).state == "completed"
        seen["variables"] = read_step(rt, session, instance_id, SYSTEM).workflow.variables
    return seen


def test_it_runs_as_it_is(redress: Redress) -> None:
    seen = run_claim(redress, claim_files())
    assert seen["fields"] == ["amount", "urgent", "kind"]
    assert (seen["data"]["amount"], seen["data"]["kind"]) == (10, "goods")
    assert seen["greeting"] == "Claim of agent"
    kept = seen["variables"]
    assert (kept["amount"], kept["doubled"], kept["gravity"]) == (700, 1400, {"level": "high"})
    assert (kept["opinion"], kept["paid"], kept["initiator"]) == ("pay", True, "agent")
