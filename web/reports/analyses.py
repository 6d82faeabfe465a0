"""`/reports/analyses`: periodic reports as pages, PDF and workbook, with commentary and signature (R51)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for

from engine.documents.tables import FIRST, pdf_of_tables, workbook_of_tables, written
from engine.errors import Conflict, InvalidInput
from engine.quality.contest import contest
from engine.quality.freezing import frozen, newer_versions
from engine.quality.report.keep import draft_missing, missing_reports, report, reports
from engine.quality.report.measures import measure_for_problem, measures_of, problem_of
from engine.read.people import display_names
from web import measures, times
from web.access import logged_in, requires
from web.extensions import db, redress
from web.file_pages import file_page_of
from web.gettext import gettext
from web.identity import current_actor
from web.language import current_language
from web.numbers import whole
from web.reports.frozen import counted_page, mine_page
from web.reports.routes import blueprint
from web.reports.sections import problem_text, problems_of, tables_of
from web.saved_file import saved_file

PDF: Final = "application/pdf"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/reports/analyses")
@requires("report.read")
def analyses() -> Any:
    """List the reports, and the periods that lack theirs."""
    return _analyses()


def _analyses(refused: InvalidInput | Conflict | None = None) -> str:
    session, actor = db.session(), current_actor()
    found = reports(session, actor, cursor=request.args.get("cursor"))
    return render_template(
        "reports/analyses.html",
        reports=found.items,
        next=found.next,
        missing=missing_reports(redress().runtime, session, actor),
        measures=measures,
        refused=refused,
    )


@blueprint.post("/reports/analyses")
@requires("report.draft")
def draft_report() -> Any:
    """Draft the report of a period that lacks it."""
    try:
        no = draft_missing(redress().runtime, current_actor(), request.form.get("period", ""))
    except (InvalidInput, Conflict) as error:
        db.session.rollback()
        return _analyses(error), 422 if isinstance(error, InvalidInput) else 409
    flash(gettext("The report %(no)s is drafted; it waits for an analyst's commentary.", no=no))
    return redirect(url_for("reports.analysis", no=no), code=303)


@blueprint.get("/reports/analyses/<no>")
@requires("report.read")
def analysis(no: str) -> Any:
    """Show a report."""
    session = db.session()
    found = report(redress().runtime, session, current_actor(), no)
    people = [each["actor"] for each in (found["commentary"], found["signature"]) if each]
    measured = measures_of(session, no)
    people += [each["owner"] for each in measured.values() if each["owner"]]
    return render_template(
        "reports/analysis.html",
        found=found,
        tables=tables_of(no, found["body"], measured),
        problems=problems_of(no, found["body"]),
        measured=measured,
        written=written,
        most=FIRST,
        newer=newer_versions(session, found["body"]["versions"]),
        people=display_names(session, people),
        measures=measures,
    )


@blueprint.get("/reports/analyses/<no>/pdf")
@requires("report.read")
def analysis_pdf(no: str) -> Any:
    """Hand out a report as PDF."""
    found = report(redress().runtime, db.session(), current_actor(), no)
    tables = tables_of(no, found["body"], measures_of(db.session(), no))
    content = pdf_of_tables(_title(found), _lead(found), tables, current_language())
    return saved_file(content, PDF, f"{no}.pdf")


@blueprint.get("/reports/analyses/<no>/xlsx")
@requires("report.read")
def analysis_xlsx(no: str) -> Any:
    """Hand out a report as a workbook with charts."""
    found = report(redress().runtime, db.session(), current_actor(), no)
    tables = tables_of(no, found["body"], measures_of(db.session(), no))
    return saved_file(workbook_of_tables(_title(found), _lead(found), tables), XLSX, f"{no}.xlsx")


@blueprint.get("/reports/analyses/<no>/cases/<name>")
@requires("report.read")
def analysis_cases(no: str, name: str) -> Any:
    """List the cases of a figure as the frozen versions that a report is made of counted them."""
    session, args = db.session(), request.args
    found = report(redress().runtime, session, current_actor(), no)
    months = [frozen(session, month, version) for month, version in found["body"]["versions"].items()]
    arguments = {"no": no, "name": name} | {key: args[key] for key in ("part", "by", "value") if key in args}
    trail = [
        (url_for("reports.analyses"), gettext("Analysis reports")),
        (url_for("reports.analysis", no=no), no),
    ]
    return counted_page(months, _title(found), trail, "reports.analysis_cases", arguments)


@blueprint.post("/reports/analyses/<no>/measures")
@requires("improvement.propose")
def measure_problem(no: str) -> Any:
    """Open the improvement measure for a problem of a report, or lead to the one that there is."""
    session = db.session()
    body = report(redress().runtime, session, current_actor(), no)["body"]
    problem = problem_of(body, request.form.get("problem", ""))
    text = f"{problem['id']} {problem_text(problem)}"
    opened = measure_for_problem(redress().runtime, current_actor(), no, problem["id"], text)
    flash(
        gettext("The measure %(no)s was opened; its definition waits for complaint management.", no=opened.no)
    )
    return redirect(file_page_of(opened.no) or url_for("reports.analysis", no=no), code=303)


@blueprint.post("/reports/mine")
@logged_in
def contest_mine() -> Any:
    """Contest how one of one's own cases was counted; a superior decides."""
    form = request.form
    try:
        opened = contest(
            redress().runtime,
            current_actor(),
            form.get("period", ""),
            whole(form.get("version", "")) or 0,
            form.get("figure", ""),
            form.get("complaint_no", ""),
            form.get("reason", ""),
        )
    except InvalidInput as error:
        db.session.rollback()
        return mine_page(error), 422
    flash(gettext("Your objection %(no)s is with your superiors.", no=opened.no))
    return redirect(url_for("reports.mine"), code=303)


def _title(found: Mapping[str, Any]) -> str:
    return gettext("Complaint analysis report %(period)s", period=found["period"])


def _lead(found: Mapping[str, Any]) -> list[str]:
    """Return number, digest, what was corrected since, commentary and signature as paragraphs."""
    session = db.session()
    lines = [f"{found['no']} · SHA-256 {found['digest']}"]
    lines += [
        gettext("%(period)s was frozen again since: version %(version)s", period=month, version=newer)
        for month, newer in newer_versions(session, found["body"]["versions"]).items()
    ]
    if found["commentary"]:
        lines += [gettext("Commentary"), *str(found["commentary"].get("commentary", "")).splitlines()]
        lines.append(_by(session, gettext("Commented"), found["commentary"]))
    lines.append(
        _by(session, gettext("Signed"), found["signature"])
        if found["signature"]
        else gettext("A draft: not signed yet.")
    )
    return lines


def _by(session: Any, what: str, record: Mapping[str, Any]) -> str:
    who = display_names(session, [record["actor"]]).get(record["actor"], record["actor"])
    return f"{what}: {who}, {times.local(record['at'])}"
