"""The texts that people or machines write and that are kept in clear, so that they must hold no personal data
(R60, R61): what writes them refuses or masks it. The trail's own rows are read beside these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Column, Table

from engine.privacy.finding import kinds_in, mask_text, personal_texts
from engine.store.base import Base, table_of
from engine.store.tables.archive import Archive, LegalHold
from engine.store.tables.audit import History, HistoryValue
from engine.store.tables.cases import CaseRecord, Complaint
from engine.store.tables.channels import Call, Dispatch, Mailbox, MailboxReconciliation
from engine.store.tables.jobs import Job
from engine.store.tables.leaks import Leak
from engine.store.tables.measures import AnalysisReport, BusinessVolume, FrozenPeriod
from engine.store.tables.migrations import Migration, MigrationFailure
from engine.store.tables.models import Bundle
from engine.store.tables.policy import ParameterDecision, PolicyVersion
from engine.store.tables.quality import QualityFile, QualityRecord
from engine.store.tables.regulator import GeneratedReturn
from engine.store.tables.runtime import BufferedMessage, Incident, Instance
from engine.store.tables.training import TrainingRecord, TrainingSession
from engine.store.tables.workplace import QuickAction, SavedView, TextModule

ADDED, CHANGED, FEW = "added", "changed", "few"
"""How a reading of what is new finds it: behind the key that was read last; not at all, since keys do not
ascend or texts follow later (a whole reading sees them); or by reading every row, since there are few.
"""
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class ClearTexts:
    """Columns of a table that hold clear text; which one says when a row was written, of which case or file
    (by number) and of which instance it is.
    """

    table: Table
    columns: tuple[str, ...]
    written: str | None
    rows: str = ADDED
    number: str | None = None
    instance: str | None = None

    @property
    def keys(self) -> tuple[Column[Any], ...]:
        """The columns of the primary key."""
        return tuple(self.table.primary_key)


def _of(model: type[Base], columns: str, written: str | None, rows: str = ADDED, **more: str) -> ClearTexts:
    return ClearTexts(table_of(model), tuple(columns.split()), written, rows, **more)


TRAIL: Final = _of(History, "data", "at", instance="stream")
TRAIL_VALUES: Final = _of(HistoryValue, "value", None, instance="stream")
"""Read by stream, as far as each has grown."""
CLEAR_TEXTS: Final = (
    _of(CaseRecord, "values", "at", number="complaint_no"),
    _of(Complaint, "facts product source_ref", "created_at", number="no", instance="instance_id"),
    _of(QualityRecord, "values", "at", number="file_no"),
    _of(QualityFile, "facts", "opened_at", CHANGED, number="no", instance="instance_id"),
    _of(Instance, "business_key", "started_at", instance="id"),
    _of(BufferedMessage, "correlation_key variables", "published_at"),
    _of(Incident, "message", "created_at", instance="instance_id"),
    _of(Job, "payload last_error", "created_at", CHANGED, instance="instance_id"),
    _of(Migration, "reason", "created_at"),
    _of(MigrationFailure, "message", "at", instance="instance_id"),
    _of(Bundle, "note", "deployed_at"),
    _of(ParameterDecision, "reason", "decided_at"),
    _of(PolicyVersion, "reason", "decided_at"),
    _of(FrozenPeriod, "reason_text", "frozen_at"),
    _of(BusinessVolume, "product reason", "set_at"),
    _of(AnalysisReport, "body", "drafted_at", FEW, number="no"),
    _of(GeneratedReturn, "findings", "created_at", number="file_no"),
    _of(TrainingSession, "title contents", "created_at"),
    _of(TrainingRecord, "contents reference", "at"),
    _of(LegalHold, "reference", "placed_at", number="complaint_no"),
    _of(Archive, "certificate", "sealed_at", CHANGED, number="complaint_no"),
    _of(Dispatch, "reply", "at", number="complaint_no"),
    _of(Call, "recording", "taken_at", CHANGED, number="complaint_no"),
    _of(Leak, "reason", "decided_at", CHANGED, number="number", instance="instance_id"),
    _of(Mailbox, "error", "checked_at", FEW),
    _of(MailboxReconciliation, "error", "at"),
    _of(SavedView, "name arguments", "created_at", FEW),
    _of(QuickAction, "name steps", "kept_at", FEW),
    _of(TextModule, "word text", "kept_at", FEW),
)
"""Every such column; a test holds the list against the tables."""


def found_in(column: str, value: Any) -> Iterator[tuple[str, str]]:
    """Give where in a column's value something personal stands (the column, with the path in JSON) and of
    what kind it is; never what it says. A path that says something personal itself is masked.
    """
    for path, text in personal_texts(value, (column,)):
        for kind in sorted(kinds_in(text)):
            yield mask_text(path)[:LONGEST], kind


def read_json(text: str) -> Any:
    """Return the value of a text of the trail; one that is no JSON any more, which its verification tells, as
    it stands.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
