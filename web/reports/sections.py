"""A report as tables: the same for the page, the PDF and the workbook (R52, R53)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from engine.documents.tables import FIRST, Cell, Table
from engine.domain.kpi import Proportion
from engine.quality.figures import FIGURES
from engine.quality.rates import COUNTED, HELD, PRODUCT, BusinessRate
from engine.quality.report.draft import CAUSES, DISTRIBUTIONS, HEADLINES
from engine.quality.report.measures import cluster_of, counted
from engine.quality.snapshot import ALL_RECEIVED
from engine.read.people import display_names
from web import measures
from web.extensions import db
from web.gettext import gettext
from web.reports.naming import group_names
from web.times import day_text, last_day
from web.words import word

DRAWN_CASES = 8


def tables_of(no: str, body: Mapping[str, Any], measured: Mapping[str, Mapping[str, Any]]) -> list[Table]:
    """Return the tables of the report `no`: problems first, then volume, distribution, outcome, causes,
    clusters. What stands behind a row are the cases of the frozen versions that it was counted by.

    `measured` are the measures for its problems by the problem's id.
    """
    return [
        _problems(body, measured),
        _volume(no, body),
        *(
            _distribution(no, by, body["distribution"][by])
            for by in DISTRIBUTIONS
            if by in body["distribution"]
        ),
        *(_rates(no, body, by) for by in HELD if "rates" in body),
        _figures(no, body),
        _pareto(no, body),
        _clusters(body),
    ]


def _chance(p: float | None) -> str:
    """Say what the test of a whole distribution found."""
    if p is None:
        return gettext(
            "The distribution cannot be tested against the time before: "
            "there is none, there are too few cases, or it is one group alone."
        )
    told = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    if p < 0.01:
        return gettext("The distribution has changed since the time before (chi-square, %(p)s).", p=told)
    return gettext("Chance alone may explain how the distribution has changed (chi-square, %(p)s).", p=told)


def _volume(no: str, body: Mapping[str, Any]) -> Table:
    found = body["volume"]
    return Table(
        gettext("Volume"),
        gettext("p: how likely so great a difference is by chance alone (Poisson, exact)."),
        [gettext("Figure"), gettext("This period"), gettext("Time before"), "p"],
        ["text", "count", "count", "p"],
        [[gettext("Received"), found["count"], found["before"], found["p"]]],
        links=[_cases(no, ALL_RECEIVED)],
    )


def _distribution(no: str, by: str, found: Mapping[str, Any]) -> Table:
    names = group_names(by, {row["value"] for row in found["rows"]})
    total = sum(row["count"] for row in found["rows"])
    rows: list[list[Cell]] = [
        [
            names.get(row["value"], row["value"]) or gettext("not yet known"),
            row["count"],
            row["count"] / total if total else None,
            row["before"],
            row["p"],
        ]
        for row in found["rows"]
    ]
    head = [
        word(measures.BREAKDOWNS, by),
        gettext("This period"),
        gettext("Share"),
        gettext("Time before"),
        "p",
    ]
    title = gettext("Distribution: %(by)s", by=word(measures.BREAKDOWNS, by))
    links = [_cases(no, ALL_RECEIVED, by, row["value"]) for row in found["rows"]]
    kinds = ["text", "count", "share", "count", "p"]
    note, rest = _chance(found["p"]), _rest(rows, added=(1, 2, 3))
    return Table(title, note, head, kinds, rows, drawn=1, links=links, rest=rest)


def _rest(rows: Sequence[Sequence[Any]], added: Collection[int]) -> list[Cell]:
    """Return a row of all those behind the first ones: of them the columns that can be `added` up alone."""
    others = rows[FIRST:]
    if not others:
        return []
    sums = [
        sum(cells) if place in added and None not in cells else None
        for place, cells in enumerate(zip(*others, strict=True))
    ]
    return [gettext("The other %(count)s", count=len(others)), *sums[1:]]


def _rates(no: str, body: Mapping[str, Any], by: str) -> Table:
    """Complaints held against the business, by product or by partner, as the frozen versions counted them:
    those with the most first. Accounts are not added up, since partners may share one.
    """
    found = body["rates"]
    lines, left_out = [found["total"], *found["products"]], found["left_out"]
    if by != PRODUCT:
        lines, left_out = found["partners"], found["partners_left_out"]
    rates = [BusinessRate.of_plain(each) for each in lines] if len(lines) > (by == PRODUCT) else []
    rates.sort(key=lambda each: (each.value is not None, -each.accounts.count, each.value or ""))
    names = group_names(by, {each.value for each in rates if each.value})
    rows: list[list[Cell]] = [
        [
            gettext("All together") if each.value is None else names.get(each.value, each.value),
            each.accounts.count,
            int(each.accounts.exposure),
            each.accounts.value,
            *(each.accounts.interval or (None, None)),
            each.lent.value,
            *(each.lent.interval or (None, None)),
        ]
        for each in rates
    ]
    notes = [
        gettext("Intervals are of 95 per cent (Poisson, exact); months are those of the frozen figures.")
    ]
    if not rates:
        notes = [gettext("No numbers of accounts were entered when the report was drafted.")]
    if left_out:
        told = gettext(
            "%(count)s complaints of months, products or partners without numbers are left out.",
            count=left_out,
        )
        notes.append(told)
    groups = [(by, each.value) if each.value is not None else (None, "") for each in rates]
    return Table(
        gettext("Complaints held against the business: %(by)s", by=word(measures.BREAKDOWNS, by)),
        " ".join(notes),
        [
            word(measures.BREAKDOWNS, by),
            gettext("Complaints"),
            gettext("Accounts and months"),
            gettext("To 10,000"),
            gettext("Interval from"),
            gettext("to"),
            gettext("To a million lent"),
            gettext("Interval from"),
            gettext("to"),
        ],
        ["text", "count", "count", *["rate"] * 6],
        rows,
        drawn=3,
        links=[_cases(no, COUNTED, *group) for group in groups],
        rest=_rest(rows, added=(1,)),
    )


def _figures(no: str, body: Mapping[str, Any]) -> Table:
    rows: list[list[Cell]] = []
    for name in (each for each in HEADLINES if each in body["figures"]):
        found = body["figures"][name]
        now = Proportion(found["hits"], found["of"])
        before = Proportion(found["before_hits"], found["before_of"])
        target = found["target"] / 100 if found["target"] is not None else None
        low, high = now.interval or (None, None)
        rows.append(
            [
                word(measures.FIGURES, name),
                now.of,
                now.hits,
                now.share,
                low,
                high,
                before.share,
                found["p"],
                target,
            ]
        )
    return Table(
        gettext("Results"),
        gettext("p: how likely so great a difference is by chance alone (chi-square).")
        + " "
        + gettext("Intervals are of 95 per cent (Wilson)."),
        [
            gettext("Figure"),
            gettext("Cases"),
            gettext("Counted"),
            gettext("This period"),
            gettext("Interval from"),
            gettext("to"),
            gettext("Time before"),
            "p",
            gettext("Target"),
        ],
        ["text", "count", "count", "share", "share", "share", "share", "p", "share"],
        rows,
        drawn=3,
        links=[_cases(no, name) for name in HEADLINES if name in body["figures"]],
    )


def _pareto(no: str, body: Mapping[str, Any]) -> Table:
    return Table(
        gettext("Root causes"),
        gettext("Largest first; the last column adds them up."),
        [word(measures.BREAKDOWNS, "cause"), gettext("Cases"), gettext("Share"), gettext("Added up")],
        ["text", "count", "share", "share"],
        [
            [word(measures.CAUSES, row["value"]), row["count"], row["share"], row["cumulative"]]
            for row in body["pareto"]
        ],
        drawn=1,
        links=[_cases(no, CAUSES, "cause", row["value"]) for row in body["pareto"]],
    )


def _clusters(body: Mapping[str, Any]) -> Table:
    return Table(
        gettext("Similar complaints"),
        gettext(
            "Terms that several complaints of the period share, found by the system in what customers wrote."
        ),
        [gettext("Terms"), gettext("Cases"), gettext("Among them")],
        ["text", "count", "text"],
        [
            [" · ".join(row["terms"]), row["count"], ", ".join(row["cases"][:DRAWN_CASES])]
            for row in body["clusters"]
        ],
        drawn=1,
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem as the page shows it: how many cases of how many, the ways to them, or their numbers where no
    figure finds them; `missed` leads to those that a figure should have counted and does not.
    """

    id: str
    text: str
    hits: int
    of: int
    link: str | None
    whole: str | None
    missed: str | None
    cases: Sequence[str]


def problems_of(no: str, body: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of a report with the way to their cases."""
    found = []
    for each in body["problems"]:
        share = counted(body, each)
        is_cluster = each["kind"] == "cluster"
        link, whole, missed = _ways(no, each)
        cases = cluster_of(body, each["value"])["cases"] if is_cluster else ()
        text = problem_text(each)
        found.append(Problem(each["id"], text, share.hits, share.of, link, whole, missed, cases))
    return found


def _ways(no: str, problem: Mapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    """Return the addresses of what a problem counts, of all that it is counted of, and of what is missing."""
    kind, name = problem["kind"], problem["figure"]
    if kind == "cluster":
        return None, _cases(no, ALL_RECEIVED), None
    if kind == "target":
        missed = _cases(no, name, part="misses") if FIGURES[name].good_is_high else None
        return _cases(no, name, part="hits"), _cases(no, name), missed
    if kind == "cause":  # counted of those whose cause is known
        return _cases(no, CAUSES, name, problem["value"]), None, None
    return _cases(no, ALL_RECEIVED, name, problem["value"]), _cases(no, ALL_RECEIVED), None


def _cases(no: str, name: str, by: str | None = None, value: str = "", *, part: str = "all") -> str:
    """Return the address of the cases of a figure as the report counted them."""
    group: dict[str, Any] = {"by": by, "value": value} if by else {}
    return url_for("reports.analysis_cases", no=no, name=name, part=part, **group)


def _problems(body: Mapping[str, Any], measured: Mapping[str, Mapping[str, Any]]) -> Table:
    return Table(
        gettext("Problems and weak points"),
        gettext("What the figures point to; measures name the problem's number.")
        if body["problems"]
        else gettext("The figures point to none: no target is missed beyond chance, nothing rises."),
        [
            gettext("Number"),
            gettext("Problem"),
            gettext("Counted"),
            gettext("Cases"),
            gettext("Improvement measure"),
        ],
        ["text", "text", "count", "count", "text"],
        [
            [
                each["id"],
                problem_text(each),
                (share := counted(body, each)).hits,
                share.of,
                _measure(measured.get(each["id"])),
            ]
            for each in body["problems"]
        ],
    )


def _measure(found: Mapping[str, Any] | None) -> str | None:
    """Return a measure as a cell: its number and status, who answers for it, and its last day."""
    if found is None:
        return None
    said = f"{found['no']} {word(measures.MEASURE_STATUSES, found['status'])}"
    if found["owner"]:
        said += f" · {display_names(db.session(), [found['owner']]).get(found['owner'], found['owner'])}"
    return said + (f", {day_text(last_day(found['due_at']))}" if found["due_at"] else "")


def problem_text(each: Mapping[str, Any]) -> str:
    """Return a problem in the page's language."""
    if each["kind"] == "target":
        return gettext("Target missed: %(what)s", what=word(measures.FIGURES, each["figure"]))
    if each["kind"] == "cause":
        return gettext("Frequent root cause: %(what)s", what=word(measures.CAUSES, each["value"]))
    if each["kind"] == "cluster":
        return gettext("Many similar complaints: %(what)s", what=each["value"])
    by, value = each["figure"], each["value"]
    what = f"{word(measures.BREAKDOWNS, by)} {group_names(by, {value}).get(value, value)}"
    return gettext("Rises: %(what)s", what=what)
