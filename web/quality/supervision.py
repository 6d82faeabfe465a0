"""`/supervision`: inspections with their samples, checks, findings; and conformance (R40-R43)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from engine import clock
from engine.domain.deadlines import local_date
from engine.domain.kpi import Period, month_of, read_period
from engine.errors import Conflict, InvalidInput
from engine.quality.conformance import Total, conformance_page, conformance_total
from engine.quality.kinds import CHECK, FINDING, INSPECTION, Kind
from engine.quality.reading import file_list, one_file
from engine.quality.supervision.inspections import begin_inspection
from engine.quality.supervision.redraw import kept_sample, redraw
from engine.read.people import display_names
from web.access import requires
from web.extensions import db, redress, runtime
from web.gettext import gettext
from web.identity import current_actor
from web.quality import terms
from web.quality.file import file_page
from web.quality.routes import blueprint

PAGE = 30
DRAWN_WITH_THE_PAGE = 5000
"""Cases of a frame that a page draws from without being asked to: some hundredths of a second."""


@blueprint.get("/supervision")
@requires("supervision.read_all")
def inspections() -> Any:
    """List the inspections."""
    return list_page("quality/inspections.html", "quality.inspections", INSPECTION)


@blueprint.get("/findings")
@requires("supervision.read")
def findings() -> Any:
    """List the findings that the caller has to do with, or all of them."""
    return list_page("quality/findings.html", "quality.findings", FINDING)


def list_page(template: str, endpoint: str, kind: Kind, **more: Any) -> str:
    """Return the page of the files of a kind that the caller may see, of a status where one is named."""
    status = request.args.get("status") or None
    status = status if status in (*kind.statuses, "open") else None
    found = file_list(
        db.session(),
        current_actor(),
        kind,
        status=status,
        limit=PAGE,
        cursor=request.args.get("cursor"),
    )
    people = {row[name] for row in found.items for name in ("owner", "raiser", "opened_by")}
    return render_template(
        template,
        files=found.items,
        next=found.next,
        status=status,
        statuses=[(name, terms.STATUSES[name]) for name in kind.statuses],
        endpoint=endpoint,
        arguments={"status": status} if status else {},
        names=display_names(db.session(), people),
        terms=terms,
        **more,
    )


@blueprint.post("/supervision")
@requires("supervision.plan")
def begin() -> Any:
    """Open an inspection; its plan is the first task."""
    opened = begin_inspection(runtime(), current_actor(), request.form.get("occasion", "regular"))
    flash(gettext("The inspection %(no)s was opened; its plan is the first task.", no=opened.no))
    return redirect(url_for("quality.inspection", no=opened.no), code=303)


@blueprint.get("/supervision/<no>")
@requires("supervision.read_all")
def inspection(no: str) -> Any:
    """Show an inspection: plan, sample, the checks and what they found; a small frame is drawn from again,
    a large one where that is asked for.
    """
    session, actor = db.session(), current_actor()
    again = None
    try:
        cases = kept_sample(session, actor, no)
        facts = one_file(session, actor, no, INSPECTION)["facts"]
        if "again" in request.args or facts["frame_cases"] <= DRAWN_WITH_THE_PAGE:
            again = redraw(session, actor, no)
    except Conflict:
        cases = None
    return file_page("quality/inspection.html", no, INSPECTION, children=(CHECK,), cases=cases, again=again)


@blueprint.get("/checks/<no>")
@requires("supervision.read")
def check(no: str) -> Any:
    """Show the check of a drawn case."""
    return file_page("quality/check.html", no, CHECK, children=(FINDING,))


@blueprint.get("/findings/<no>")
@requires("supervision.read")
def finding(no: str) -> Any:
    """Show a finding: what was found, who answers, what became of it."""
    return file_page("quality/finding.html", no, FINDING)


@blueprint.get("/conformance")
@requires("supervision.read_all")
def conformance() -> Any:
    """Hold the log of the cases of a period against the diagrams that they ran under."""
    today = local_date(clock.now(), redress().config.timezone)
    refused, period = None, month_of(today)
    try:
        period = read_period(request.args.get("period") or period.name)
    except InvalidInput as error:
        refused = error
    found = conformance_page(
        runtime(),
        db.session(),
        current_actor(),
        period,
        limit=PAGE,
        cursor=request.args.get("cursor"),
    )
    return render_template(
        "quality/conformance.html",
        period=period,
        refused=refused,
        cases=found.items,
        next=found.next,
        total=_total(period),
        terms=terms,
    )


def _total(period: Period) -> Total | None:
    """Return all cases of the period together where the page is asked for it."""
    if request.args.get("total") != "1":
        return None
    return conformance_total(runtime(), db.session(), current_actor(), period)
