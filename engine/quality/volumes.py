"""How much business there was: what complaints are held against (R58, `engine.quality.rates`).

Numbers are entered by month and product, or by month and partner (of all its products, or of one), one by one
or as a file; what is entered later corrects what was entered before, which stays to be read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.domain.deadlines import local_date
from engine.domain.kpi import month_of, read_period
from engine.errors import InvalidInput
from engine.people.actor import Actor
from engine.people.partners import comparable, known_names
from engine.read.paging import Order, Page, page
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.tables.measures import BusinessVolume

COLUMNS: Final = ("month", "product", "partner", "accounts", "lent", "reason")
NEEDED: Final = frozenset({"month", "accounts"})
"""What the heading of a file cannot lack, beside one of `product` and `partner`."""
MOST_ROWS: Final = 5_000
MOST_PRODUCT: Final = 200
MOST_REASON: Final = 500
MOST: Final = 10**12
_VOLUME = table_of(BusinessVolume)
_KEY = (_VOLUME.c.month, _VOLUME.c.product, _VOLUME.c.partner)


def enter_volumes(rt: Runtime, actor: Actor, rows: Iterable[Mapping[str, Any]]) -> int:
    """Keep numbers of months, products and partners (`COLUMNS`; `lent` in yuan may be empty, `partner` is an
    id or a name of the register); return how many are new.

    All rows or none; what is kept already is not repeated. Raises Forbidden, InvalidInput by row and field.
    """
    actor.require("volumes.enter")
    with rt.sessions.read() as session:
        partners = known_names(session)
    today = month_of(local_date(clock.now(), rt.config.timezone)).name
    given: list[dict[str, Any]] = []
    errors: dict[str, list[str]] = {}
    for place, row in enumerate(rows):
        values, wrong = _read(row, today, partners)
        given.append(values)
        errors |= {f"rows.{place}.{name}": text for name, text in wrong.items()}
    if errors or not given:
        message = "some rows need correction" if errors else "there is no row"
        raise InvalidInput(message, errors or {"rows": [message]})
    with rt.sessions.step() as session:
        known = {_key(row._mapping): row for row in newest(session, {each["month"] for each in given})}
        new = [each for each in given if not _same(known.get(_key(each)), each)]
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
    heading = set(reader.fieldnames or ())
    missing = NEEDED - heading | (set() if heading & {"product", "partner"} else {"product"})
    if missing:
        message = f"the heading lacks {', '.join(sorted(missing))}; it takes {', '.join(COLUMNS)}"
        raise InvalidInput(message, {"file": [message]})
    if unknown := heading - {*COLUMNS, ""}:  # a partner's column under another name would be everybody's
        message = f"no column is called {', '.join(sorted(unknown))}; the heading takes {', '.join(COLUMNS)}"
        raise InvalidInput(message, {"file": [message]})
    if len(rows) > MOST_ROWS:
        message = f"takes at most {MOST_ROWS} rows at once"
        raise InvalidInput(message, {"file": [message]})
    return rows


def newest(session: Session, months: Iterable[str]) -> list[Any]:
    """Return the rows that hold for these months."""
    last = select(func.max(_VOLUME.c.id)).where(_VOLUME.c.month.in_(sorted(months)))
    query = select(_VOLUME).where(_VOLUME.c.id.in_(last.group_by(*_KEY)))
    return list(session.execute(query.order_by(*_KEY)))


def volume_versions(
    session: Session, actor: Actor, *, limit: int | None = None, cursor: str | None = None
) -> Page:
    """Return everything that was entered, the newest month first and of each the newest. Raises Forbidden."""
    actor.require("report.read")
    order = Order("month", (*_KEY, _VOLUME.c.id), descending=True)
    return page(session, select(_VOLUME), order, limit=limit, cursor=cursor)


def _read(
    row: Mapping[str, Any], today: str, partners: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    errors: dict[str, list[str]] = {}
    month, product, named, reason = (
        str(row.get(name) or "").strip() for name in ("month", "product", "partner", "reason")
    )
    partner = partners.get(comparable(named), "") if named else ""
    if not _is_month(month) or month > today:
        errors["month"] = ["takes a month that is not to come, such as 2026-03"]
    if len(product) > MOST_PRODUCT:
        errors["product"] = [f"takes at most {MOST_PRODUCT} characters"]
    elif not product and not named:
        errors["product"] = ["names a product, or the row names a partner"]
    if named and not partner:
        errors["partner"] = [
            "no partner of the register is called so: add it there first, or this name to it"
        ]
    if len(reason) > MOST_REASON:
        errors["reason"] = [f"takes at most {MOST_REASON} characters"]
    accounts = _number(row.get("accounts"))
    if accounts is None or accounts != accounts.to_integral_value():
        errors["accounts"] = ["takes a whole number from 0 on"]
    lent = _number(row.get("lent")) if row.get("lent") not in (None, "") else None
    if row.get("lent") not in (None, "") and lent is None:
        errors["lent"] = ["takes an amount in yuan from 0 on"]
    values = {
        "month": month,
        "product": product,
        "partner": partner,
        "accounts": int(accounts or 0),
        "lent_cents": None if lent is None else int(lent * 100),
        "reason": reason,
    }
    return values, errors


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["month"], row["product"], row["partner"]


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
