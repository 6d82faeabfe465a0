"""`/regulator`: what is reported, asked, filed and put right, each with its clock (R63-R66)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for

from engine import clock
from engine.errors import Conflict, InvalidInput, NotFound
from engine.quality.kinds import IMPROVEMENT, INQUIRY, MAJOR_REPORT, RECTIFICATION, RETURN, Kind
from engine.quality.opening import Opened
from engine.quality.reading import file_list, one_file
from engine.quality.regulator import opening
from engine.quality.regulator.due import returns_due
from engine.quality.regulator.pack import produce_pack
from engine.quality.regulator.returns import (
    attempt_file,
    attempt_workbook,
    attempts,
    correct_return,
    open_return,
)
from engine.read.people import display_names
from web.access import requires
from web.extensions import db, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.quality import regulator_terms, terms
from web.quality.file import file_page
from web.quality.routes import blueprint
from web.saved_file import saved_file

PAGE: Final = 30
KINDS: Final[Mapping[str, Kind]] = {
    each.name: each for each in (MAJOR_REPORT, INQUIRY, RETURN, RECTIFICATION)
}


@blueprint.get("/regulator")
@requires("regulator.read")
def matters() -> Any:
    """List one kind of what the regulator is told or asks, open ones or all."""
    return _matters(request.args.get("kind", MAJOR_REPORT.name))


def _matters(name: str, errors: Mapping[str, Any] | None = None, general: str = "") -> str:
    db.session.rollback()
    session, actor = db.session(), current_actor()
    kind = KINDS.get(name, MAJOR_REPORT)
    status = request.args.get("status") or None
    status = status if status in (*kind.statuses, "open") else None
    cursor = request.args.get("cursor")
    found = file_list(session, actor, kind, status=status, limit=PAGE, cursor=cursor)
    is_report = kind is MAJOR_REPORT
    return render_template(
        "quality/matters.html",
        kind=kind.name,
        kinds=regulator_terms.KINDS,
        files=found.items,
        next=found.next,
        status=status,
        statuses=[(each, terms.STATUSES[each]) for each in kind.statuses],
        due=returns_due(runtime(), session) if kind is RETURN else [],
        now=clock.now(),
        candidates=opening.may_be_major(runtime(), session, actor) if is_report else [],
        names=display_names(session, (row["owner"] for row in found.items)),
        errors=errors or {},
        general=general,
        sent=request.form,
        terms=terms,
        arguments={"kind": kind.name} | ({"status": status} if status else {}),
    )


@blueprint.get("/regulator/<no>")
@requires("regulator.read")
def matter(no: str) -> Any:
    """Show one: its clock, versions, approvals and receipts; of a return what the check found."""
    return _matter(no)


def _matter(no: str, refused: str = "") -> Any:
    session, actor = db.session(), current_actor()
    kind = KINDS[one_file(session, actor, no, *KINDS.values())["kind"]]
    return file_page(
        "quality/matter.html",
        no,
        *KINDS.values(),
        children=(IMPROVEMENT, RETURN),
        kind_word=regulator_terms.KINDS[kind.name],
        attempts=attempts(session, actor, no) if kind is RETURN else [],
        regulator_terms=regulator_terms,
        refused=refused,
    )


def _open(kind: Kind, verb: Callable[[], Opened]) -> Any:
    try:
        opened = verb()
    except (InvalidInput, Conflict, NotFound) as error:
        errors = error.errors if isinstance(error, InvalidInput) else {}
        return _matters(kind.name, errors, str(error)), 422
    flash(gettext("%(no)s was opened; its first task waits in the list of tasks.", no=opened.no))
    return redirect(url_for("quality.matter", no=opened.no), code=303)


def _day(field: str, *, needed: bool = True) -> Any:
    text = request.form.get(field, "").strip()
    if not text and not needed:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            "the regulator's letter cannot be entered: see the fields", {field: ["Not a valid date."]}
        ) from error


@blueprint.post("/regulator/reports")
@requires("regulator.open")
def report() -> Any:
    """Begin to report a case as a major event."""
    number, reason = request.form.get("complaint_no", "").strip(), request.form.get("reason", "")
    return _open(MAJOR_REPORT, lambda: opening.open_major_report(runtime(), current_actor(), number, reason))


@blueprint.post("/regulator/inquiries")
@requires("regulator.open")
def inquire() -> Any:
    """Enter an inquiry."""

    def verb() -> Opened:
        return opening.open_inquiry(
            runtime(),
            current_actor(),
            reference=request.form.get("reference", ""),
            question=request.form.get("question", ""),
            received_on=_day("received_on"),
            answer_by=_day("answer_by", needed=False),
            complaint_no=request.form.get("complaint_no", "").strip() or None,
        )

    return _open(INQUIRY, verb)


@blueprint.post("/regulator/rectifications")
@requires("regulator.open")
def rectify() -> Any:
    """Enter what the regulator wants to be put right."""

    def verb() -> Opened:
        return opening.open_rectification(
            runtime(),
            current_actor(),
            reference=request.form.get("reference", ""),
            opinion=request.form.get("opinion", ""),
            received_on=_day("received_on"),
        )

    return _open(RECTIFICATION, verb)


@blueprint.post("/regulator/returns")
@requires("regulator.open")
def begin_return() -> Any:
    """Begin the return of a period."""
    period = request.form.get("period", "").strip()
    return _open(RETURN, lambda: open_return(runtime(), current_actor(), period))


@blueprint.post("/regulator/<no>/correct")
@requires("regulator.open")
def correct(no: str) -> Any:
    """Begin a new version of a return that was filed."""
    one_file(db.session(), current_actor(), no, RETURN)
    try:
        opened = correct_return(runtime(), current_actor(), no, request.form.get("reason", ""))
    except (InvalidInput, Conflict) as error:
        db.session.rollback()
        return _matter(no, str(error)), 422
    flash(gettext("%(no)s was opened; its first task waits in the list of tasks.", no=opened.no))
    return redirect(url_for("quality.matter", no=opened.no), code=303)


@blueprint.post("/regulator/<no>/pack")
@requires("regulator.produce")
def pack(no: str) -> Any:
    """Hand out the pack of the case; the trail says to whom."""
    one_file(db.session(), current_actor(), no, *KINDS.values())
    try:
        number, content = produce_pack(runtime(), current_actor(), no)
    except (Conflict, NotFound) as error:
        db.session.rollback()
        return _matter(no, str(error)), 422
    return saved_file(content, "application/zip", f"{no}-{number}.zip")


@blueprint.get("/regulator/<no>/attempts/<attempt>.xlsx")
@requires("regulator.read")
def attempt_xlsx(no: str, attempt: str) -> Any:
    """Hand out the same rows as a workbook, with what the check found."""
    content = attempt_workbook(db.session(), current_actor(), no, attempt)
    return saved_file(
        content, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", f"{no}-{attempt}.xlsx"
    )


@blueprint.get("/regulator/<no>/attempts/<attempt>.csv")
@requires("regulator.read")
def attempt_csv(no: str, attempt: str) -> Any:
    """Hand out the rows of an attempt at a return; no personal data is among them."""
    content = attempt_file(db.session(), current_actor(), no, attempt)
    return saved_file(content, "text/csv", f"{no}-{attempt}.csv")
