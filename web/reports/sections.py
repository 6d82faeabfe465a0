"""A report as tables: the same for the page, the PDF and the workbook (R52, R53)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from engine.documents.tables import Cell, Table
from engine.domain.kpi import Proportion
from engine.quality.figures import FIGURES
from engine.quality.report.draft import CAUSES, DISTRIBUTIONS, HEADLINES
from engine.quality.report.measures import cluster_of, counted
from engine.quality.snapshot import ALL_RECEIVED
from web import measures
from web.gettext import gettext
from web.reports.naming import group_names
from web.words import word

DRAWN_CASES = 8


def tables_of(body: Mapping[str, Any], measured: Mapping[str, Mapping[str, Any]]) -> list[Table]:
    """Return the tables of a report: problems first, then volume, distribution, outcome, causes, clusters.

    `measured` are the measures for its problems by the problem's id.
    """
    return [
        _problems(body, measured),
        _volume(body),
        *(
            _distribution(by, body["distribution"][by], body["period"])
            for by in DISTRIBUTIONS
            if by in body["distribution"]
        ),
        _figures(body),
        _pareto(body),
        _clusters(body),
    ]


def _chance(p: float | None) -> str:
    """Say what the test of a whole distribution found."""
    if p is None:
        return gettext("Too few cases to test the distribution against the time before.")
    told = "< 0.001" if p < 0.001 else f"{p:.3f}"
    if p < 0.01:
        return gettext("The distribution has changed since the time before (chi-square, p = %(p)s).", p=told)
    return gettext(
        "Chance alone may explain how the distribution has changed (chi-square, p = %(p)s).", p=told
    )


def _volume(body: Mapping[str, Any]) -> Table:
    found = body["volume"]
    return Table(
        gettext("Volume"),
        gettext("p: how likely so great a difference is by chance alone (Poisson, exact)."),
        [gettext("Figure"), gettext("This period"), gettext("Time before"), "p"],
        ["text", "count", "count", "p"],
        [[gettext("Received"), found["count"], found["before"], found["p"]]],
        links=[_cases(ALL_RECEIVED, body["period"])],
    )


def _distribution(by: str, found: Mapping[str, Any], period: str) -> Table:
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
    links = [_cases(ALL_RECEIVED, period, by, row["value"]) for row in found["rows"]]
    kinds = ["text", "count", "share", "count", "p"]
    return Table(title, _chance(found["p"]), head, kinds, rows, drawn=1, links=links)


def _figures(body: Mapping[str, Any]) -> Table:
    rows: list[list[Cell]] = []
    for name in (each for each in HEADLINES if each in body["figures"]):
        found = body["figures"][name]
        now = Proportion(found["hits"], found["of"])
        before = Proportion(found["before_hits"], found["before_of"])
        target = found["target"] / 100 if found["target"] is not None else None
        rows.append([word(measures.FIGURES, name), now.of, now.share, before.share, found["p"], target])
    return Table(
        gettext("Results"),
        gettext("p: how likely so great a difference is by chance alone (chi-square)."),
        [
            gettext("Figure"),
            gettext("Cases"),
            gettext("This period"),
            gettext("Time before"),
            "p",
            gettext("Target"),
        ],
        ["text", "count", "share", "share", "p", "share"],
        rows,
        drawn=2,
        links=[_cases(name, body["period"]) for name in HEADLINES if name in body["figures"]],
    )


def _pareto(body: Mapping[str, Any]) -> Table:
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
        links=[_cases(CAUSES, body["period"], "cause", row["value"]) for row in body["pareto"]],
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
    """A problem as the page shows it: how many cases of how many, the way to them, or their numbers where no
    figure finds them.
    """

    id: str
    text: str
    hits: int
    of: int
    link: str | None
    cases: Sequence[str]


def problems_of(body: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of a report with the way to their cases."""
    found = []
    for each in body["problems"]:
        share = counted(body, each)
        is_cluster = each["kind"] == "cluster"
        link = None if is_cluster else _behind(each, body["period"])
        cases = cluster_of(body, each["value"])["cases"] if is_cluster else ()
        found.append(Problem(each["id"], problem_text(each), share.hits, share.of, link, cases))
    return found


def _behind(problem: Mapping[str, Any], period: str) -> str:
    if problem["kind"] == "target":
        high = FIGURES[problem["figure"]].good_is_high
        return _cases(problem["figure"], period, part="misses" if high else "hits")
    name = CAUSES if problem["kind"] == "cause" else ALL_RECEIVED
    return _cases(name, period, problem["figure"], problem["value"])


def _cases(name: str, period: str, by: str | None = None, value: str = "", *, part: str = "all") -> str:
    """Return the address of the cases of a figure as they stand now."""
    group: dict[str, Any] = {"by": by, "value": value} if by else {}
    return url_for("reports.behind", name=name, period=period, part=part, **group)


def _problems(body: Mapping[str, Any], measured: Mapping[str, Mapping[str, Any]]) -> Table:
    return Table(
        gettext("Problems and weak points"),
        gettext("What the figures point to; measures name the problem's number.")
        if body["problems"]
        else gettext("The figures point to none: no target is missed beyond chance, nothing rises."),
        [gettext("Number"), gettext("Problem"), gettext("Improvement measure")],
        ["text", "text", "text"],
        [[each["id"], problem_text(each), _measure(measured.get(each["id"]))] for each in body["problems"]],
    )


def _measure(found: Mapping[str, Any] | None) -> str | None:
    return f"{found['no']} {word(measures.MEASURE_STATUSES, found['status'])}" if found else None


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
