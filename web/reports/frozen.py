"""`/reports/frozen`: months whose figures no longer change, their cases and score sheets (R44, R48)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import flash, redirect, render_template, request, url_for

from engine.domain.kpi import Proportion
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.departments import list_departments
from engine.quality.figures import TOPICS
from engine.quality.freezing import (
    correct,
    frozen,
    frozen_versions,
    handlers_of,
    latest_months,
    newer_versions,
)
from engine.quality.kinds import CONTEST
from engine.quality.measure import PARTS
from engine.quality.period_figures import frozen_cases, vulnerable_gaps
from engine.quality.rates import COUNTED
from engine.quality.reading import file_list
from engine.quality.sheets import export_sheet, sheet_of
from engine.quality.snapshot import ALL_RECEIVED
from engine.read.people import display_names
from web import measures
from web.access import logged_in, requires
from web.extensions import db, redress
from web.gettext import gettext
from web.identity import current_actor
from web.numbers import whole
from web.reports.naming import group_names
from web.reports.routes import blueprint
from web.reports.sheet import pdf_of_sheet
from web.saved_file import saved_file

OWN_MONTHS: Final = 6


@blueprint.get("/reports/frozen")
@requires("report.read")
def frozen_list() -> Any:
    """List the frozen versions, and let who may freeze a month again."""
    return _list_page()


def _list_page(refused: InvalidInput | Conflict | None = None) -> str:
    session, actor = db.session(), current_actor()
    found = frozen_versions(session, actor, cursor=request.args.get("cursor"))
    return render_template(
        "reports/frozen.html",
        versions=found.items,
        next=found.next,
        people=display_names(session, (row["frozen_by"] for row in found.items)),
        measures=measures,
        refused=refused,
        form=request.form,
    )


@blueprint.post("/reports/frozen")
@requires("figures.freeze")
def freeze_again() -> Any:
    """Freeze a month as a further version with a reason."""
    period = request.form.get("period", "").strip()
    try:
        version = correct(redress().runtime, current_actor(), period, request.form.get("reason", ""))
    except (InvalidInput, Conflict) as error:
        db.session.rollback()
        return _list_page(error), 422 if isinstance(error, InvalidInput) else 409
    flash(gettext("%(period)s is frozen in version %(version)s.", period=period, version=version))
    return redirect(url_for("reports.frozen_show", period=period, version=version), code=303)


@blueprint.get("/reports/frozen/<period>")
@requires("report.read")
def frozen_show(period: str) -> Any:
    """Show the figures of a version beside those of the version before."""
    session = db.session()
    found = frozen(session, period, _version())
    before = frozen(session, period, found["version"] - 1)["body"] if found["version"] > 1 else None
    body = found["body"]
    people = handlers_of(session, found["id"])
    names = display_names(session, [found["frozen_by"], *people])
    return render_template(
        "reports/frozen_month.html",
        found=found,
        shares=_shares(body),
        gaps=vulnerable_gaps(body),
        newer=newer_versions(session, {period: found["version"]}).get(period),
        before=_shares(before) if before else None,
        topics=TOPICS,
        measures=measures,
        by=names,
        names_of_people=[(name, names.get(name, name)) for name in people],
        departments=group_names("department", {row["id"] for row in list_departments(session)}),
    )


@blueprint.get("/reports/frozen/<period>/cases/<name>")
@requires("report.read")
def frozen_behind(period: str, name: str) -> Any:
    """List the cases of a figure as a version counted them."""
    session = db.session()
    found = frozen(session, period, _version())
    title = gettext("Figures of %(period)s, version %(version)s", period=period, version=found["version"])
    trail = [
        (url_for("reports.frozen_list"), gettext("Frozen figures")),
        (url_for("reports.frozen_show", period=period, version=found["version"]), period),
    ]
    arguments = {"period": period, "name": name, "version": found["version"]}
    arguments |= {key: request.args[key] for key in ("part", "by", "value") if key in request.args}
    return counted_page([found], title, trail, "reports.frozen_behind", arguments)


def counted_page(
    months: Sequence[Mapping[str, Any]],
    subtitle: str,
    trail: Sequence[tuple[str, str]],
    endpoint: str,
    arguments: Mapping[str, Any],
) -> str:
    """Return the page of the cases of a figure as frozen versions counted them: `arguments` are those of
    `endpoint`, with the `name`, and the `part` and group (`by`, `value`) where they are asked for.
    """
    name, part = arguments["name"], arguments.get("part", "misses")
    part = part if part in PARTS else "misses"
    by, value = arguments.get("by"), arguments.get("value", "")
    cases = frozen_cases(
        db.session(),
        current_actor(),
        months,
        name,
        part,
        by=by,
        value=value,
        cursor=request.args.get("cursor"),
    )
    return render_template(
        "reports/frozen_cases.html",
        subtitle=subtitle,
        trail=trail,
        endpoint=endpoint,
        name=name,
        part=part,
        group=(group_names(by, {value}).get(value, value) or gettext("not yet known")) if by else "",
        cases=cases.items,
        next=cases.next,
        arguments=dict(arguments),
        received=ALL_RECEIVED,
        counted=COUNTED,
        measures=measures,
    )


@blueprint.get("/reports/frozen/<period>/sheet")
@logged_in
def sheet(period: str) -> Any:
    """Hand out a signed score sheet: one's own, or with permission another's or a department's."""
    session, kind = db.session(), request.args.get("kind", "person")
    subject = request.args.get("subject", "") or current_actor().username
    found = frozen(session, period, _version())
    with redress().sessions.step() as step:
        content = export_sheet(step, redress().keyring, current_actor(), found, kind, subject)
    name, mimetype = f"{period}-v{found['version']}-{kind}.json", "application/json"
    if request.args.get("format") == "pdf":
        content, mimetype = pdf_of_sheet(redress().keyring, content), "application/pdf"
        name = name.removesuffix("json") + "pdf"
    return saved_file(content, mimetype, name)


@blueprint.get("/reports/mine")
@logged_in
def mine() -> Any:
    """Show one's own frozen figures, month by month, with one's own cases behind each (R48)."""
    return mine_page()


def mine_page(refused: InvalidInput | None = None) -> str:
    """Return the page; `refused` is what is wrong with an objection that was sent."""
    session, actor = db.session(), current_actor()
    rows = [frozen(session, name) for name in latest_months(session, OWN_MONTHS)]
    sheets = [sheet_of(session, actor, found, "person", actor.username) for found in rows]
    return render_template(
        "reports/mine.html",
        sheets=[each for each in sheets if each["cases"]],
        contests=file_list(session, actor, CONTEST, mine=True, limit=OWN_MONTHS).items,
        refused=refused,
        form=request.form,
        topics=TOPICS,
        measures=measures,
    )


def _version() -> int | None:
    text = request.args.get("version", "")
    if not text:
        return None
    if (version := whole(text)) is None:
        raise NotFound(gettext("There is no such version."))
    return version


def _shares(body: dict[str, Any]) -> dict[str, Proportion | None]:
    """Return the proportions by name; None where the figure still had to wait."""
    return {
        name: None if name in body["waiting"] else Proportion(each["hits"], each["of"])
        for name, each in body["figures"].items()
    }
