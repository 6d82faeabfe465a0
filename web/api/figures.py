"""`/figures`, `/frozen-figures`: how well complaints are handled, and the cases behind it (R44-R48)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.domain.kpi import Proportion, Spread, read_period
from engine.quality.contest import contest
from engine.quality.figures import AMOUNTS, FIGURES, TOPICS, Amount, Figure
from engine.quality.freezing import correct, frozen, frozen_versions, newest_version
from engine.quality.measure import Measured, cases_behind
from engine.quality.period_figures import Told, frozen_cases, frozen_figure, frozen_figures, running_figure
from engine.quality.sheets import export_sheet, sheet_of
from web import measures
from web.access import logged_in, requires
from web.api.operation import operation
from web.api.schemas import figures as schemas
from web.api.schemas.base import PageQuery, page_of
from web.api.schemas.quality import OpenedSchema
from web.extensions import db, redress, runtime
from web.identity import current_actor
from web.saved_file import saved_file
from web.words import word

TAG = "figures"
READERS = requires("report.read")
SHARE = "share"


@operation(TAG, "GET", "/figures", logged_in, answer=page_of(schemas.FigureDefinitionSchema))
def figure_page() -> Any:
    """List all figures with what each counts, in the order of the pages; titles in the caller's language."""
    shares = [_share(FIGURES[name], topic) for topic, names in TOPICS.items() for name in names]
    return {"items": [*shares, *(_amount(each) for each in AMOUNTS.values())], "next": None}


def _share(figure: Figure, topic: str) -> dict[str, Any]:
    return {
        "name": figure.name,
        "kind": SHARE,
        "unit": SHARE,
        "title": word(measures.FIGURES, figure.name),
        "meaning": word(measures.FIGURE_MEANINGS, figure.name),
        "clause": figure.clause,
        "definition": figure.version,
        "topic": topic,
        "good_is_high": figure.good_is_high,
        "target": figure.target,
        "waits": figure.waits,
        "least": figure.least,
        "beside": figure.beside,
    }


def _amount(amount: Amount) -> dict[str, Any]:
    return {
        "name": amount.name,
        "kind": "amount",
        "unit": amount.unit,
        "title": word(measures.AMOUNTS, amount.name),
        "meaning": word(measures.AMOUNT_MEANINGS, amount.name),
        "clause": amount.clause,
        "definition": amount.version,
    }


@operation(TAG, "GET", "/figures/<name>", READERS, query=schemas.FigureQuery, answer=schemas.FigureSchema)
def one_figure(query: Mapping[str, Any], name: str) -> Any:
    """Give one figure of a period, as cases stand now or as the month was frozen."""
    session, actor, period = db.session(), current_actor(), read_period(query["period"])
    by, month = query.get("by"), _month(query)
    if month is None:
        told = running_figure(runtime(), session, actor, name, period, by)
    else:
        told = frozen_figure(session, actor, month, name, by)
    return {
        **_counted(told),
        "period": period.name,
        "state": schemas.RUNNING if month is None else schemas.FROZEN,
        "version": month and month["version"],
        "newest_version": newest_version(session, period.name),
        "computed_at": told.computed_at,
        "calendar": told.calendar,
        "by": by,
        "groups": _groups(told),
    }


def _month(query: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the frozen version that is asked for; None where cases are to be counted as they stand now."""
    if query["state"] == schemas.RUNNING and "version" not in query:
        return None
    return frozen(db.session(), query["period"], query.get("version"))


def _counted(told: Told) -> dict[str, Any]:
    found = told.found
    if not isinstance(found, Measured):
        amount = found.amount
        return {
            "name": amount.name,
            "unit": amount.unit,
            "definition": told.definition,
            "total": _spread(found.total),
        }
    return {
        "name": found.figure.name,
        "unit": SHARE,
        "definition": told.definition,
        "target": found.target,
        "meets": found.meets,
        "not_before": found.not_before,
        "total": _proportion(found.total, may_show=found.not_before is None),
    }


def _groups(told: Told) -> list[dict[str, Any]]:
    found = told.found
    if not isinstance(found, Measured):
        return [{"value": _value(value), **_spread(each)} for value, each in found.lines.items()]
    ready = found.not_before is None
    return [
        {"value": _value(line.value), **_proportion(line.proportion, may_show=ready and line.may_show)}
        for line in found.lines
    ]


def _value(value: Any) -> str | None:
    """Return a group's value as it is asked for."""
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _proportion(found: Proportion, *, may_show: bool) -> dict[str, Any]:
    if not may_show:
        return {"of": found.of, "hits": None, "share": None, "interval": None}
    return {"of": found.of, "hits": found.hits, "share": found.share, "interval": found.interval}


def _spread(found: Spread) -> dict[str, Any]:
    return {
        "of": found.of,
        "median": found.median,
        "p90": found.p90,
        "mean": found.mean,
        "sum": found.total,
    }


@operation(
    TAG,
    "GET",
    "/figures/<name>/cases",
    READERS,
    query=schemas.CasesQuery,
    answer=page_of(schemas.CaseBehindSchema),
)
def cases_of_figure(query: Mapping[str, Any], name: str) -> Any:
    """List the numbers of the cases behind a figure, but none about the caller."""
    group: dict[str, Any] = {
        "by": query.get("by"),
        "value": query["value"],
        "limit": query["limit"],
        "cursor": query.get("cursor"),
    }
    session, actor, period = db.session(), current_actor(), read_period(query["period"])
    if (month := _month(query)) is not None:
        counted = frozen_cases(session, actor, [month], name, query["part"], **group)
        return {
            "items": [{"complaint_no": row["complaint_no"]} for row in counted.items],
            "next": counted.next,
        }
    group |= {"part": query["part"], "parameters": runtime().parameters.current(session)}
    found = cases_behind(session, actor, name, period, redress().config.timezone, **group)
    return {"items": [{"complaint_no": row["no"]} for row in found.items], "next": found.next}


@operation(TAG, "GET", "/frozen-figures", READERS, query=PageQuery, answer=page_of(schemas.FrozenSchema))
def frozen_page(query: Mapping[str, Any]) -> Any:
    """List the frozen versions, the newest month first and of each the newest version."""
    return frozen_versions(db.session(), current_actor(), **query)


@operation(
    TAG,
    "POST",
    "/frozen-figures",
    requires("figures.freeze"),
    body=schemas.FreezeBody,
    answer=schemas.FreezeAgainSchema,
    status=201,
    errors=(409,),
)
def freeze_again(body: Mapping[str, Any]) -> Any:
    """Freeze a month again as a further version; 409 where nothing has changed since the last."""
    version = correct(runtime(), current_actor(), body["period"], body["reason"])
    return {"period": body["period"], "version": version}


@operation(
    TAG,
    "GET",
    "/frozen-figures/<period>",
    READERS,
    query=schemas.FrozenQuery,
    answer=schemas.FrozenMonthSchema,
)
def frozen_month(query: Mapping[str, Any], period: str) -> Any:
    """Give a version with all its figures."""
    session = db.session()
    month = frozen(session, period, query.get("version"))
    told = frozen_figures(session, current_actor(), month)
    return {
        **month,
        "computed_at": told[0].computed_at,
        "calendar": told[0].calendar,
        "settings": month["body"]["settings"],
        "cases": month["body"]["cases"]["count"],
        "figures": [_counted(each) for each in told],
    }


@operation(
    TAG,
    "GET",
    "/frozen-figures/<period>/mine",
    logged_in,
    query=schemas.FrozenQuery,
    answer=schemas.OwnFiguresSchema,
)
def own_figures(query: Mapping[str, Any], period: str) -> Any:
    """Give what a version says of the caller's own cases, and how each was counted (R48)."""
    session = db.session()
    month = frozen(session, period, query.get("version"))
    sheet = sheet_of(session, current_actor(), month, "person", current_actor().username)
    cases = [
        {
            "complaint_no": no,
            "hits": [name for name, hit in marks.items() if hit],
            "misses": [name for name, hit in marks.items() if not hit],
        }
        for no, marks in sheet["cases"].items()
    ]
    own = [{"name": name, **each} for name, each in sheet["figures"].items()]
    return {**sheet, "figures": own, "cases": cases}


@operation(
    TAG,
    "GET",
    "/frozen-figures/<period>/sheet",
    logged_in,
    query=schemas.SheetQuery,
    answer=None,
    media_type="application/json",
)
def score_sheet(query: Mapping[str, Any], period: str) -> Any:
    """Give a signed score sheet: one's own, or by permission another's or a department's."""
    month = frozen(db.session(), period, query.get("version"))
    subject = query.get("subject") or current_actor().username
    with redress().sessions.step() as session:
        content = export_sheet(session, redress().keyring, current_actor(), month, query["kind"], subject)
    return saved_file(content, "application/json", f"{period}-v{month['version']}-{query['kind']}.json")


@operation(
    TAG,
    "POST",
    "/frozen-figures/<period>/contests",
    logged_in,
    body=schemas.ContestBody,
    answer=OpenedSchema,
    status=201,
)
def contest_own(body: Mapping[str, Any], period: str) -> Any:
    """Contest how one of the caller's own cases was counted; a superior decides. Once, however often sent."""
    return contest(runtime(), current_actor(), period, **body)
