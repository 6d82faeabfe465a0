"""Operators' verbs in any order, with people, timers, messages, workers and restarts between them.

After every rule the instance is restored from the database: its rows are what it waits for, its chain holds,
and what stands still has not moved. Runs on both databases; `REDRESS_TEST_EXAMPLES` makes it longer.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from hypothesis.strategies import booleans, integers, sampled_from
from sqlalchemy import func, select

from engine import clock
from engine.assembly import Redress
from engine.errors import Conflict, InvalidInput, NotFound
from engine.jobs.outside import activate_jobs, complete_job, report_failure
from engine.jobs.passes import run_until_quiet
from engine.people.actor import SYSTEM
from engine.runtime.bundles import BundleCache
from engine.runtime.commands import (
    cancel_instance,
    complete,
    correlate,
    migrate_instance,
    move_token,
    reschedule_timer,
    resolve_moot_incidents,
    resume_instance,
    retry_incidents,
    set_variables,
    start_instance,
    suspend_instance,
)
from engine.runtime.deploy import deploy
from engine.runtime.workflow_cache import WorkflowCache
from engine.store.tables.audit import History
from engine.store.tables.runtime import Instance, Task, Timer
from tests.runtime.consistency import assert_consistent
from tests.runtime.spiff.drawing import (
    END,
    MESSAGE,
    ON_MESSAGE,
    START,
    boundary,
    definitions,
    duration,
    element,
    ext,
    process,
    z,
)
from tests.world import actor

EXAMPLES = int(os.environ.get("REDRESS_TEST_EXAMPLES") or 6)
STEPS = 14
AGENTS = z("assignmentDefinition", candidateGroups="agents")
FORM = b'{"type": "default", "id": "f", "components": [{"type": "number", "key": "amount"}]}'
PLACES = ("first", "second", "print", "again", "e", "sub", "in1", "in2", "nowhere")


def drawn(version: int) -> bytes:
    """A loop with a sub-process, a job, timers and a message; each version draws a little otherwise."""
    form = ext(AGENTS + z("formDefinition", formId="f"))
    inside = (
        '<b:startEvent id="is"/><b:endEvent id="ie"/>'
        + element("userTask", "in1", form)
        + element("userTask", "in2", form)
        + "is->in1;in1->in2;in2->ie;"
    )
    body = (
        START
        + END
        + element("userTask", "first", form)
        + element("userTask", "second", form)
        + element("subProcess", "sub", inside)
        + element("serviceTask", "print", ext(z("taskDefinition", type="printing", retries="1")))
        + element("exclusiveGateway", "again")
        + boundary(duration("PT2H" if version % 2 else "PT5H"), "first", interrupting=False, name="reminder")
        + boundary(ON_MESSAGE, "sub", name="said")
        + (boundary(duration("PT9H"), "second", name="late") if version % 3 else "")
        + "s->first;first->sub;sub->second;second->print;print->again;"
        + "again->first[amount &lt; 50];again->e[amount &gt;= 50];reminder->e;said->second;"
        + ("late->print;" if version % 3 else "")
    )
    return definitions(MESSAGE, process(body, "machine"))


class Operated(RuleBasedStateMachine):
    """One instance under everybody's hands."""

    redress: Redress
    versions = 0

    @initialize()
    def begin(self) -> None:
        self.put()
        self.rt = self.redress.runtime
        self.id = start_instance(self.rt, SYSTEM, "machine", {"key": "K", "amount": 1})
        self.stood: tuple[Any, ...] | None = None

    def put(self) -> None:
        type(self).versions += 1
        files = {"machine.bpmn": drawn(self.versions), "f.form": FORM}
        deploy(self.redress.runtime, SYSTEM, files, family="machine", replace=True)

    def state(self) -> str:
        with self.redress.sessions.read() as session:
            return session.get_one(Instance, self.id).state

    def moves(self) -> int:
        """How often something went on in it."""
        with self.redress.sessions.read() as session:
            kinds = ("task.completed", "timer.fired", "message.caught", "element.completed")
            query = select(func.count()).where(History.stream == self.id, History.kind.in_(kinds))
            return session.scalar(query) or 0

    def attempt(self, act: Any, *arguments: Any, **options: Any) -> None:
        # Not in this state, or against a rule of the verb: nothing may have changed, as the invariants see.
        with suppress(Conflict, InvalidInput, NotFound):
            act(self.rt, SYSTEM, self.id, *arguments, **options)

    @rule()
    def suspend(self) -> None:
        self.attempt(suspend_instance, "x")

    @rule()
    def resume(self) -> None:
        self.attempt(resume_instance, "x")

    @rule(here=sampled_from(PLACES), there=sampled_from(PLACES), leave=booleans())
    def move(self, here: str, there: str, leave: bool) -> None:
        self.attempt(move_token, here, there, "x", leave=leave)

    @rule(redraw=booleans())
    def migrate(self, redraw: bool) -> None:
        if redraw:
            self.put()
        self.attempt(migrate_instance, "x")

    @rule(amount=integers(-5, 60))
    def set(self, amount: int) -> None:
        self.attempt(set_variables, {"amount": amount}, "x")

    @rule(hours=integers(-1, 12))
    def reschedule(self, hours: int) -> None:
        with self.redress.sessions.read() as session:
            timer = session.scalars(select(Timer.id).where(Timer.instance_id == self.id)).first()
        if timer is not None:
            reschedule_timer(self.rt, SYSTEM, timer, clock.now() + timedelta(hours=hours), "x")

    @rule(amount=integers(0, 60))
    def work(self, amount: int) -> None:
        with self.redress.sessions.read() as session:
            task = session.scalars(
                select(Task.id).where(Task.instance_id == self.id, Task.state == "open")
            ).first()
        if task is not None:
            try:
                complete(self.rt, actor(self.redress, "agent"), task, {"amount": amount})
            except Conflict:
                assert self.state() == "suspended"

    @rule(kept=booleans())
    def say(self, kept: bool) -> None:
        correlate(self.rt, SYSTEM, "M", "K", ttl_s=3600 if kept else None)

    @rule(hours=integers(1, 6))
    def wait(self, hours: int) -> None:
        clock.advance(timedelta(hours=hours))
        run_until_quiet(self.rt)

    @rule(fails=booleans())
    def print_it(self, fails: bool) -> None:
        for job in activate_jobs(self.rt, "printing", most=9, timeout_s=1, worker="w"):
            if fails:
                report_failure(self.rt, SYSTEM, job["id"], "jam", delay_s=0)
            else:
                complete_job(self.rt, SYSTEM, job["id"], {})

    @rule()
    def retry(self) -> None:
        retry_incidents(self.rt, SYSTEM, "x", process_id="machine")
        resolve_moot_incidents(self.rt)

    @rule()
    def restart(self) -> None:
        self.rt.workflows = WorkflowCache()
        self.rt.bundles = BundleCache(self.rt.config.timezone)

    @rule(really=integers(0, 9))
    def cancel(self, really: int) -> None:
        if really == 9:
            self.attempt(cancel_instance, "x")

    @invariant()
    def rows_are_what_it_waits_for(self) -> None:
        if hasattr(self, "id"):
            assert_consistent(self.redress, self.id)

    @invariant()
    def what_is_suspended_stands_still(self) -> None:
        if not hasattr(self, "id"):
            return
        stands = ("suspended", self.moves()) if self.state() == "suspended" else None
        if stands is not None and self.stood is not None:
            assert stands == self.stood
        self.stood = stands


def test_in_whatever_order_operators_and_people_act_the_instance_stays_consistent(redress: Redress) -> None:
    machine = type("Machine", (Operated,), {"redress": redress})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
