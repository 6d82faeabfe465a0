"""`/regulator`: reports of major events, inquiries, returns, rectification (R63-R66)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.quality.kinds import INQUIRY, MAJOR_REPORT, RECTIFICATION, RETURN, kind_of
from engine.quality.reading import file_list, one_file
from engine.quality.regulator import opening, returns
from engine.quality.regulator.pack import produce_pack
from web.access import requires
from web.api.operation import operation
from web.api.requests import idempotency
from web.api.schemas import regulator as schemas
from web.api.schemas.base import ReasonBody, page_of
from web.api.schemas.quality import OpenedSchema, WholeFileSchema
from web.extensions import db, runtime
from web.identity import current_actor

TAG = "regulator"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MAY_OPEN = requires("regulator.open")


@operation(
    TAG,
    "GET",
    "/regulator",
    requires("regulator.read"),
    query=schemas.MatterQuery,
    answer=page_of(schemas.MatterSchema),
)
def matter_page(query: Mapping[str, Any]) -> Any:
    """List the files of one kind, the newest first."""
    rest = {name: value for name, value in query.items() if name != "kind"}
    return file_list(db.session(), current_actor(), kind_of(query["kind"]), **rest)


@operation(TAG, "GET", "/regulator/<no>", requires("regulator.read"), answer=WholeFileSchema)
def one_matter(no: str) -> Any:
    """Give one file with its records: versions, approvals, receipts."""
    return one_file(db.session(), current_actor(), no, MAJOR_REPORT, INQUIRY, RETURN, RECTIFICATION)


@operation(TAG, "GET", "/regulator/<no>/attempts", requires("regulator.read"), answer=schemas.AttemptsSchema)
def return_attempts(no: str) -> Any:
    """Give the attempts at a return with what the check of each found."""
    return {"items": returns.attempts(db.session(), current_actor(), no)}


@operation(
    TAG,
    "GET",
    "/regulator/<no>/attempts/<attempt>",
    requires("regulator.read"),
    answer=None,
    media_type="text/csv",
)
def return_rows(no: str, attempt: str) -> Any:
    """Give the rows of an attempt as CSV, one a complaint; no personal data is among them."""
    return returns.attempt_file(db.session(), current_actor(), no, attempt)


@operation(
    TAG,
    "GET",
    "/regulator/<no>/attempts/<attempt>/workbook",
    requires("regulator.read"),
    answer=None,
    media_type=XLSX,
)
def return_workbook(no: str, attempt: str) -> Any:
    """Give the same rows as a workbook, with what the check found."""
    return returns.attempt_workbook(db.session(), current_actor(), no, attempt)


@operation(
    TAG,
    "POST",
    "/regulator/<no>/pack",
    requires("regulator.produce"),
    answer=None,
    media_type="application/zip",
)
def case_pack(no: str) -> Any:
    """Give the pack of the case of an inquiry or report, personal data in clear; the trail says to whom."""
    _number, pieces = produce_pack(runtime(), current_actor(), no)
    return b"".join(pieces)


@operation(
    TAG,
    "POST",
    "/regulator/reports",
    _MAY_OPEN,
    body=schemas.ReportBody,
    answer=OpenedSchema,
    status=201,
    repeatable=True,
    errors=(404, 409),
)
def report_major(body: Mapping[str, Any]) -> Any:
    """Begin to report a case as a major event; its clock runs from the registration."""
    return opening.open_major_report(
        runtime(), current_actor(), body["complaint_no"], body["reason"], idempotency=idempotency()
    )


@operation(
    TAG,
    "POST",
    "/regulator/inquiries",
    _MAY_OPEN,
    body=schemas.InquiryBody,
    answer=OpenedSchema,
    status=201,
    repeatable=True,
    errors=(404, 409),
)
def enter_inquiry(body: Mapping[str, Any]) -> Any:
    """Enter an inquiry of the regulator."""
    return opening.open_inquiry(runtime(), current_actor(), **body, idempotency=idempotency())


@operation(
    TAG,
    "POST",
    "/regulator/rectifications",
    _MAY_OPEN,
    body=schemas.RectificationBody,
    answer=OpenedSchema,
    status=201,
    repeatable=True,
    errors=(409,),
)
def enter_rectification(body: Mapping[str, Any]) -> Any:
    """Enter what the regulator wants to be put right; it becomes an improvement measure."""
    return opening.open_rectification(runtime(), current_actor(), **body, idempotency=idempotency())


@operation(
    TAG,
    "POST",
    "/regulator/returns",
    _MAY_OPEN,
    body=schemas.ReturnBody,
    answer=OpenedSchema,
    status=201,
    repeatable=True,
    errors=(409,),
)
def begin_return(body: Mapping[str, Any]) -> Any:
    """Begin the return of a period whose months are frozen."""
    return returns.open_return(runtime(), current_actor(), body["period"], idempotency=idempotency())


@operation(
    TAG, "POST", "/regulator/<no>/correct", _MAY_OPEN, body=ReasonBody, answer=OpenedSchema, status=201
)
def correct_filed_return(body: Mapping[str, Any], no: str) -> Any:
    """Begin a new version of a return that was filed."""
    return returns.correct_return(runtime(), current_actor(), no, body["reason"])
