"""How much business there was, and complaints held against it: per 10,000 accounts, per million lent (R58).

Numbers are entered by month and product, one by one or as a file; what is entered later corrects what was
entered before, which stays to be read. A month or product without numbers is left out of a rate on both
sides, and how many complaints that leaves out is told.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.domain.deadlines import local_date
from engine.domain.kpi import Period, Rate, month_of, read_period
from engine.errors import InvalidInput
from engine.people.actor import Actor
from engine.quality.conditions import CASE, Asked, received
from engine.quality.report.draft import months_of
from engine.read.paging import Order, Page, page
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.tables.measures import BusinessVolume

PER_ACCOUNTS: Final = 10_000.0
PER_LENT: Final = 100_000_000.0
"""A million yuan, in cents."""
COLUMNS: Final = ("month", "product", "accounts", "lent", "reason")
MOST_ROWS: Final = 5_000
MOST: Final = 10**12
_VOLUME = table_of(BusinessVolume)


@dataclass(frozen=True, slots=True)
class ProductRate:
    """A product (None: all together) with its complaints to accounts and months, and to the amount lent."""

    product: str | None
    accounts: Rate
    lent: Rate


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of a period: all together, by product, and the complaints of products without numbers."""

    total: ProductRate
    products: list[ProductRate]
    left_out: int


def enter_volumes(rt: Runtime, actor: Actor, rows: Iterable[Mapping[str, Any]]) -> int:
    """Keep numbers of months and products (`COLUMNS`; `lent` in yuan may be empty); return how many are new.

    All rows or none; what is kept already is not repeated. Raises Forbidden, InvalidInput by row and field.
    """
    actor.require("volumes.enter")
    today = month_of(local_date(clock.now(), rt.config.timezone)).name
    given: list[dict[str, Any]] = []
    errors: dict[str, list[str]] = {}
    for place, row in enumerate(rows):
        values, wrong = _read(row, today)
        given.append(values)
        errors |= {f"rows.{place}.{name}": text for name, text in wrong.items()}
    if errors or not given:
        message = "some rows need correction" if errors else "there is no row"
        raise InvalidInput(message, errors or {"rows": [message]})
    with rt.sessions.step() as session:
        known = {(row.month, row.product): row for row in newest(session, {each["month"] for each in given})}
        new = [each for each in given if not _same(known.get((each["month"], each["product"])), each)]
        at = clock.now()
        for each in new:
            row = {"id": new_id(), **each, "set_by": actor.username, "set_at": at}
            session.execute(insert(_VOLUME).values(row))
        if new:
            months = sorted({each["month"] for each in new})
            note(session, actor.username, "volumes.entered", {"months": months, "rows": len(new)})
        return len(new)


def rows_of_file(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV file with the heading `COLUMNS`. Raises InvalidInput."""
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        rows = [{key or "": value or "" for key, value in row.items()} for row in reader]
    except (UnicodeDecodeError, csv.Error, AttributeError) as error:
        message = "this is no CSV file in UTF-8"
        raise InvalidInput(message, {"file": [message]}) from error
    missing = {"month", "product", "accounts"} - set(reader.fieldnames or ())
    if missing:
        message = f"the heading lacks {', '.join(sorted(missing))}; it takes {', '.join(COLUMNS)}"
        raise InvalidInput(message, {"file": [message]})
    if len(rows) > MOST_ROWS:
        message = f"takes at most {MOST_ROWS} rows at once"
        raise InvalidInput(message, {"file": [message]})
    return rows


def newest(session: Session, months: Iterable[str]) -> list[Any]:
    """Return the rows that hold for these months."""
    last = select(func.max(_VOLUME.c.id)).where(_VOLUME.c.month.in_(sorted(months)))
    query = select(_VOLUME).where(_VOLUME.c.id.in_(last.group_by(_VOLUME.c.month, _VOLUME.c.product)))
    return list(session.execute(query.order_by(_VOLUME.c.month, _VOLUME.c.product)))


def volume_versions(
    session: Session, actor: Actor, *, limit: int | None = None, cursor: str | None = None
) -> Page:
    """Return everything that was entered, the newest month first and of each the newest. Raises Forbidden."""
    actor.require("report.read")
    order = Order("month", (_VOLUME.c.month, _VOLUME.c.product, _VOLUME.c.id), descending=True)
    return page(session, select(_VOLUME), order, limit=limit, cursor=cursor)


def rates(session: Session, actor: Actor, period: Period, zone: tzinfo) -> Rates:
    """Return the complaints received in a period to the business of its months. Raises Forbidden."""
    actor.require("report.read")
    found: defaultdict[str, list[float]] = defaultdict(lambda: [0, 0, 0, 0])  # cases, accounts, cases, lent
    left_out = 0
    volumes = {(row.month, row.product): row for row in newest(session, months_of(period))}
    for month in months_of(period):
        counts = _received(session, read_period(month), zone)
        for product, count in counts.items():
            left_out += count if (month, product) not in volumes else 0
        for row in (each for each in volumes.values() if each.month == month):
            sums, count = found[row.product], counts.get(row.product, 0)
            sums[0], sums[1] = sums[0] + count, sums[1] + row.accounts
            if row.lent_cents is not None:
                sums[2], sums[3] = sums[2] + count, sums[3] + row.lent_cents
    products = [_rate(product, sums) for product, sums in sorted(found.items())]
    total = [sum(each[place] for each in found.values()) for place in range(4)]
    return Rates(_rate(None, total), products, left_out)


def _rate(product: str | None, sums: list[float]) -> ProductRate:
    of_accounts = Rate(int(sums[0]), sums[1], PER_ACCOUNTS)
    return ProductRate(product, of_accounts, Rate(int(sums[2]), sums[3], PER_LENT))


def _received(session: Session, month: Period, zone: tzinfo) -> dict[str, int]:
    asked = Asked(*month.bounds(zone), clock.now())
    query = select(CASE.product, func.count()).where(received(asked)).group_by(CASE.product)
    return {row[0] or "": row[1] for row in session.execute(query)}


def _read(row: Mapping[str, Any], today: str) -> tuple[dict[str, Any], dict[str, list[str]]]:
    wrong: dict[str, list[str]] = {}
    month, product = str(row.get("month") or "").strip(), str(row.get("product") or "").strip()
    reason = str(row.get("reason") or "").strip()
    if not _is_month(month) or month > today:
        wrong["month"] = ["takes a month that is not to come, such as 2026-03"]
    if not product or len(product) > 200:
        wrong["product"] = ["takes 1 to 200 characters"]
    if len(reason) > 500:
        wrong["reason"] = ["takes at most 500 characters"]
    accounts = _number(row.get("accounts"))
    if accounts is None or accounts != accounts.to_integral_value():
        wrong["accounts"] = ["takes a whole number from 0 on"]
    lent = _number(row.get("lent")) if row.get("lent") not in (None, "") else None
    if row.get("lent") not in (None, "") and lent is None:
        wrong["lent"] = ["takes an amount in yuan from 0 on"]
    values = {
        "month": month,
        "product": product,
        "accounts": int(accounts or 0),
        "lent_cents": None if lent is None else int(lent * 100),
        "reason": reason,
    }
    return values, wrong


def _is_month(text: str) -> bool:
    try:
        return month_of(read_period(text).first).name == text
    except InvalidInput:
        return False


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value).strip().replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number <= MOST else None


def _same(row: Any, given: Mapping[str, Any]) -> bool:
    return row is not None and (row.accounts, row.lent_cents) == (given["accounts"], given["lent_cents"])
