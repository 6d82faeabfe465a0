"""`/accountability`: files that their parties alone see, for programs (R49, R50)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.quality.accountability.opening import open_by_hand
from engine.quality.accountability.reading import figures
from engine.quality.kinds import ACCOUNTABILITY
from engine.quality.reading import file_list, note_reader, one_file
from web.access import requires
from web.api.operation import operation
from web.api.requests import idempotency
from web.api.schemas import accountability as schemas
from web.api.schemas.base import page_of
from web.api.schemas.quality import FileQuery, OpenedSchema, WholeFileSchema
from web.extensions import db, redress, runtime
from web.identity import current_actor

TAG = "accountability"


@operation(
    TAG,
    "GET",
    "/accountability",
    requires("accountability.read"),
    query=FileQuery,
    answer=page_of(schemas.AccountabilityFileSchema),
)
def account_page(query: Mapping[str, Any]) -> Any:
    """List the files to which the caller is a party, the newest first; never one about the caller."""
    return file_list(db.session(), current_actor(), ACCOUNTABILITY, **query)


@operation(
    TAG,
    "GET",
    "/accountability/figures",
    requires("accountability_figures.read"),
    answer=schemas.AccountabilityFiguresSchema,
)
def account_figures() -> Any:
    """Count the files of the last 365 days without names; null where there are too few."""
    return figures(runtime(), db.session(), current_actor())


@operation(
    TAG, "GET", "/accountability/<no>", requires("accountability.read"), answer=WholeFileSchema, errors=(404,)
)
def one_account(no: str) -> Any:
    """Give one file with its records; who reads it is noted in its trail."""
    found = one_file(db.session(), current_actor(), no, ACCOUNTABILITY)
    with redress().sessions.step() as session:
        note_reader(session, current_actor(), found["instance_id"])
    return found


@operation(
    TAG,
    "POST",
    "/accountability",
    requires("accountability.open"),
    body=schemas.AccountBody,
    answer=OpenedSchema,
    status=201,
    repeatable=True,
    errors=(404, 409),
)
def account_for(body: Mapping[str, Any]) -> Any:
    """Open a file about a case, for a cause that is owed or by hand."""
    return open_by_hand(
        runtime(),
        current_actor(),
        body["complaint_no"],
        cause=body["cause"],
        reason=body["reason"],
        idempotency=idempotency(),
    )
