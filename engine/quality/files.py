"""A quality file bound to one step: its facts as expressions read them, and the statuses that move it.

Expressions read a file as `case.*`, as they read a complaint: it is the case of its instance. Fields of the
forms whose record defines the file (`Kind.defining`) become its facts; `person`, `department` and `due_date`
say who has to do it, where, and by when.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from engine.audit import Entry
from engine.domain.deadlines import end_of_day
from engine.models.forms.context import plain_json
from engine.models.properties import ElementProperties
from engine.models.vocabulary import STATUS
from engine.privacy.values import is_reference
from engine.quality.kinds import CANCELLED, Kind, kind_of
from engine.runtime.business import NO_LIMITS, NOWHERE, Limits, Place
from engine.runtime.outbox import add_jobs, outbox_row
from engine.runtime.step import Step
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.kinds import OF_COMPLAINT, traits_of
from engine.store.tables.cases import Complaint
from engine.store.tables.quality import QualityFile, QualityRecord

MOVED_TO = "moved to "
"""Before a status: what follows when a file takes it (see `engine.quality.reactions`)."""
PENDING = "redress.pending_file"
"""Where `open_file` leaves the row that its first step will write with the instance."""
FILE, RECORD = table_of(QualityFile), table_of(QualityRecord)
_COLUMNS = {"person": "owner", "department": "department_id"}
"""Fields of a defining form that are columns of the file."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A form of a file was recorded (or it took a status, then without values), within a step."""

    session: Session
    step: Step
    file: BoundFile
    values: Mapping[str, Any]


class BoundFile:
    """The row of a file within a step. Changes are kept until `save`."""

    def __init__(
        self,
        session: Session,
        step: Step,
        row: Mapping[str, Any],
        *,
        is_new: bool = False,
        react: Callable[[BoundFile, str, Mapping[str, Any]], None] = lambda _file, _kind, _values: None,
    ) -> None:
        self._session = session
        self._step = step
        self._react = react
        self._row: dict[str, Any] = dict(row)
        self._changed: dict[str, Any] = {}
        self._is_new = is_new
        self._earlier: dict[str, Any] | None = {} if is_new else None
        self._records: list[dict[str, Any]] = []
        self._jobs: list[dict[str, Any]] = []
        self.kind: Kind = kind_of(self._row["kind"])

    @property
    def no(self) -> str:
        """The file's number."""
        return str(self._row["no"])

    @property
    def complaint_no(self) -> str | None:
        """The complaint that stands beside the file's tasks: none beside those of a restricted file."""
        found: str | None = self._row["complaint_no"]
        return None if self.restricted else found

    @property
    def restricted(self) -> bool:
        """Whether only the file's parties may know of it."""
        return self.kind.restricted

    @property
    def limits(self) -> Limits:
        """None: each task has its own date."""
        return NO_LIMITS

    @property
    def place(self) -> Place:
        """Where the complaint that the file is about stands in lists."""
        if self.complaint_no is None:
            return NOWHERE
        columns = table_of(Complaint).c
        row = self._session.execute(
            select(columns.received_at, columns.due_at, *(columns[name] for name in OF_COMPLAINT)).where(
                columns.no == self.complaint_no
            )
        ).one()
        return Place(row.received_at, row.due_at, traits_of(row._asdict()))

    def get(self, name: str) -> Any:
        """Return a column of the row as it stands in this step."""
        return self._row[name]

    def set(self, **values: Any) -> None:
        """Change columns; written by `save`."""
        for name, value in values.items():
            if self._row[name] != value:
                self._row[name] = self._changed[name] = value

    def know(self, **facts: Any) -> None:
        """Add facts to the file."""
        self.set(facts={**self._row["facts"], **plain_json(facts)})

    def facts(self) -> Mapping[str, Any]:
        """Return `case.*` as models read it; the newest values of each kind of record under `records`."""
        row = self._row
        own = {name: row[name] for name in _FACTS}
        found = {**row["facts"], **row["personal"], **own, "department": row["department_id"]}
        return {"case": found | {"records": self.records()}}

    def records(self) -> dict[str, Any]:
        """Return the newest values of each kind; those of earlier steps are read once a step."""
        if self._earlier is None:
            query = select(RECORD.c.kind, RECORD.c["values"]).where(RECORD.c.file_no == self.no)
            self._earlier = {row[0]: row[1] for row in self._session.execute(query.order_by(RECORD.c.id))}
        return self._earlier | {record["kind"]: record["values"] for record in self._records}

    def latest_record(self, kind: str) -> Mapping[str, Any]:
        """Return the values of the newest record of `kind`; empty where there is none."""
        return self.records().get(kind) or {}

    def subject_id(self) -> str:
        """Return under whose key personal values of the file are kept."""
        return str(self._row["subject_id"])

    def element_completed(self, element: ElementProperties, scope: Mapping[str, Any]) -> None:
        """Take the status that the completed element gives. Raises Conflict where a guard forbids it."""
        status = element.custom.get(STATUS)
        if status:
            self.move_to(status, element)

    def move_to(self, status: str, element: ElementProperties | None = None) -> None:
        """Give the file a status; a final one closes it. Raises Conflict where a guard forbids it."""
        self.kind.check(status, self.records())
        before = self._row["status"]
        if status == before:
            return
        self.set(status=status, closed_at=self._step.now if status in self.kind.final else None)
        where = (element.element_id, element.name) if element is not None else (None, None)
        self._step.note(Entry("file.moved", {"no": self.no, "from": before, "to": status}, *where))
        self._react(self, f"{MOVED_TO}{status}", {})

    def add_job(self, job_type: str, payload: dict[str, Any]) -> None:
        """Have something done after this step has committed."""
        self._jobs.append(outbox_row(job_type, payload))

    def decision_made(self, decision_id: str, value: Any) -> None:
        """Nothing of a file follows from a decision table by itself."""

    def task_taken(self, groups: list[str], username: str) -> None:
        """A file is nobody's by a claim."""

    def record(
        self, kind: str, *, task_id: str, form_id: str | None, values: Mapping[str, Any], username: str
    ) -> None:
        """Keep what a form recorded; where it defines the file, its fields become the file's facts."""
        self.keep(kind, values, task_id=task_id, form_id=form_id, username=username)
        if kind in self.kind.defining:
            self._define(values)
        self._react(self, kind, values)

    def keep(
        self,
        kind: str,
        values: Mapping[str, Any],
        *,
        username: str,
        task_id: str | None = None,
        form_id: str | None = None,
    ) -> None:
        """Add a record to the file."""
        self._records.append(
            {
                "id": new_id(),
                "file_no": self.no,
                "kind": kind,
                "task_id": task_id,
                "form_id": form_id,
                "values": plain_json(values),
                "actor": username,
                "at": self._step.now,
            }
        )

    def _define(self, values: Mapping[str, Any]) -> None:
        plain = {key: value for key, value in values.items() if not is_reference(value)}
        self.set(**{column: plain[key] for key, column in _COLUMNS.items() if plain.get(key)})
        if plain.get("due_date"):
            self.set(due_at=_end_of(plain["due_date"], self._step))
        self.know(**{key: value for key, value in plain.items() if key not in _COLUMNS})

    def instance_cancelled(self) -> None:
        """An operator ends the instance: the file is closed as cancelled."""
        if self._row["closed_at"] is None:
            self.set(status=CANCELLED, closed_at=self._step.now)
            self._step.note(Entry("file.moved", {"no": self.no, "to": CANCELLED}))

    def check_move(self, first: Collection[str], ahead: Collection[str]) -> None:
        """Milestones are complaints' alone."""

    def bundle_changed(self) -> None:
        """Nothing of a file is read from its diagram."""

    def save(self) -> bool:
        """Write the row and the records of this step; no limit of a task follows from a file."""
        self._step.writes.send(self._session)  # a new row refers to its instance
        if self._is_new:
            self._session.execute(insert(FILE), [self._row])
        elif self._changed:
            self._session.execute(
                update(FILE)
                .where(FILE.c.no == self.no)
                .values(**self._changed, version=self._row["version"] + 1)
            )
        if self._records:
            self._session.execute(insert(RECORD), self._records)
        if self._earlier is not None:
            self._earlier = self.records()
        add_jobs(self._step.rt, self._session, self._jobs)
        self._is_new, self._changed, self._records, self._jobs = False, {}, [], []
        return False


def count_records(session: Session, no: str, kind: str) -> int:
    """Return how many records of a kind a file has from earlier steps."""
    query = select(func.count()).where(RECORD.c.file_no == no, RECORD.c.kind == kind)
    return session.scalar(query) or 0


def _end_of(day: Any, step: Step) -> datetime:
    found = day if isinstance(day, date) else date.fromisoformat(str(day)[:10])
    return end_of_day(found, step.rt.config.timezone)


_FACTS = (
    "no",
    "kind",
    "status",
    "complaint_no",
    "parent_no",
    "owner",
    "raiser",
    "due_at",
    "opened_at",
    "opened_by",
)
