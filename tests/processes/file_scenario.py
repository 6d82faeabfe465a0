"""Runs a scenario about a quality file: a measure, an inspection, an accountability file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from engine import clock
from engine.cases.public.secrets import survey_token
from engine.cases.public.survey import answer_survey
from engine.cases.registration import register_complaint
from engine.cases.withdrawal import withdraw
from engine.domain.deadlines import last_day_of
from engine.jobs.passes import run_until_quiet
from engine.people.actor import Actor
from engine.quality.accountability.opening import open_by_hand, open_what_is_owed
from engine.quality.contest import contest
from engine.quality.freezing import freeze_due
from engine.quality.improvement.measures import propose_measure
from engine.quality.opening import Opened
from engine.quality.publicity import open_publication
from engine.quality.regulator.by_itself import open_what_is_due
from engine.quality.regulator.opening import open_inquiry, open_rectification
from engine.quality.report.keep import draft_due, reports
from engine.quality.supervision.inspections import begin_inspection
from engine.store.tables.quality import QualityFile
from engine.store.tables.runtime import Task
from tests.driving import drive, open_tasks_of
from tests.processes.scenario import Scenario, plain
from tests.world import actor

OPENING: dict[str, Callable[..., Opened]] = {
    "improvement": propose_measure,
    "inspection": begin_inspection,
    "inquiry": open_inquiry,
    "rectification": open_rectification,
    "publication": open_publication,
}
NOT_INTAKE = ("at", "count", "until", "survey")
LONG_BEFORE = timedelta(days=14)
"""A complaint that is withdrawn after its limit counts as one (K1)."""


class FileScenario(Scenario):
    """`[start]` says `open`: which kind of file; `[[given]]` are complaints from before;
    a step's `answered` says which of them (1: the first) is brought to its answer.
    """

    def _start(self) -> None:
        self.given: list[str] = []
        for given in self.plan.get("given", []):
            self._given(given)
        clock.set_to(self.plan["at"])
        start = {key: plain(value) for key, value in self.plan["start"].items()}
        who = actor(self.redress, start.pop("by"))
        kind = start.pop("open")
        if kind == "report":
            freeze_due(self.redress.runtime)
            draft_due(self.redress.runtime)
            with self.redress.sessions.read() as session:
                self.no = reports(session, who).items[0]["no"]
                self.instance_id = str(session.get_one(QualityFile, self.no).instance_id)
            return
        if kind == "accountability":
            self._account(who, self.given[start.pop("nth") - 1], **start)
            return
        if kind in ("major_report", "return"):
            self._by_itself(kind)
            return
        if kind == "contest":
            freeze_due(self.redress.runtime)
            number = self.given[start.pop("nth") - 1]
            opened = contest(self.redress.runtime, who, complaint_no=number, **start)
        else:
            dates = {"received_on", "answer_by"} & start.keys()
            given = {**start, **{name: date.fromisoformat(start[name]) for name in dates}}
            opened = OPENING[kind](self.redress.runtime, who, **given)
        self.no, self.instance_id = opened.no, opened.instance_id

    def _account(self, who: Actor, number: str, cause: str = "", reason: str = "") -> None:
        """Let the file be opened by what happened, and by nothing twice; or by hand, without a cause."""
        if cause:
            assert open_what_is_owed(self.redress.runtime) > 0
            assert open_what_is_owed(self.redress.runtime) == 0
        else:
            open_by_hand(self.redress.runtime, who, number, reason=reason)
        with self.redress.sessions.read() as session:
            found = select(QualityFile).where(
                QualityFile.kind == "accountability", QualityFile.complaint_no == number
            )
            files = [row for row in session.scalars(found) if row.facts["cause"] == (cause or "manual")]
            (row,) = files
            self.no, self.instance_id = row.no, str(row.instance_id)

    def _by_itself(self, kind: str) -> None:
        """Let the chore open what is due."""
        freeze_due(self.redress.runtime)
        assert open_what_is_due(self.redress.runtime) == 1
        with self.redress.sessions.read() as session:
            query = select(QualityFile.no, QualityFile.instance_id).where(QualityFile.kind == kind)
            self.no, instance_id = session.execute(query).one()
        self.instance_id = str(instance_id)

    def _given(self, given: dict[str, Any]) -> None:
        """Register `count` complaints `at` an instant: driven on `until` a step, or withdrawn, which counts
        where they came long before.
        """
        intake = {key: plain(value) for key, value in given.items() if key not in NOT_INTAKE}
        clock.set_to(given["at"])
        if not given.get("until"):
            intake["received_at"] = (given["at"] - LONG_BEFORE).isoformat()
        for _ in range(given.get("count", 1)):
            made = register_complaint(self.redress.runtime, actor(self.redress, "agent"), intake)
            self.given.append(made.complaint_no)
            if given.get("until"):
                drive(self.redress, made.complaint_no, until=given["until"])
                self._answer(made.complaint_no, given)
            else:
                withdraw(self.redress.runtime, actor(self.redress, "agent"), made.complaint_no, "示例")
        run_until_quiet(self.redress.runtime)

    def _answer(self, no: str, given: dict[str, Any]) -> None:
        """Let the customer be told, and answer the survey where the scenario says so."""
        if "survey" in given:
            drive(self.redress, no)
            rt = self.redress.runtime
            answer_survey(rt, survey_token(rt.keyring, no), {"score": given["survey"]})

    def _act(self, step: dict[str, Any]) -> None:
        if "given" in step:
            now: datetime = clock.now()
            for given in step["given"]:
                self._given({"at": now, **given})
            return
        if "answered" in step:
            drive(self.redress, self.given[step["answered"] - 1], until="ask-satisfaction")
            return
        super()._act(step)

    def _open(self) -> list[Task]:
        """The tasks of the file, and of an inspection's checks and findings."""
        with self.redress.sessions.read() as session:
            files = [self.no]
            for no in files:
                below = select(QualityFile.no).where(QualityFile.parent_no == no)
                files += session.scalars(below.where(QualityFile.kind.in_(["check", "finding"]))).all()
        return [task for no in files for task in open_tasks_of(self.redress, no)]

    def _facts(self, then: dict[str, Any]) -> dict[str, Any]:
        with self.redress.sessions.read() as session:
            row = session.get_one(QualityFile, self.no)
            found = select(QualityFile.kind, QualityFile.status, QualityFile.facts)
            below = list(session.execute(found.order_by(QualityFile.no)))
        wanted = then.get("facts", {})
        return {
            "checks": [each.status for each in below if each.kind == "check"],
            "findings": [each.status for each in below if each.kind == "finding"],
            "disagrees": any(each.facts.get("disagrees") for each in below),
            "status": row.status,
            "owner": row.owner,
            "due_on": last_day_of(row.due_at, self.redress.config.timezone) if row.due_at else None,
            "facts": {name: row.facts.get(name) for name in wanted},
        }
