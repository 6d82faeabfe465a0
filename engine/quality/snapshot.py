"""All figures of a month from one look at its cases, so that they are of one moment and can be made again.

Each case that any figure asks about becomes a row: which figures ask about it, which count it, its groups and
its amounts. Totals and groups are sums over such rows and of nothing else.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Float, case, cast, or_, select
from sqlalchemy.orm import Session

from engine.audit.canonical import canonical
from engine.domain.kpi import spread
from engine.quality.conditions import CASE, SOURCE, Asked, ends_within, is_open, within
from engine.quality.figures import AMOUNTS, BREAKDOWNS, FIGURES
from engine.store.types import instant_text

GROUPS: Final = (
    "grade",
    "category",
    "channel",
    "department",
    "handler",
    "partner",
    "product",
    "cause",
    "vulnerable",
)
"""The breakdowns that are kept with each case; versions of older releases name those that they kept."""
MOST_IN_GROUP: Final = 200
ALL_RECEIVED: Final = "withdrawn"
"""The figure that asks about everything received in the period."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as it was seen: bits of the figures (in the order of `names`), groups, amounts, and its row of a
    periodic return where that was looked at.
    """

    no: str
    asked: int
    hit: int
    groups: Mapping[str, Any]
    amounts: Mapping[str, float]
    returned: Mapping[str, Any] | None = None


def names() -> list[str]:
    """Return the figures in the order of their bits."""
    return list(FIGURES)


def versions() -> dict[str, int]:
    """Return the version of the definition of each figure and amount."""
    return {name: each.version for table in (FIGURES, AMOUNTS) for name, each in table.items()}


def look(
    session: Session, asked: Asked, returned: Mapping[str, ColumnElement[Any]] | None = None
) -> list[Seen]:
    """Return every case that a figure or amount of the period asks about, by number, in one statement: with
    the values of the columns `returned` (by name) where they are given.
    """
    also = returned or {}
    figures = list(FIGURES.values())
    marks = [case((each.of(asked), case((each.hit(asked), 2), else_=1)), else_=0) for each in figures]
    values = [cast(case((each.of(asked), each.value)), Float) for each in AMOUNTS.values()]
    groups = [BREAKDOWNS[name](asked) for name in GROUPS]
    columns = [CASE.no, *marks, *groups, *values, *also.values()]
    query = select(*columns).select_from(SOURCE).where(candidates(asked))
    count, of_groups = len(figures), len(GROUPS)
    of_amounts = 1 + count + of_groups + len(AMOUNTS)
    return [
        Seen(
            row[0],
            sum(1 << bit for bit, mark in enumerate(row[1 : count + 1]) if mark),
            sum(1 << bit for bit, mark in enumerate(row[1 : count + 1]) if mark == 2),
            _known(GROUPS, row[count + 1 : count + 1 + of_groups]),
            _known(AMOUNTS, row[count + 1 + of_groups : of_amounts]),
            dict(zip(also, row[of_amounts:], strict=True)) if also else None,
        )
        for row in session.execute(query.order_by(CASE.no))
    ]


def candidates(asked: Asked) -> ColumnElement[bool]:
    """Cases with a date in the period; in the period that runs, whatever is open as well."""
    dates = [within(each, asked) for each in (CASE.received_at, CASE.notified_at)]
    dates += [ends_within(each, asked) for each in (CASE.due_at, CASE.statutory_due_at)]
    runs = [is_open()] if asked.start <= asked.now < asked.end else []
    return or_(*dates, *runs)


def _known(keys: Iterable[str], values: Sequence[Any]) -> dict[str, Any]:
    known = ((key, value) for key, value in zip(keys, values, strict=True) if value is not None)
    return {key: str(value) if isinstance(value, bool) else value for key, value in known}


def summarise(
    seen: Iterable[Seen], order: Sequence[str], groups: Sequence[str] = GROUPS, *, most: int = MOST_IN_GROUP
) -> dict[str, Any]:
    """Return the totals and groups of all figures, and the spreads of all amounts, as JSON values.

    `order` are the names of the figures by bit, `groups` the breakdowns, with at most `most` values each. A
    figure is `{of, hits, by: {breakdown: {value: [of, hits]}}}`; the value of a group that is not known is
    empty. Amounts that no case has are left out.
    """
    figures: dict[str, Any] = {name: {"of": 0, "hits": 0, "by": {}} for name in order}
    amounts: dict[str, list[float]] = defaultdict(list)
    for each in seen:
        for bit, name in enumerate(order):
            if each.asked >> bit & 1:
                _count(figures[name], each, each.hit >> bit & 1, groups)
        for name, value in each.amounts.items():
            amounts[name].append(value)
    for found in figures.values():
        found["by"] = {group: _largest(lines, most) for group, lines in found["by"].items()}
    return {"figures": figures, "amounts": {name: _spread(values) for name, values in amounts.items()}}


def _count(found: dict[str, Any], each: Seen, hit: int, groups: Sequence[str]) -> None:
    found["of"] += 1
    found["hits"] += hit
    for group in groups:
        line = found["by"].setdefault(group, {}).setdefault(str(each.groups.get(group, "")), [0, 0])
        line[0] += 1
        line[1] += hit


def _largest(lines: Mapping[str, list[int]], most: int) -> dict[str, list[int]]:
    return dict(sorted(lines.items(), key=lambda each: (-each[1][0], each[0]))[:most])


def _spread(values: Iterable[float]) -> dict[str, Any]:
    found = spread(values)
    return {
        "of": found.of,
        "median": found.median,
        "p90": found.p90,
        "mean": found.mean,
        "total": found.total,
    }


def body_of(
    asked: Asked, seen: Sequence[Seen], calendar_version: str, most: int = MOST_IN_GROUP
) -> dict[str, Any]:
    """Return the figures of a period with all that is needed to make them again."""
    waiting = {
        name: instant_text(figure.ready_at(asked))
        for name, figure in FIGURES.items()
        if figure.ready_at(asked) > asked.now
    }
    return {
        "start": instant_text(asked.start),
        "end": instant_text(asked.end),
        "computed_at": instant_text(asked.now),
        "calendar": calendar_version,
        "settings": dict(asked.settings),
        "order": names(),
        "groups": list(GROUPS),
        "versions": versions(),
        "waiting": waiting,
        "cases": {"count": len(seen), "sha256": digest_of_cases(seen)},
        **summarise(seen, names(), most=most),
    }


def digest_of_cases(seen: Iterable[Seen]) -> str:
    """Return the SHA-256 over the cases, one line each in the order of their numbers."""
    total = hashlib.sha256()
    for each in seen:
        returned = [] if each.returned is None else [each.returned]  # versions of older releases have none
        line = [each.no, each.asked, each.hit, each.groups, each.amounts, *returned]
        total.update(canonical(line) + b"\n")
    return total.hexdigest()


def digest_of(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the body of a version, which holds that of its cases."""
    return hashlib.sha256(canonical(body)).hexdigest()
