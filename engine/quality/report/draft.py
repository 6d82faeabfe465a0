"""Drafting a report: what the frozen figures of its months say beside the months before (R51-R53).

A draft holds numbers, names of groups and terms that several complaints share; never a text of a customer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.clusters import clusters
from engine.domain.deadlines import local_date
from engine.domain.kpi import Period, Proportion, months_of, read_period
from engine.domain.trends import chi_square, rate_changed
from engine.errors import NotFound
from engine.privacy.finding import holds_personal
from engine.privacy.values import read_values
from engine.quality.figures import FIGURES
from engine.quality.freezing import frozen
from engine.quality.rates import rates_of_versions
from engine.quality.snapshot import ALL_RECEIVED
from engine.runtime.runtime import Runtime
from engine.store.tables.cases import Complaint

DISTRIBUTIONS: Final = ("category", "grade", "channel", "product", "partner", "department")
HEADLINES: Final = (
    "timeliness",
    "timeliness-statutory",
    "satisfaction",
    "survey-response",
    "satisfaction-floor",
    "repeats",
    "identified",
    "upheld",
    "extensions",
    "silent",
    "plans-returned",
    "downgrades",
    "withdrawn",
    "not-a-complaint",
    "escalated",
    "by-regulator",
)
"""The figures of a report: what shows whether one was bought dearly stands in it, too (section 4)."""
CAUSES: Final = "upheld"
"""The figure that asks about everything whose cause was found."""
SURE: Final = 0.01
"""A rise becomes a problem of the report below this probability of chance."""
LEAST_OF_PROBLEM: Final = 5
GREAT_PART: Final = 0.3
"""A root cause with this part of all is a problem of its own."""
MOST_TEXTS: Final = 5_000
MOST_CLUSTERS: Final = 10


def months_before(period: Period) -> list[str]:
    """Return as many months as the period has, right before it."""
    first, count = period.first.year * 12 + period.first.month - 1, period.months
    return [f"{each // 12}-{each % 12 + 1:02d}" for each in range(first - count, first)]


def draft(rt: Runtime, session: Session, period: Period) -> dict[str, Any]:
    """Return the body of a report. Raises NotFound where a month of it is not frozen."""
    now = [frozen(session, name) for name in months_of(period)]
    before = _frozen_where_there(rt, session, months_before(period))
    after_days, before_days = _days(now), _days(before)
    found: dict[str, Any] = {
        "period": period.name,
        "versions": {each["period"]: each["version"] for each in now},
        "before": {each["period"]: each["version"] for each in before},
        "settings": now[-1]["body"]["settings"],
    }
    found["volume"] = _counts(_of(now, ALL_RECEIVED), _of(before, ALL_RECEIVED), after_days, before_days)
    found["distribution"] = {
        by: _distribution(now, before, ALL_RECEIVED, by, after_days, before_days) for by in DISTRIBUTIONS
    }
    found["rates"] = rates_of_versions(session, now).plain()
    found["figures"] = {name: _figure(now, before, name) for name in HEADLINES}
    found["pareto"] = _pareto(now)
    found["clusters"] = _clusters(rt, session, period)
    found["problems"] = _problems(found)
    return found


def _frozen_where_there(rt: Runtime, session: Session, names: Iterable[str]) -> list[dict[str, Any]]:
    """Return the frozen months, none where one is missing or lies before there were complaints at all."""
    earliest = session.scalar(select(func.min(Complaint.received_at)))
    first = local_date(earliest, rt.config.timezone) if earliest is not None else date.max
    found = []
    for name in names:
        if read_period(name).following <= first:
            return []
        try:
            found.append(frozen(session, name))
        except NotFound:
            return []  # a part of the time before says nothing about all of it
    return found


def _days(versions: Iterable[Mapping[str, Any]]) -> int:
    periods = [read_period(each["period"]) for each in versions]
    return sum((each.following - each.first).days for each in periods)


def _of(versions: Iterable[Mapping[str, Any]], name: str) -> int:
    return sum(each["body"]["figures"].get(name, {"of": 0})["of"] for each in versions)


def _proportion(versions: Iterable[Mapping[str, Any]], name: str) -> Proportion:
    figures = [each["body"]["figures"].get(name, {"of": 0, "hits": 0}) for each in versions]
    return Proportion(sum(each["hits"] for each in figures), sum(each["of"] for each in figures))


def _counts(after: int, before: int, after_days: int, before_days: int) -> dict[str, Any]:
    p = rate_changed(after, before, after_days, before_days) if before_days else None
    return {"count": after, "before": before if before_days else None, "p": p}


def _by(versions: Iterable[Mapping[str, Any]], name: str, by: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for each in versions:
        lines = each["body"]["figures"].get(name, {"by": {}})["by"].get(by, {})
        counts.update({value: line[0] for value, line in lines.items()})
    return counts


def _distribution(
    now: Sequence[Mapping[str, Any]],
    before: Sequence[Mapping[str, Any]],
    name: str,
    by: str,
    after_days: int,
    before_days: int,
) -> dict[str, Any]:
    after, earlier = _by(now, name, by), _by(before, name, by)
    values = sorted(after | earlier, key=lambda value: (-after[value], value))
    tested = chi_square([[after[value] for value in values], [earlier[value] for value in values]])
    return {
        "p": tested.p if tested else None,
        "rows": [
            {"value": value, **_counts(after[value], earlier[value], after_days, before_days)}
            for value in values
        ],
    }


def _figure(
    now: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]], name: str
) -> dict[str, Any]:
    after, earlier = _proportion(now, name), _proportion(before, name)
    table = [[after.hits, after.of - after.hits], [earlier.hits, earlier.of - earlier.hits]]
    tested = chi_square(table)
    target = FIGURES[name].target
    return {
        "of": after.of,
        "hits": after.hits,
        "before_of": earlier.of,
        "before_hits": earlier.hits,
        "p": tested.p if tested else None,
        "target": now[-1]["body"]["settings"].get(target) if target else None,
    }


def _pareto(now: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    counts = _by(now, CAUSES, "cause")
    counts.pop("", None)
    total, reached, found = sum(counts.values()), 0, []
    for value, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        reached += count
        found.append({"value": value, "count": count, "share": count / total, "cumulative": reached / total})
    return found


def _clusters(rt: Runtime, session: Session, period: Period) -> list[dict[str, Any]]:
    """Return groups of similar complaints received in the period: their numbers, and terms that tell nobody.

    A term that holds a number or address, or is part of a name of one of the customers, is left out.
    """
    from opencc import OpenCC  # for the few who write reports

    start, end = period.bounds(rt.config.timezone)
    query = select(Complaint.no, Complaint.personal).where(
        Complaint.received_at >= start, Complaint.received_at < end
    )
    rows = session.execute(query.order_by(Complaint.received_at.desc(), Complaint.no).limit(MOST_TEXTS)).all()
    refs = [row.personal[key] for row in rows for key in ("content", "name") if row.personal.get(key)]
    values: dict[str, Any] = {}
    for first in range(0, len(refs), 500):
        values |= read_values(session, rt.keyring, refs[first : first + 500])
    texts = [str(values.get(row.personal.get("content"), "") or "") for row in rows]
    people = [str(values.get(row.personal.get("name"), "") or "").casefold() for row in rows]
    found = []
    for each in clusters(texts, fold=OpenCC("t2s").convert):
        names = [people[place] for place in each.members if people[place]]
        terms = [term for term in each.terms if not holds_personal(term) and not _names(term, names)]
        if terms:
            numbers = sorted(rows[place].no for place in each.members)
            found.append({"terms": terms, "count": len(numbers), "cases": numbers})
    return found[:MOST_CLUSTERS]


def _names(term: str, people: Iterable[str]) -> bool:
    return any(term in name or name in term for name in people)


def _problems(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what people should look into, each with an id that measures can name (R53)."""
    found: list[dict[str, Any]] = []
    for name, figure in body["figures"].items():
        proportion = Proportion(figure["hits"], figure["of"])
        if (
            figure["target"] is not None
            and proportion.interval is not None
            and _missed(name, figure, proportion)
        ):
            found.append({"kind": "target", "figure": name, "value": ""})
    for by, distribution in body["distribution"].items():
        found += [
            {"kind": "rise", "figure": by, "value": row["value"]}
            for row in distribution["rows"]
            if row["value"] and row["count"] >= LEAST_OF_PROBLEM and _rises(row)
        ]
    found += [
        {"kind": "cause", "figure": "cause", "value": row["value"]}
        for row in body["pareto"]
        if row["share"] >= GREAT_PART and row["count"] >= LEAST_OF_PROBLEM
    ]
    found += [
        {"kind": "cluster", "figure": "cluster", "value": " · ".join(each["terms"])}
        for each in body["clusters"]
        if each["count"] >= LEAST_OF_PROBLEM
    ]
    return [{"id": f"{body['period']}-P{number}", **each} for number, each in enumerate(found, 1)]


def _missed(name: str, figure: Mapping[str, Any], proportion: Proportion) -> bool:
    """Whether the whole interval lies on the wrong side of the target."""
    low, high = proportion.interval or (0.0, 1.0)
    target = float(figure["target"]) / 100
    return high < target if FIGURES[name].good_is_high else low > target


def _rises(row: Mapping[str, Any]) -> bool:
    return bool(row["p"] is not None and row["p"] < SURE and row["count"] > (row["before"] or 0))
