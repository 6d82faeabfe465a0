"""`/reports/figures`: how well complaints are handled, and the cases behind each figure (R44-R47)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import render_template, request

from engine import clock
from engine.domain.kpi import Period, month_of, read_period
from engine.errors import InvalidInput
from engine.quality.figures import AMOUNTS, BREAKDOWNS, TOPICS
from engine.quality.measure import PARTS, cases_behind, measure, reckon
from engine.quality.rates import COUNTED
from engine.quality.snapshot import ALL_RECEIVED
from engine.read.people import display_names
from web import measures
from web.access import requires
from web.extensions import db, redress
from web.identity import current_actor
from web.reports.naming import group_names
from web.reports.routes import begun, blueprint

MONTHS = 13
PAGE = 50


@blueprint.get("/reports/figures")
@requires("report.read")
def figures() -> Any:
    """Show the figures of a period, broken down where asked for."""
    session, zone = db.session(), redress().config.timezone
    period, refused = asked_period()
    by = request.args.get("by")
    by = by if by in BREAKDOWNS else None
    given: dict[str, Any] = {"by": by, "parameters": redress().runtime.parameters.current(session)}
    measured = {each.figure.name: each for each in measure(session, current_actor(), period, zone, **given)}
    reckoned = reckon(session, current_actor(), period, zone, **given)
    groups = {str(line.value) for each in measured.values() for line in each.lines if line.value is not None}
    groups |= {str(value) for each in reckoned for value in each.lines if value is not None}
    return render_template(
        "reports/figures.html",
        period=period,
        periods=periods_to_choose(),
        refused=refused,
        by=by,
        measured=measured,
        reckoned=reckoned,
        topics=TOPICS,
        measures=measures,
        names=group_names(by, groups),
    )


@blueprint.get("/reports/figures/<name>")
@requires("report.read")
def behind(name: str) -> Any:
    """List the cases behind a figure."""
    period, refused = asked_period()
    session = db.session()
    part = request.args.get("part", "misses")
    by, value = request.args.get("by"), request.args.get("value", "")
    found = cases_behind(
        session,
        current_actor(),
        name,
        period,
        redress().config.timezone,
        part="all" if name in AMOUNTS else part if part in PARTS else "misses",
        by=by if by in BREAKDOWNS else None,
        value=value,
        limit=PAGE,
        cursor=request.args.get("cursor"),
        parameters=redress().runtime.parameters.current(session),
    )
    arguments = {key: text for key, text in request.args.items() if key != "cursor"}
    return render_template(
        "reports/behind.html",
        name=name,
        is_amount=name in AMOUNTS,
        received=ALL_RECEIVED,
        counted=COUNTED,
        measures=measures,
        period=period,
        refused=refused,
        part=part,
        group=group_names(by, {value}).get(value, value) if by in BREAKDOWNS else "",
        cases=found.items,
        next=found.next,
        arguments=arguments | {"name": name},
        handlers=display_names(session, (row["handler"] for row in found.items)),
    )


def asked_period() -> tuple[Period, InvalidInput | None]:
    """Return the period asked for, this month where none or a wrong one is."""
    now = month_of(today())
    try:
        return (begun(read_period(request.args["period"])) if request.args.get("period") else now), None
    except InvalidInput as error:
        return now, error


def today() -> date:
    """Return the day by the company's own dates."""
    return clock.now().astimezone(redress().config.timezone).date()


def periods_to_choose() -> list[str]:
    """Return the periods to choose from: the last months, then quarters and years that they lie in."""
    day = today()
    months = [(day.year * 12 + day.month - 1 - back) for back in range(MONTHS)]
    names = [f"{each // 12}-{each % 12 + 1:02d}" for each in months]
    quarters = [f"{each // 12}-Q{each % 12 // 3 + 1}" for each in months]
    years = [str(each // 12) for each in months]
    return list(dict.fromkeys([*names, *quarters, *years]))
