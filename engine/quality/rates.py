"""Complaints held against the business: to 10,000 accounts, to a million lent, by product or partner (R58).

A month of a product or partner without numbers is left out of a rate on both sides, and how many complaints
that leaves out is told. Counted are complaints received that count (not found to be none, not withdrawn
before their limit), as they stand now or as frozen versions counted them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.domain.kpi import Period, Rate, months_of, read_period
from engine.people.actor import Actor
from engine.quality.conditions import CASE, DERIVED, SOURCE, Asked, received
from engine.quality.freezing import frozen
from engine.quality.volumes import newest
from engine.store.base import table_of
from engine.store.json_text import JsonText
from engine.store.tables.measures import FrozenCase

PER_ACCOUNTS: Final = 10_000.0
PER_LENT: Final = 100_000_000.0
"""A million yuan, in cents."""
PRODUCT, PARTNER = "product", "partner"
HELD: Final = (PRODUCT, PARTNER)
"""The breakdowns of figures that rates are told by."""
COUNTED: Final = "repeats"
"""The figure that asks about everything that a rate counts: the way to the cases, running and frozen."""
_FROZEN = table_of(FrozenCase).c
Counts = Mapping[str, Mapping[str, int]]
"""Complaints by month and value of a breakdown; those of no known value under the empty one."""


@dataclass(frozen=True, slots=True)
class BusinessRate:
    """Of a product or partner (None: all products together) the complaints to accounts and months, and to
    the amount lent; `months` are those that have numbers.
    """

    value: str | None
    accounts: Rate
    lent: Rate
    months: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """Return the counts and exposures as JSON values, amounts in cents."""
        return {
            "value": self.value,
            "accounts": [self.accounts.count, int(self.accounts.exposure)],
            "lent": [self.lent.count, int(self.lent.exposure)],
            "months": list(self.months),
        }

    @classmethod
    def of_plain(cls, found: Mapping[str, Any]) -> BusinessRate:
        """Return what `plain` was made of."""
        return _rate(found["value"], (*found["accounts"], *found["lent"]), tuple(found["months"]))


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of a period: of all products, by product and by partner, and how many complaints are left out
    of each, since their month and product or partner has no numbers. Partners are not added up: two of them
    may have a hand in one account. `versions` are those of the frozen months, where these were asked for.
    """

    total: BusinessRate
    products: list[BusinessRate]
    left_out: int
    partners: list[BusinessRate]
    partners_left_out: int
    versions: Mapping[str, int]

    def plain(self) -> dict[str, Any]:
        """Return the counts and exposures as JSON values: what rates and intervals are made of again."""
        return {
            "total": self.total.plain(),
            "products": [each.plain() for each in self.products],
            "left_out": self.left_out,
            "partners": [each.plain() for each in self.partners],
            "partners_left_out": self.partners_left_out,
        }


def rates(session: Session, actor: Actor, period: Period, zone: tzinfo) -> Rates:
    """Return the complaints received in a period, as they stand now, to the business of its months.

    Raises Forbidden.
    """
    actor.require("report.read")
    now, months = clock.now(), months_of(period)
    asked = {month: Asked(*read_period(month).bounds(zone), now) for month in months}
    columns = {PRODUCT: CASE.product, PARTNER: DERIVED.partner}
    counts = {
        by: {month: _grouped(session, column, SOURCE, received(asked[month])) for month in months}
        for by, column in columns.items()
    }
    return _held(session, months, counts, {})


def frozen_rates(session: Session, actor: Actor, period: Period) -> Rates:
    """Return the same as the newest frozen version of each month counted it. Raises Forbidden, NotFound."""
    actor.require("report.read")
    return rates_of_versions(session, [frozen(session, month) for month in months_of(period)])


def rates_of_versions(session: Session, versions: Sequence[Mapping[str, Any]]) -> Rates:
    """Return the rates of frozen versions, each of a month. Asks nobody's permission: callers have."""
    counts: dict[str, dict[str, Mapping[str, int]]] = {by: {} for by in HELD}
    for version in versions:
        bit = 1 << version["body"]["order"].index(COUNTED)
        counting = (_FROZEN.frozen_id == version["id"], _FROZEN.asked.op("&")(bit) != 0)
        for by in HELD:
            group = JsonText(_FROZEN.groups, by)
            counts[by][version["period"]] = _grouped(session, group, FrozenCase, *counting)
    known = {version["period"]: version["version"] for version in versions}
    return _held(session, list(known), counts, known)


def _grouped(session: Session, column: Any, source: Any, *conditions: Any) -> dict[str, int]:
    value = column.label("value")
    query = select(value, func.count()).select_from(source).where(*conditions).group_by(value)
    return {row[0] or "": row[1] for row in session.execute(query)}


def _held(
    session: Session, months: Sequence[str], counts: Mapping[str, Counts], versions: Mapping[str, int]
) -> Rates:
    by_product: dict[tuple[str, str], Any] = {}
    by_partner: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in newest(session, months):
        if row.partner:
            by_partner[row.month, row.partner].append(row)
        else:
            by_product[row.month, row.product] = row
    of_products = {key: (row.accounts, row.lent_cents) for key, row in by_product.items()}
    of_partners = {key: _together(rows) for key, rows in by_partner.items()}
    products, left_out = _rates_by(counts[PRODUCT], of_products)
    named = {
        month: {name: n for name, n in found.items() if name} for month, found in counts[PARTNER].items()
    }
    partners, partners_left_out = _rates_by(named, of_partners)
    return Rates(_total(products), products, left_out, partners, partners_left_out, versions)


def _together(rows: Sequence[Any]) -> tuple[int, int | None]:
    """Return accounts and cents of a partner and month: of all its products at once where that was entered,
    else added up; an amount that one of them lacks is not known of all.
    """
    rows = [row for row in rows if not row.product] or rows
    lent = [row.lent_cents for row in rows]
    return sum(row.accounts for row in rows), None if None in lent else sum(lent)


def _rates_by(
    counts: Counts, volumes: Mapping[tuple[str, str], tuple[int, int | None]]
) -> tuple[list[BusinessRate], int]:
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])  # cases, accounts, cases, lent
    months: defaultdict[str, list[str]] = defaultdict(list)
    for (month, value), (accounts, lent) in sorted(volumes.items()):
        count = counts.get(month, {}).get(value, 0)
        added = (count, accounts, *((count, lent) if lent is not None else (0, 0)))
        sums[value] = [before + more for before, more in zip(sums[value], added, strict=True)]
        months[value].append(month)
    left_out = sum(
        count
        for month, found in counts.items()
        for value, count in found.items()
        if (month, value) not in volumes
    )
    found = [_rate(value, sums[value], tuple(months[value])) for value in sorted(sums)]
    return found, left_out


def _rate(value: str | None, sums: Sequence[int], months: tuple[str, ...]) -> BusinessRate:
    of_accounts = Rate(sums[0], sums[1], PER_ACCOUNTS)
    return BusinessRate(value, of_accounts, Rate(sums[2], sums[3], PER_LENT), months)


def _total(products: Sequence[BusinessRate]) -> BusinessRate:
    rated = [(each.accounts, each.lent) for each in products]
    sums = [
        sum(accounts.count for accounts, _ in rated),
        int(sum(accounts.exposure for accounts, _ in rated)),
        sum(lent.count for _, lent in rated),
        int(sum(lent.exposure for _, lent in rated)),
    ]
    return _rate(None, sums, tuple(sorted({month for each in products for month in each.months})))
