"""`/improvements`: measures for programs (R54-R59)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.quality.improvement.measures import propose_measure
from engine.quality.kinds import IMPROVEMENT
from engine.quality.reading import file_list, one_file
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
