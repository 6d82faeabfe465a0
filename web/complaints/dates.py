"""`/complaints/<no>/dates`: both clocks day by day, and what only the statute's clock knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from engine import read
from engine.cases.explanation import explain
from engine.cases.statute import Moved, exclude_time, restart_clock
from engine.errors import InvalidInput
from engine.read.people import display_names
from web.access import logged_in, requires
from web.complaints.routes import blueprint
from web.extensions import db, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.times import parse_local


@blueprint.get("/complaints/<no>/dates")
@logged_in
def dates(no: str) -> Any:
    """Show how the dates of a case came about (R36, Art. 18)."""
    return _page(no)


@blueprint.post("/complaints/<no>/exclusions")
@requires("complaint.statute")
def leave_out(no: str) -> Any:
    """Note days that do not count for the statute (Art. 18, 24)."""

    def verb() -> Moved:
        return exclude_time(
            runtime(),
            current_actor(),
            no,
            reason=request.form.get("exclusion", ""),
            first=_day("from"),
            last=_day("until"),
            told_at=parse_local(request.form.get("told_at", ""), "told_at"),
            explanation=request.form.get("explanation", ""),
        )

    return _change(no, "exclusion", verb)


@blueprint.post("/complaints/<no>/new-facts")
@requires("complaint.statute")
def begin_anew(no: str) -> Any:
    """Note new facts: the statute's time begins anew (Art. 18)."""

    def verb() -> Moved:
        return restart_clock(
            runtime(),
            current_actor(),
            no,
            received_on=_day("received_on"),
            explanation=request.form.get("explanation", ""),
        )

    return _change(no, "new-facts", verb)


def _change(no: str, form: str, verb: Callable[[], Moved]) -> Any:
    read.complaint(db.session(), current_actor(), no)
    try:
        done = verb()
    except InvalidInput as error:
        db.session.rollback()
        return _page(no, refused=(form, error)), 422
    if done.in_time:
        flash(gettext("Noted; the statutory date was counted again."))
    else:
        flash(gettext("Noted, but too late: the statutory date had passed and stays."), "warning")
    return redirect(url_for("complaints.dates", no=no), code=303)


def _day(field: str) -> date:
    try:
        return date.fromisoformat(request.form.get(field, ""))
    except ValueError as error:
        message = gettext("Give a date, such as 2026-11-24.")
        raise InvalidInput(message, {field: [message]}) from error


def _page(no: str, *, refused: tuple[str, InvalidInput] | None = None) -> str:
    session = db.session()
    row = read.complaint(session, current_actor(), no)
    told = explain(runtime(), session, row)
    return render_template(
        "complaints/dates.html",
        row=row,
        told=told,
        names=display_names(session, (change.actor for change in told.changes)),
        refused=refused,
        form=request.form,
    )
