"""`/reports`: how complaints stand at a glance: figures drawn, explained, leading to their cases (R52)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, render_template, request

from engine import clock, read
from engine.domain.deadlines import local_date
from engine.domain.kpi import Period, Proportion, month_of, read_period
from engine.domain.policy.parameters import register
from engine.errors import InvalidInput
from engine.quality.accountability import reading as accountability
from engine.quality.figures import FIGURES
from engine.quality.snapshot import ALL_RECEIVED
from engine.quality.summary import MONTHS, awaited, months_back, summary, totals, totals_of
from web import accountability_terms, measures
from web.access import requires
from web.extensions import db, redress
from web.identity import current_actor
from web.reports import charts
from web.reports.naming import group_names

blueprint = Blueprint("reports", __name__, template_folder="templates")
SHOWN: Final = 13
"""How many months a trend shows: the same month of the year before is one of them."""
TRENDS: Final = ("timeliness", "satisfaction", "repeats", "upheld")
SPREADS: Final = (
    ("channel", ALL_RECEIVED),
    ("category", ALL_RECEIVED),
    ("grade", "timeliness"),
    ("department", "timeliness"),
    ("cause", "upheld"),
)
"""What the month is broken down by, and the figure that is counted."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A share over the months: its picture, and the numbers of each month for the table beside it."""

    name: str
    chart: charts.Chart
    months: list[tuple[str, Proportion | None]]
    target: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """A value of a breakdown with its counts."""

    value: str
    proportion: Proportion
    part: float


@blueprint.get("/reports")
@requires("report.read")
def index() -> Any:
    """Show the month's figures with their trends and how its complaints are distributed."""
    session, rt, actor = db.session(), redress().runtime, current_actor()
    period, refused = _month()
    months = months_back(period.first, SHOWN)[::-1]
    body = summary(rt, session, period)
    kept = {**totals(session, months), period.name: totals_of(body)}
    spreads = {by: _rows(body["figures"][name], by) for by, name in SPREADS}
    return render_template(
        "reports/index.html",
        period=period,
        periods=months_back(_today(), MONTHS),
        refused=refused,
        standing=read.open_counts(session, actor),
        body=body,
        at=datetime.fromisoformat(body["computed_at"]),
        months=[each.name for each in months],
        volume=_volume(months, kept, awaited(rt, session, months, kept)),
        trends=[_trend(name, months, kept, body["settings"]) for name in TRENDS],
        spreads=spreads,
        counted=dict(SPREADS),
        names={by: group_names(by, {row.value for row in rows}) for by, rows in spreads.items()},
        measures=measures,
        received=ALL_RECEIVED,
        figures=FIGURES,
        accountability=accountability.overview(rt, session, actor)
        if actor.may(accountability.FIGURES)
        else None,
        account=accountability_terms,
    )


def _volume(months: Sequence[Period], kept: Mapping[str, Any], unknown: Sequence[str]) -> dict[str, Any]:
    rows = [
        [None if each.name in unknown else _counts(kept, each, name)[0] for each in months]
        for name in (ALL_RECEIVED, "timeliness-closed")
    ]
    return {"chart": charts.columns([each.name for each in months], rows), "rows": rows, "unknown": unknown}


def _trend(
    name: str, months: Sequence[Period], kept: Mapping[str, Any], settings: Mapping[str, int]
) -> Trend:
    values = [
        Proportion(counts[1], counts[0]) if (counts := _counts(kept, each, name))[0] else None
        for each in months
    ]
    parameter = FIGURES[name].target
    target = settings.get(parameter, register()[parameter].default) / 100 if parameter else None
    labels = [each.name for each in months]
    return Trend(name, charts.shares(labels, values, target), list(zip(labels, values, strict=True)), target)


def _counts(kept: Mapping[str, Any], month: Period, name: str) -> tuple[int, int]:
    found = kept.get(month.name, {}).get("figures", {}).get(name, (0, 0))
    return found[0], found[1]


def _rows(figure: Mapping[str, Any], by: str) -> list[Row]:
    lines = figure["by"].get(by, {})
    return [
        Row(value, Proportion(hits, of), of / figure["of"] if figure["of"] else 0)
        for value, (of, hits) in lines.items()
    ]


def _month() -> tuple[Period, InvalidInput | None]:
    """Return the month asked for, this one where none or a wrong one is."""
    now = month_of(_today())
    wanted = request.args.get("period")
    try:
        period = begun(read_period(wanted)) if wanted else now
    except InvalidInput as error:
        return now, error
    return month_of(period.first), None


def begun(period: Period) -> Period:
    """Return the period, which has begun. Raises InvalidInput where it lies ahead: nothing is known of it."""
    if period.first > _today():
        message = f"{period.name} has not begun yet"
        raise InvalidInput(message, {"period": [message]})
    return period


def _today() -> Any:
    return local_date(clock.now(), redress().config.timezone)
