"""From a problem of a report to the improvement measure for it, and back to what became of it (R53-R55)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.kpi import Proportion
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.quality.files import FILE
from engine.quality.improvement.metrics import METRICS, SCOPE
from engine.quality.kinds import IMPROVEMENT
from engine.quality.opening import Opened, open_file, open_once
from engine.runtime.once import Once
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.tables.cases import Complaint
from engine.store.tables.measures import AnalysisReport

SOURCE: Final = "report"
LONGEST: Final = 4000
_REPORT, _CASE = table_of(AnalysisReport), table_of(Complaint)


def measure_for_problem(
    rt: Runtime, actor: Actor, report_no: str, problem_id: str, text: str, *, idempotency: Once | None = None
) -> Opened:
    """Open the measure for a problem of a report; where it has one already, return that.

    Root cause, metric, scope and baseline are proposed as the report found them, with the report and the
    versions of the figures that it was made of; whoever defines the measure decides. `text` says what is to
    become better. Raises Forbidden, NotFound (report, problem), InvalidInput (no text).
    """
    actor.require("improvement.propose")
    actor.require("report.read")
    said = text.strip()
    if not said or len(said) > LONGEST:
        message = f"say in at most {LONGEST} characters what is to become better"
        raise InvalidInput(message, {"problem": [message]})

    def begin(session: Session) -> Opened:
        report = session.execute(select(_REPORT).where(_REPORT.c.no == report_no)).one_or_none()
        if report is None:
            raise NotFound(f"there is no report {report_no}")
        return open_file(
            rt,
            session,
            actor,
            IMPROVEMENT,
            facts={
                "source": SOURCE,
                "round": 0,
                "problem_id": problem_id,
                "period": report.period,
                "versions": report.body["versions"],
                "digest": report.digest,
                **proposed(session, report.body, problem_of(report.body, problem_id)),
            },
            personal={"problem": said},
            parent_no=report_no,
            source_key=f"{report_no}:{problem_id}",
        )

    return open_once(rt, actor, idempotency, begin)


def problem_of(body: Mapping[str, Any], problem_id: str) -> Mapping[str, Any]:
    """Return a problem of a report's body. Raises NotFound."""
    found = next((each for each in body["problems"] if each["id"] == problem_id), None)
    if found is None:
        raise NotFound(f"the report has no problem {problem_id}")
    return dict(found)


def measures_of(session: Session, report_no: str) -> dict[str, dict[str, Any]]:
    """Return the measures for the problems of a report by the problem's id: `no`, `status`, `owner`,
    `due_at`. Asks nobody's permission.
    """
    query = select(FILE.c.no, FILE.c.status, FILE.c.owner, FILE.c.due_at, FILE.c.facts).where(
        FILE.c.parent_no == report_no, FILE.c.kind == IMPROVEMENT.name
    )
    rows = [dict(row._mapping) for row in session.execute(query)]
    return {row["facts"]["problem_id"]: row for row in rows if "problem_id" in row["facts"]}


def counted(body: Mapping[str, Any], problem: Mapping[str, Any]) -> Proportion:
    """Return what the report counted of a problem: the baseline that it was found by."""
    kind, name, value = problem["kind"], problem["figure"], problem["value"]
    if kind == "target":
        figure = body["figures"][name]
        return Proportion(figure["hits"], figure["of"])
    if kind == "cause":
        rows = body["pareto"]
    elif kind == "rise":
        rows = body["distribution"][name]["rows"]
    else:
        return Proportion(cluster_of(body, value)["count"], body["volume"]["count"])
    return Proportion(
        sum(row["count"] for row in rows if row["value"] == value), sum(row["count"] for row in rows)
    )


def proposed(session: Session, body: Mapping[str, Any], problem: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a measure for a problem is proposed: its metric, root cause and scope as far as the problem
    tells them (`proposal`), and what was counted (`reported`).
    """
    kind, name, value = problem["kind"], problem["figure"], problem["value"]
    found: dict[str, Any] = {"metric": "share"}
    if kind == "target":
        found = {"metric": name} if name in METRICS else {}
    elif kind == "cause":
        found = {"metric": "cause", "root_cause": value}
    elif kind == "cluster":
        found |= _scope("category", _commonest(session, cluster_of(body, value)["cases"]))
    else:
        found |= _scope(name, value)
    share = counted(body, problem)
    seen = {"hits": share.hits, "of": share.of}
    return {"proposal": found, "reported": seen}


def _scope(by: str, value: str | None) -> dict[str, str]:
    key = f"scope_{by}"
    return {key: value} if value and key in SCOPE else {}


def cluster_of(body: Mapping[str, Any], value: str) -> Mapping[str, Any]:
    """Return the group of similar complaints that a problem names by its terms."""
    return dict(next(each for each in body["clusters"] if " · ".join(each["terms"]) == value))


def _commonest(session: Session, numbers: list[str]) -> str | None:
    """Return the category of most of these cases."""
    query = select(_CASE.c.category).where(_CASE.c.no.in_(numbers[:500]), _CASE.c.category.is_not(None))
    counts = Counter(session.scalars(query))
    return max(counts, key=lambda each: (counts[each], each), default=None)
