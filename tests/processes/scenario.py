"""Runs a scenario of `processes/<family>/scenarios` on the real engine and checks what it promises."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import clock
from engine.assembly import Redress
from engine.audit.verify import verify
from engine.cases.extension import request_extension
from engine.cases.incoming.returned import take_return
from engine.cases.policy import decide_parameter
from engine.cases.public.secrets import survey_token
from engine.cases.public.survey import answer_survey
from engine.cases.registration import register_complaint
from engine.cases.regrading import regrade
from engine.cases.second_review import request_review
from engine.cases.statute import exclude_time, restart_clock
from engine.cases.withdrawal import withdraw
from engine.channels.mime import Returned
from engine.domain.deadlines import last_day_of, local_date
from engine.errors import RedressError
from engine.jobs.passes import run_until_quiet
from engine.store.tables.audit import History
from engine.store.tables.channels import Dispatch
from engine.store.tables.runtime import Instance, Task
from tests.driving import complaint, do, open_tasks
from tests.world import actor

FACTS = ("status", "stage", "grade", "suggested_grade", "statutory_step", "extension_valid")
VERBS = (
    "answered",
    "complete",
    "clock",
    "regrade",
    "extend",
    "exclude",
    "new_facts",
    "review",
    "survey",
    "withdraw",
    "given",
    "returned",
)
ENTERED = ("task.created", "element.entered", "element.completed")


class Scenario:
    """One scenario in progress."""

    def __init__(self, redress: Redress, path: Path) -> None:
        self.redress = redress
        self.plan: dict[str, Any] = tomllib.loads(path.read_text())
        self.no = ""
        self.instance_id = ""
        self.seen: set[tuple[str, int]] = set()

    def run(self) -> None:
        """Play the scenario; an AssertionError says which step did not come true."""
        clock.set_to(self.plan["at"])
        self._decide()
        self._start()
        run_until_quiet(self.redress.runtime)
        for number, step in enumerate(self.plan["step"], 1):
            self.seen = {(item.stream, item.seq) for item in self._history()}
            if step.get("refused"):
                with pytest.raises(RedressError):
                    self._act(step)
            else:
                self._act(step)
            run_until_quiet(self.redress.runtime)
            self._check(step.get("then", {}), f"step {number} ({_verb(step)})")
        self._expect(self.plan.get("expect", {}))
        with self.redress.sessions.read() as session:
            assert verify(session).problems == []

    def _decide(self) -> None:
        day = local_date(self.plan["at"], self.redress.config.timezone)
        owner, why = actor(self.redress, "owner"), self.plan["name"]
        for name, value in self.plan.get("settings", {}).items():
            decide_parameter(self.redress.runtime, owner, name, value, effective_from=day, reason=why)

    def _start(self) -> None:
        start = {key: plain(value) for key, value in self.plan["start"].items() if key != "by"}
        made = register_complaint(self.redress.runtime, actor(self.redress, self.plan["start"]["by"]), start)
        self.no, self.instance_id = made.complaint_no, made.instance_id

    def _open(self) -> list[Task]:
        return open_tasks(self.redress, self.no)

    def _return(self, template: str) -> None:
        """Let the mail of a template come back, as its report of failure says (RFC 3464)."""
        rt, domain = self.redress.runtime, self.redress.config.mail_from.rpartition("@")[2]
        with rt.sessions.step() as session:
            of_case = select(Dispatch.id).where(Dispatch.complaint_no == self.no)
            key = session.scalars(of_case.where(Dispatch.template == template)).one()
            take_return(rt, session, Returned(f"<{key}@{domain}>", "5.1.1", is_final=True))

    def _act(self, step: dict[str, Any]) -> None:
        rt, reason = self.redress.runtime, step.get("reason", "")
        if "returned" in step:
            self._return(step["returned"])
            return
        if "clock" in step:
            clock.set_to(step["clock"])
            return
        if "survey" in step:
            answer_survey(rt, survey_token(rt.keyring, self.no), {"score": step["survey"]})
            return
        who = actor(self.redress, step["by"])
        if "complete" in step:
            waiting = self._open()
            found = [task for task in waiting if task.element_id == step["complete"]]
            assert found, f"{step['complete']} is not open; open are {[task.element_id for task in waiting]}"
            do(
                self.redress,
                next((task for task in found if task.assignee == step["by"]), found[0]),
                step["by"],
                **{key: plain(v) for key, v in step.get("with", {}).items()},
            )
        elif "regrade" in step:
            regrade(rt, who, self.no, step["regrade"], reason)
        elif "extend" in step:
            request_extension(rt, who, self.no, reason=reason, new_date=step["extend"])
        elif "exclude" in step:
            span = step["exclude"]
            exclude_time(
                rt,
                who,
                self.no,
                reason=span["reason"],
                first=span["from"],
                last=span["until"],
                told_at=span.get("told_at", clock.now()),
                explanation=reason,
            )
        elif "review" in step:
            request_review(rt, who, self.no, reason)
        elif "new_facts" in step:
            restart_clock(rt, who, self.no, received_on=step["new_facts"], explanation=reason)
        else:
            assert step["withdraw"] is True
            withdraw(rt, who, self.no, reason)

    def _facts(self, then: dict[str, Any]) -> dict[str, Any]:
        row = complaint(self.redress, self.no)
        zone = self.redress.config.timezone
        found: dict[str, Any] = {name: getattr(row, name) for name in FACTS}
        found["due_on"] = last_day_of(row.due_at, zone)
        found["statute_on"] = last_day_of(row.statutory_due_at, zone)
        found["extended_on"] = last_day_of(row.extended_until, zone) if row.extended_until else None
        return found

    def _check(self, then: dict[str, Any], where: str) -> None:
        found = self._facts(then)
        found["open"] = sorted(task.element_id for task in self._open())
        new = [item for item in self._history() if (item.stream, item.seq) not in self.seen]
        found["fired"] = [item.element_id for item in new if item.kind == "timer.fired"]
        with self.redress.sessions.read() as session:
            state = session.scalars(select(Instance.state).where(Instance.id == self.instance_id)).one()
        found["ended"] = state != "active"
        got = {key: found[key] for key in then}
        assert got == then, f"{where}: {got}"

    def _expect(self, expect: dict[str, Any]) -> None:
        seen: dict[str, Counter[str]] = {kind: Counter() for kind in ENTERED}
        for item in self._history():
            if item.kind in seen:  # of a repeated activity the whole and its parts are told apart
                seen[item.kind][str(item.element_id)] += 1
        wanted = expect.get("times", {})
        assert {name: max(count[name] for count in seen.values()) for name in wanted} == wanted
        if "sent" in expect:
            with self.redress.sessions.read() as session:
                found = session.scalars(select(Dispatch.template).where(Dispatch.complaint_no == self.no))
                assert sorted(found) == sorted(expect["sent"])
        assert [name for name in expect.get("never", []) if any(count[name] for count in seen.values())] == []

    def _history(self) -> list[History]:
        with self.redress.sessions.read() as session:
            streams = select(Instance.id).where(Instance.business_key == self.no)
            return list(
                session.scalars(
                    select(History).where(History.stream.in_(streams)).order_by(History.stream, History.seq)
                )
            )


def plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def _verb(step: dict[str, Any]) -> str:
    return ", ".join(f"{key} {step[key]}" for key in VERBS if key in step)
