"""Importing complaints from a CSV file in the CFPB's published format.

What a row means for us (category, channel, the facts that grading reads) is decided by the DMN table
`import-cfpb` of the complaint family, which an owner edits in the modeler; the grade is what the grading
table gives for those facts. Companies are replaced by pseudonyms. A row is registered once, however often the
file is imported (its complaint id is kept as the source's reference).
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine import clock
from engine.cases.channels import LIFECYCLE
from engine.cases.intake import read_intake
from engine.cases.registration import register_in
from engine.errors import Conflict, InvalidInput, RedressError
from engine.people.actor import Actor
from engine.runtime.bundles import LoadedBundle, find_definition
from engine.runtime.runtime import Runtime
from engine.store.tables.cases import Complaint

SOURCE = "cfpb"
TABLE = "import_cfpb"
GRADING = "grading"
BATCH = 20
NEEDED = ("Date received", "Product", "Issue", "Consumer complaint narrative", "Company", "Complaint ID")
OPENS, MINUTES = time(8, 0), 600


@dataclass(slots=True)
class ImportReport:
    """What an import did: how many were registered or known already, and each row that was refused."""

    registered: int = 0
    known: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows were looked at."""
        return self.registered + self.known + len(self.rejected)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file with the line that it begins on."""

    line: int
    values: dict[str, str]


def read_rows(path: Path) -> Iterator[Row]:
    """Give the rows of the file. Raises InvalidInput where it is not UTF-8 or lacks a column."""
    csv.field_size_limit(1_000_000)
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        try:
            missing = [name for name in NEEDED if name not in (reader.fieldnames or [])]
            if missing:
                raise InvalidInput(
                    f"{path.name} lacks the columns {', '.join(missing)}; it must have the CFPB's header"
                )
            before = reader.line_num
            for values in reader:
                yield Row(before + 1, {key: (value or "").strip() for key, value in values.items() if key})
                before = reader.line_num
        except (UnicodeDecodeError, csv.Error) as error:
            raise InvalidInput(
                f"{path.name} cannot be read as UTF-8 CSV near line {reader.line_num}: {error}"
            ) from error


class CsvImport:
    """One import of one file; `run` gives progress as it goes."""

    def __init__(self, rt: Runtime, actor: Actor, path: Path, *, shift: bool) -> None:
        """Read the file's rows; with `shift` all dates move so that the newest row is received today."""
        self._rt = rt
        self._actor = actor
        self.rows = list(read_rows(path))
        self.report = ImportReport()
        self._zone: tzinfo = rt.config.timezone
        self._shift = self._days_to_today() if shift else timedelta(0)
        with rt.sessions.read() as session:
            definition = find_definition(session, LIFECYCLE)
            self._bundle: LoadedBundle = rt.bundles.get(session, definition.bundle_id)
            self._functions = rt.functions(session)
            self._known = set(session.scalars(select(Complaint.source_ref).where(Complaint.source == SOURCE)))

    def run(self) -> Iterator[ImportReport]:
        """Register the rows in batches, a transaction each; give the report after each batch.

        A batch in which a row fails is done again row by row, so that one bad row costs only itself.
        """
        pending: list[tuple[Row, dict[str, Any]]] = []
        for row in self.rows:
            if row.values["Complaint ID"] in self._known:
                self.report.known += 1
                continue
            try:
                pending.append((row, read_intake(self._intake(row))))
            except RedressError as error:
                self.report.rejected.append((row.line, _reason(error)))
            if len(pending) >= BATCH:
                self._register(pending)
                pending = []
                yield self.report
        self._register(pending)
        self._rt.wake()
        yield self.report

    def _register(self, batch: list[tuple[Row, dict[str, Any]]]) -> None:
        try:
            self._register_together(batch)
        except RedressError:
            for row, intake in batch:
                try:
                    self._register_together([(row, intake)])
                except Conflict:
                    self.report.known += 1
                except RedressError as error:
                    self.report.rejected.append((row.line, _reason(error)))

    def _register_together(self, batch: list[tuple[Row, dict[str, Any]]]) -> None:
        with self._rt.sessions.step() as session:
            for _, intake in batch:
                register_in(self._rt, session, self._actor, intake)
        self.report.registered += len(batch)
        self._known |= {row.values["Complaint ID"] for row, _ in batch}

    def _intake(self, row: Row) -> dict[str, Any]:
        values = row.values
        if not values["Complaint ID"]:
            raise InvalidInput("the column 'Complaint ID' is empty")
        if not values["Consumer complaint narrative"]:
            raise InvalidInput(
                "the column 'Consumer complaint narrative' is empty; there is nothing to handle"
            )
        meaning = self._decide(TABLE, _inputs(values))
        facts: dict[str, Any] = {
            key: bool(meaning.get(key)) for key in ("legal_risk", "media_risk", "spread_risk")
        }
        vulnerable = "Older American" in values.get("Tags", "")
        facts |= {"vulnerable": vulnerable, "complainants": 1, "amount": None}
        received_at = self._received_at(values)
        grade = self._decide(GRADING, {**facts, "received_at": received_at}).get("grade")
        place = " ".join(part for part in (values.get("State", ""), values.get("ZIP code", "")) if part)
        return {
            "channel": meaning.get("channel") or "other",
            "category": meaning.get("category") or "other",
            "grade": int(grade) if grade is not None else None,
            "received_at": received_at.isoformat(),
            "content": values["Consumer complaint narrative"],
            "customer": {"name": f"CFPB {values['Complaint ID']}", **({"address": place} if place else {})},
            "product": " / ".join(
                part for part in (values["Product"], values.get("Sub-product", "")) if part
            )[:200],
            "partner": pseudonym(values["Company"]),
            "preferred_contact": "email",
            "source": SOURCE,
            "source_ref": values["Complaint ID"],
            **{key: value for key, value in facts.items() if value is not None},
        }

    def _decide(self, decision: str, scope: dict[str, Any]) -> dict[str, Any]:
        value = self._bundle.decide(decision, scope, self._functions).value
        return value if isinstance(value, dict) else {}

    def _received_at(self, values: dict[str, str]) -> datetime:
        day = _day(values) + self._shift
        minutes = int(hashlib.sha256(values["Complaint ID"].encode()).hexdigest()[:8], 16) % MINUTES
        at = datetime.combine(day, OPENS, self._zone) + timedelta(minutes=minutes)
        return min(at, clock.now())

    def _days_to_today(self) -> timedelta:
        days = []
        for row in self.rows:
            try:
                days.append(_day(row.values))
            except InvalidInput:
                continue  # reported with its line when the row is read
        today = clock.now().astimezone(self._zone).date()
        return today - max(days) if days else timedelta(0)


def pseudonym(company: str) -> str:
    """Return a stable name that stands for a company: the real one never enters the register."""
    return f"partner-{hashlib.sha256(company.casefold().encode()).hexdigest()[:8]}" if company else ""


def _inputs(values: dict[str, str]) -> dict[str, Any]:
    return {
        "product": values["Product"],
        "sub_product": values.get("Sub-product", ""),
        "issue": values["Issue"],
        "sub_issue": values.get("Sub-issue", ""),
        "submitted_via": values.get("Submitted via", ""),
        "tags": values.get("Tags", ""),
    }


def _day(values: dict[str, str]) -> date:
    text = values["Date received"]
    for layout in ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y"):
        try:
            return datetime.strptime(text, layout).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    raise InvalidInput(f"'Date received' is {text!r}; it takes a date such as 2023-07-21")


def _reason(error: RedressError) -> str:
    if isinstance(error, InvalidInput) and error.errors:
        return "; ".join(f"{name}: {', '.join(messages)}" for name, messages in error.errors.items())
    return str(error)
