"""The form of a periodic return: one row a complaint, its columns, and the check of every row (R65).

The check follows how regulators take such files by machine: each row is looked at by itself and with the
others, and every finding names row, field and what is wrong. An error keeps a return from being filed; a
warning is for whoever approves it.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

VERSION: Final = "1"
"""The version of the form; a file of another one has other columns."""
COLUMNS: Final = (
    "number",
    "channel",
    "category",
    "product",
    "partner",
    "grade",
    "status",
    "received_on",
    "due_on",
    "statutory_due_on",
    "answered_on",
    "working_days",
    "finding",
    "root_cause",
    "compensation_cny",
    "is_repeat",
    "vulnerable",
)
REQUIRED: Final = ("number", "channel", "category", "grade", "status", "received_on", "due_on")
ALLOWED: Final[Mapping[str, frozenset[Any]]] = {
    "category": frozenset({"business", "service", "product", "other"}),
    "grade": frozenset({1, 2, 3}),
    "finding": frozenset({"substantiated", "partly", "unsubstantiated"}),
}
ANSWERED: Final = frozenset({"notified", "archived"})
TOTALS: Final = ("channel", "category", "grade", "status")
ERROR, WARNING = "error", "warning"
_DATES: Final = ("received_on", "due_on", "statutory_due_on", "answered_on")
_MONEY: Final = "compensation_cny"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: in a row (counted from 1; None is the whole return) and field of it."""

    level: str
    code: str
    row: int | None = None
    no: str | None = None
    field: str | None = None

    def plain(self) -> dict[str, Any]:
        """Return it as JSON values."""
        names = ("level", "code", "row", "no", "field")
        return {name: getattr(self, name) for name in names}


def check_return(rows: Sequence[Row], expected: int) -> list[Finding]:
    """Return what is wrong with a return; `expected` is how many complaints the frozen figures count."""
    found = [each for number, row in enumerate(rows, start=1) for each in _check_row(number, row)]
    times = Counter(row["number"] for row in rows)
    found += [
        Finding(ERROR, "twice", number, row["number"], "number")
        for number, row in enumerate(rows, start=1)
        if times[row["number"]] > 1
    ]
    if len(rows) != expected:
        found.append(Finding(ERROR, "total"))
    return found


def _check_row(number: int, row: Row) -> Iterator[Finding]:
    def finding(level: str, code: str, field: str) -> Finding:
        return Finding(level, code, number, str(row["number"]), field)

    is_withdrawn = row["status"] == "withdrawn"  # perhaps before it was graded
    for field in REQUIRED:
        if row[field] in (None, "") and not (is_withdrawn and field in ("category", "grade")):
            yield finding(ERROR, "missing", field)
    for field, allowed in ALLOWED.items():
        if row[field] not in (None, "") and row[field] not in allowed:
            yield finding(ERROR, "unknown", field)
    yield from _check_dates(row, finding)
    is_answered = row["status"] in ANSWERED
    if is_answered and row["answered_on"] is None:
        yield finding(ERROR, "missing", "answered_on")
    if is_answered and not row["finding"]:
        yield finding(WARNING, "missing", "finding")
    amount = row["compensation_cny"]
    if amount is not None and amount < 0:
        yield finding(ERROR, "negative", "compensation_cny")
    if amount and row["finding"] == "unsubstantiated":
        yield finding(WARNING, "paid_without_ground", "compensation_cny")


def _check_dates(row: Row, finding: Any) -> Iterator[Finding]:
    received: date | None = row["received_on"]
    for field in ("due_on", "statutory_due_on", "answered_on"):
        if received is not None and row[field] is not None and row[field] < received:
            yield finding(ERROR, "before_receipt", field)


def plain_row(row: Row) -> dict[str, Any]:
    """Return a row as JSON values, to be kept; `read_row` reads it back."""
    return {
        name: value.isoformat() if isinstance(value, date) else str(value) if name == _MONEY else value
        for name in COLUMNS
        if (value := row[name]) is not None
    }


def read_row(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row that `plain_row` made JSON of."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS) | dict(plain)
    row |= {name: date.fromisoformat(row[name]) for name in _DATES if row[name] is not None}
    return row | {_MONEY: Decimal(row[_MONEY]) if row[_MONEY] is not None else None}


def totals_of(rows: Iterable[Row]) -> dict[str, dict[str, int]]:
    """Return how many rows there are of each value of the columns that a return is summed up by."""
    counted: dict[str, Counter[str]] = {name: Counter() for name in TOTALS}
    for row in rows:
        for name in TOTALS:
            counted[name]["" if row[name] is None else str(row[name])] += 1
    return {name: dict(sorted(counter.items())) for name, counter in counted.items()}


def as_csv(rows: Iterable[Row]) -> bytes:
    """Return the return as a CSV file (UTF-8 with its mark, so that spreadsheets read it; RFC 4180).

    A nil return is its heading alone.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return "\ufeff".encode() + text.getvalue().encode()


def _cell(value: Any) -> str:
    """A text that a spreadsheet would take for a formula is marked as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | Decimal):
        return str(value)
    text = str(value)
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
