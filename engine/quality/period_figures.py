"""A figure of a period asked for by name: as cases stand now, or as a frozen version counted it (R44)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from engine.domain.effect import Change
from engine.domain.kpi import Period, Proportion, Spread, spread
from engine.errors import InvalidInput, NotFound
from engine.people.actor import Actor
from engine.quality.figures import AMOUNTS, FIGURES, PEOPLE_AND_UNITS, Amount, Figure
from engine.quality.freezing import seen_of
from engine.quality.measure import (
    Line,
    Measured,
    Reckoned,
    asked_of,
    check_breakdown,
    measure_one,
    named,
    reckon_one,
    spread_out,
)
from engine.read.paging import Order, Page, page
from engine.read.visibility import not_about
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.json_text import JsonText
from engine.store.tables.measures import FrozenCase

_CASE = table_of(FrozenCase).c
VULNERABLE: Final = "vulnerable"
COMPARED: Final = ("timeliness", "timeliness-statutory", "satisfaction")
"""The figures by which vulnerable customers are compared with the others (K1, K2)."""


@dataclass(frozen=True, slots=True)
class Told:
    """A figure or amount of a period, and what it was counted by: when, and under which version of its
    definition and of the calendar.
    """

    found: Measured | Reckoned
    computed_at: datetime
    definition: int
    calendar: str


def running_figure(
    rt: Runtime, session: Session, actor: Actor, name: str, period: Period, by: str | None = None
) -> Told:
    """Return a figure or amount as cases stand now, broken down by `by`.

    Raises Forbidden, NotFound, InvalidInput (no such breakdown).
    """
    actor.require("report.read")
    check_breakdown(by)
    figure = named(name)
    asked = asked_of(period, rt.config.timezone, rt.parameters.current(session))
    found: Measured | Reckoned
    if isinstance(figure, Figure):
        found = measure_one(session, figure, asked, by)
    else:
        found = reckon_one(session, figure, asked, by)
    return Told(found, asked.now, figure.version, rt.calendars.current(session).version)


def frozen_figure(
    session: Session, actor: Actor, month: Mapping[str, Any], name: str, by: str | None = None
) -> Told:
    """Return a figure or amount as the frozen version `month` counted it, broken down by `by`.

    Raises Forbidden, NotFound (also where the version is older than the figure), InvalidInput (the version
    did not keep this breakdown).
    """
    actor.require("report.read")
    figure, body = named(name), month["body"]
    _check_kept(body, name, by)
    found: Measured | Reckoned
    if isinstance(figure, Figure):
        found = _measured(body, figure, by)
    else:
        found = _reckoned(session, month, figure, by)
    computed_at = datetime.fromisoformat(body["computed_at"])
    return Told(found, computed_at, body["versions"][name], body["calendar"])


def frozen_figures(session: Session, actor: Actor, month: Mapping[str, Any]) -> list[Told]:
    """Return every figure and amount of a frozen version, without groups. Raises Forbidden."""
    kept = [name for name in (*FIGURES, *AMOUNTS) if name in month["body"]["versions"]]
    return [frozen_figure(session, actor, month, name) for name in kept]


def vulnerable_gaps(body: Mapping[str, Any]) -> dict[str, Change]:
    """Return by figure how vulnerable customers (`after`) fared beside the others (`before`) by a frozen
    version; nothing where the version did not keep it. Asks nobody's permission: callers have.
    """
    if VULNERABLE not in body["groups"]:
        return {}
    lines = {name: body["figures"][name]["by"].get(VULNERABLE, {}) for name in COMPARED}
    return {
        name: Change(_proportion(each, "False"), _proportion(each, "True")) for name, each in lines.items()
    }


def _proportion(lines: Mapping[str, Sequence[int]], value: str) -> Proportion:
    of, hits = lines.get(value, (0, 0))
    return Proportion(hits, of)


def frozen_cases(
    session: Session,
    actor: Actor,
    months: Sequence[Mapping[str, Any]],
    name: str,
    part: str,
    *,
    by: str | None = None,
    value: str = "",
    limit: int = 100,
    cursor: str | None = None,
) -> Page:
    """Return the numbers of the cases of a figure or amount as frozen versions counted them (of one month, or
    of the months of a report); with `by` those of one group, an empty `value` being those of which it is not
    known.

    Raises Forbidden, NotFound, InvalidInput (a version did not keep this breakdown).
    """
    actor.require("report.read")
    for each in months:
        _check_kept(each["body"], name, by)
    counted = (and_(_CASE.frozen_id == each["id"], *_counted(each["body"], name, part)) for each in months)
    query = select(_CASE.complaint_no, _CASE.frozen_id).where(
        or_(*counted), *not_about(actor, _CASE.complaint_no)
    )
    if by is not None:
        group = JsonText(_CASE.groups, by)
        value = value.capitalize() if by == VULNERABLE else value
        query = query.where(group == value if value else group.is_(None))
    return page(
        session, query, Order("no", (_CASE.complaint_no, _CASE.frozen_id)), limit=limit, cursor=cursor
    )


def _counted(body: Mapping[str, Any], name: str, part: str) -> list[ColumnElement[bool]]:
    """Return the conditions of the cases in a part of a figure, or with a number of an amount."""
    if name not in body["order"]:
        return [JsonText(_CASE.amounts, name).is_not(None)]
    bit = 1 << body["order"].index(name)
    asked, hit = _CASE.asked.op("&")(bit) != 0, _CASE.hit.op("&")(bit)
    return [asked] if part == "all" else [asked, hit != 0 if part == "hits" else hit == 0]


def _check_kept(body: Mapping[str, Any], name: str, by: str | None) -> None:
    if name not in body["versions"]:
        raise NotFound(f"there is no figure {name!r} in this version")
    if by is not None and by not in body["groups"]:
        message = f"figures are broken down by {', '.join(body['groups'])}"
        raise InvalidInput(message, {"by": [message]})


def _measured(body: Mapping[str, Any], figure: Figure, by: str | None) -> Measured:
    counts = body["figures"][figure.name]
    lines = counts["by"].get(by, {}) if by else {}
    compares = by in PEOPLE_AND_UNITS
    waits_until = body["waiting"].get(figure.name)
    return Measured(
        figure,
        Proportion(counts["hits"], counts["of"]),
        [
            Line(value or None, Proportion(hits, of), not compares or of >= figure.least)
            for value, (of, hits) in lines.items()
        ],
        body["settings"][figure.target] / 100 if figure.target else None,
        datetime.fromisoformat(waits_until) if waits_until else None,
    )


def _reckoned(session: Session, month: Mapping[str, Any], amount: Amount, by: str | None) -> Reckoned:
    if by is None:
        kept = month["body"]["amounts"].get(amount.name)
        return Reckoned(amount, Spread(**kept) if kept else spread(()))
    cases = seen_of(session, month["id"])
    known = (
        (each.amounts[amount.name], each.groups.get(by)) for each in cases if amount.name in each.amounts
    )
    return spread_out(amount, by, known)
