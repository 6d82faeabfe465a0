"""`/inspections`, `/findings`, `/conformance`, `/improvements`: quality work for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.domain.kpi import read_period
from engine.quality.conformance import conformance_page
from engine.quality.improvement.measures import propose_measure
from engine.quality.kinds import CHECK, FINDING, IMPROVEMENT, INSPECTION
from engine.quality.reading import file_list, one_file
from engine.quality.report.measures import measure_for_problem
from engine.quality.supervision.inspections import begin_inspection
from engine.quality.supervision.redraw import redraw
from web.access import requires
from web.api.operation import operation
from web.api.requests import idempotency
from web.api.schemas import quality as schemas
from web.api.schemas.base import page_of
from web.extensions import db, runtime
from web.identity import current_actor

TAG = "quality"
_FILES = page_of(schemas.QualityFileSchema)


@operation(TAG, "GET", "/improvements", requires("improvement.read"), query=schemas.FileQuery, answer=_FILES)
def measure_page(query: Mapping[str, Any]) -> Any:
    """List the measures that the caller may see, the newest first."""
    return file_list(db.session(), current_actor(), IMPROVEMENT, **query)


@operation(TAG, "GET", "/improvements/<no>", requires("improvement.read"), answer=schemas.WholeFileSchema)
def one_measure(no: str) -> Any:
    """Give one measure with its records: what was promised, done, entered and compared."""
    return one_file(db.session(), current_actor(), no, IMPROVEMENT)


@operation(
    TAG,
    "POST",
    "/improvements",
    requires("improvement.propose"),
    body=schemas.ProposalBody,
    answer=schemas.OpenedSchema,
    status=201,
    repeatable=True,
)
def propose(body: Mapping[str, Any]) -> Any:
    """Open a measure for a problem; its definition is a task of complaint management."""
    return propose_measure(
        runtime(),
        current_actor(),
        body["problem"],
        parent_no=body.get("parent_no"),
        source="finding" if body.get("parent_no") else "person",
        idempotency=idempotency(),
    )


@operation(
    TAG,
    "POST",
    "/reports/<no>/measures",
    requires("improvement.propose"),
    body=schemas.ReportProblemBody,
    answer=schemas.OpenedSchema,
    status=201,
    repeatable=True,
    errors=(404,),
)
def measure_problem(body: Mapping[str, Any], no: str) -> Any:
    """Open the measure for a problem of a report; a problem that has one gives that."""
    return measure_for_problem(
        runtime(), current_actor(), no, body["problem_id"], body["problem"], idempotency=idempotency()
    )


@operation(
    TAG, "GET", "/inspections", requires("supervision.read_all"), query=schemas.FileQuery, answer=_FILES
)
def inspection_page(query: Mapping[str, Any]) -> Any:
    """List the inspections, the newest first."""
    return file_list(db.session(), current_actor(), INSPECTION, **query)


@operation(
    TAG,
    "POST",
    "/inspections",
    requires("supervision.plan"),
    body=schemas.InspectionBody,
    answer=schemas.OpenedSchema,
    status=201,
    repeatable=True,
)
def begin(body: Mapping[str, Any]) -> Any:
    """Open an inspection; its plan is the first task of the supervision group."""
    return begin_inspection(runtime(), current_actor(), body["occasion"], idempotency=idempotency())


@operation(TAG, "GET", "/inspections/<no>", requires("supervision.read_all"), answer=schemas.WholeFileSchema)
def one_inspection(no: str) -> Any:
    """Give one inspection with its records."""
    return one_file(db.session(), current_actor(), no, INSPECTION)


@operation(
    TAG,
    "GET",
    "/inspections/<no>/sample",
    requires("supervision.read_all"),
    query=schemas.RedrawQuery,
    answer=schemas.SampleSchema,
    errors=(409,),
)
def sample(query: Mapping[str, Any], no: str) -> Any:
    """Draw the sample again from the kept frame: with its own seed the same cases come out."""
    return redraw(db.session(), current_actor(), no, seed=query.get("seed"))


@operation(TAG, "GET", "/checks", requires("supervision.read"), query=schemas.FileQuery, answer=_FILES)
def check_page(query: Mapping[str, Any]) -> Any:
    """List the checks of drawn cases that the caller may see; `parent_no` is their inspection."""
    return file_list(db.session(), current_actor(), CHECK, **query)


@operation(TAG, "GET", "/findings", requires("supervision.read"), query=schemas.FileQuery, answer=_FILES)
def finding_page(query: Mapping[str, Any]) -> Any:
    """List the findings that the caller may see."""
    return file_list(db.session(), current_actor(), FINDING, **query)


@operation(
    TAG,
    "GET",
    "/conformance",
    requires("supervision.read_all"),
    query=schemas.ConformanceQuery,
    answer=page_of(schemas.ConformingSchema),
)
def conformance(query: Mapping[str, Any]) -> Any:
    """Hold the log of the cases received in a period against the diagrams that they ran under."""
    period = read_period(query["period"])
    found = conformance_page(
        runtime(), db.session(), current_actor(), period, limit=query["limit"], cursor=query.get("cursor")
    )
    return {"items": [_conforming(row) for row in found.items], "next": found.next}


def _conforming(row: Mapping[str, Any]) -> dict[str, Any]:
    done = row["replayed"]
    counts = {name: getattr(done, name) for name in ("produced", "consumed", "missing", "remaining")}
    return {
        "complaint_no": row["no"],
        "instance_id": row["instance_id"],
        "fitness": done.fitness,
        "deviations": done.deviations,
        **counts,
    }
