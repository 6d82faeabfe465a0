"""A complaint bound to one step: its facts as expressions read them, and the milestones that move it.

Only elements that carry `redress:milestone` or `redress:stage` change the row here, so that process owners
may rename and redraw everything else. All dates follow from `received_at` and the limit drawn for the grade.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from engine.audit import Entry
from engine.cases.acknowledging import RECORD as ACKNOWLEDGED
from engine.cases.acknowledging import acknowledged_at
from engine.cases.another_way import require_told
from engine.cases.archive.gate import ARCHIVE, require_complete, sealing_of
from engine.cases.assignment import choose_handler, tell_supervisors
from engine.cases.extension import read_extension, told_by_message, told_when
from engine.cases.limits import limit_of, limits_in_force
from engine.cases.mails import NOTICE, is_left_to_us, letter_by, letter_job, mail_of, wants_mail
from engine.cases.mails import SURVEY as SURVEY_MAIL
from engine.cases.public.survey import OPEN_DAYS, invitation_of
from engine.cases.rows import COMPLAINT
from engine.cases.saving import ADD_RECORDS, RECORDS_OF, move_open_tasks, update_of
from engine.cases.statute import changes_of, statutory_due
from engine.domain.complaint import Status, check_move, may_move
from engine.domain.deadlines import end_of_day, local_date
from engine.domain.grade import read_grade
from engine.domain.statute import Change, ChangeKind, StatutoryClock, clock_after, is_in_time
from engine.errors import Conflict, Forbidden, FormRefused
from engine.models.forms.context import plain_json
from engine.models.properties import ElementProperties
from engine.models.vocabulary import CLOSING_MILESTONES, REQUIRED_MILESTONES
from engine.people.roles import HANDLERS
from engine.privacy.values import is_reference
from engine.runtime.business import Limits, Place
from engine.runtime.outbox import add_jobs
from engine.runtime.step import Step
from engine.runtime.task_limits import move_in_case
from engine.store.ids import new_id
from engine.store.kinds import traits_of
from engine.store.prepared import Writes
from engine.store.tables.cases import Extension, StatutoryChange
from engine.store.tables.channels import Survey
from engine.store.upsert import insert_into

_INSTANTS = {
    Status.HANDLING: "handling_at",
    Status.DECIDED: "decided_at",
    Status.NOTIFIED: "notified_at",
    Status.ARCHIVED: "archived_at",
}
_BEFORE_THE_ANSWER = ("received_at", "reviewed_at", "decided_at")
"""No answer was given before these: a field of minutes must not say so by its rounding."""
FALLBACK = "notice_fallback"
"""The kind of record that says how the customer was told after our message failed (R30)."""
_REGISTERED_FIELDS = (
    "category",
    "grade",
    "urgent",
    "product",
    "sub_code",
    "preferred_contact",
    "handler",
)
_STATUTORY = {"complexity": ChangeKind.COMPLEX, "statutory_extension": ChangeKind.VERY_COMPLEX}
"""Kinds of record that move the statutory date."""
TOLD_BY = frozenset({"extension", "statutory_extension", "progress", "notice"})
"""Kinds of record that say that the customer heard from us (R28)."""
LATE_MINUTES = "registration.late_minutes"
"""The parameter that says what "at once" means (R17)."""
GRADING = "grading"
"""The decision whose `grade` is the suggested one."""
REASON_CODES = "reason_codes"
"""The decision that maps category and sub-code to the axes of JR/T 0169."""
_AXES = {"business": "business_axis", "reason": "reason_axis", "code": "reason_code"}
"""What that decision says, and the fact of the case that it becomes."""


def refuse_accused(facts: Mapping[str, Any], username: str) -> None:
    """Raise Forbidden where `username` is whom the complaint is about (Art. 17, R19)."""
    if facts.get("accused") == username:
        raise Forbidden("the complaint is about you: somebody else must do its tasks (Art. 17)")


class ComplaintCase:
    """The row of a complaint within a step. Changes are kept until `save`."""

    def __init__(self, session: Session, step: Step, row: Mapping[str, Any], *, is_new: bool = False) -> None:
        self._session = session
        self._step = step
        self._row: dict[str, Any] = dict(row)
        self._changed: dict[str, Any] = {}
        self._is_new = is_new
        self._traits = traits_of(self._row)
        self._limits_moved = False
        self._facts: dict[str, Any] | None = None
        self._earlier: dict[str, Any] | None = {} if is_new else None
        self._records: list[dict[str, Any]] = []
        self._extensions: list[dict[str, Any]] = []
        self._statutory: list[dict[str, Any]] = []
        self._seals = False
        self._asks = False
        self._letters: list[tuple[str, str]] = []

    @property
    def complaint_no(self) -> str:
        """The complaint's number."""
        return str(self._row["no"])

    @property
    def status(self) -> Status:
        """Where the complaint stands."""
        return Status(self._row["status"])

    @property
    def restricted(self) -> bool:
        """A complaint is open to whom its visibility says."""
        return False

    @property
    def limits(self) -> Limits:
        """The policy's and the statute's date; none once the clocks have stopped (D2)."""
        return limits_in_force(self._row)

    @property
    def place(self) -> Place:
        """Where lists have the case's open tasks."""
        return Place(self._row["received_at"], self._row["due_at"], traits_of(self._row))

    def get(self, name: str) -> Any:
        """Return a column of the row as it stands in this step."""
        return self._row[name]

    def set(self, **values: Any) -> None:
        """Change columns; written by `save`."""
        for name, value in values.items():
            if self._row[name] != value:
                self._row[name] = self._changed[name] = value
                self._facts = None

    def facts(self) -> Mapping[str, Any]:
        """Return `case.*` as models read it (SPEC: facts of the case, never copied into variables)."""
        if self._facts is None:
            self._facts = {"case": self._read_facts()}
        return self._facts

    def _read_facts(self) -> dict[str, Any]:
        row = self._row
        facts = {name: row[name] for name in _FACTS}
        registered_at = row["registered_at"] or self._step.now
        facts |= {
            "department": row["department_id"],
            "registered_late": registered_at >= row["due_at"],
            "reviewed": row["reviewed_at"] is not None,
            "extended": row["extended_until"] is not None,
            "statutory_from": row["statutory_from"] or row["received_at"],
            "last_contact_at": row["last_contact_at"] or row["received_at"],
            "notified_at": row["notified_at"] or (self._step.now if self.status is Status.NOTIFIED else None),
            **{key: value for key, value in row["facts"].items() if key not in facts},
        }
        if self._step.bundle.reads_records:
            facts["records"] = self._all_records()
        return facts

    def subject_id(self) -> str:
        """Return the customer under whose key personal values are kept (R60)."""
        return str(self._row["subject_id"])

    def element_completed(self, element: ElementProperties, scope: Mapping[str, Any]) -> None:
        """Act on a milestone or stage of the completed element."""
        stage = element.custom.get("redress:stage")
        if stage:
            self.set(stage=stage)
            if stage == "reviewed":
                self.set(reviewed_at=self._step.now)
        milestone = element.custom.get("redress:milestone")
        if milestone:
            self._reach(milestone, element, scope)

    def _reach(self, milestone: str, element: ElementProperties, scope: Mapping[str, Any]) -> None:
        if self._step.instance.id != self._row["instance_id"]:
            return  # a side process of the complaint; only its lifecycle moves it
        status = check_move(self.complaint_no, self._row["status"], milestone)
        if status is Status.REGISTERED:
            self._registered(scope)
        if (column := _INSTANTS.get(status)) is not None and self._row[column] is None:
            self.set(**{column: self._answered_at() if status is Status.NOTIFIED else self._step.now})
        if status.is_final:
            self.set(closed_at=self._step.now)
        self._seals |= status is Status.ARCHIVED
        self._asks |= status is Status.NOTIFIED
        stopped_before = self.status.stops_clocks
        self.set(status=str(status))
        self._limits_moved |= status.stops_clocks and not stopped_before
        self._step.note(
            Entry("milestone.reached", {"milestone": str(status)}, element.element_id, element.name)
        )

    def _answered_at(self) -> datetime | None:
        """When the answer was given: as whoever gave it says, not before it was decided. One that is left to
        us is given when the other side has it, so not yet (Art. 21, D2).
        """
        said = self.latest_record(NOTICE)
        if is_left_to_us(NOTICE, said):
            return None
        now, zone = self._step.now, self._step.rt.config.timezone
        at = told_when({"told_at": said.get("dispatched_at")}, zone, now)
        before: list[datetime] = [
            each for name in _BEFORE_THE_ANSWER if (each := self._row[name]) is not None
        ]
        return max([at, *before])

    def instance_cancelled(self) -> None:
        """An operator ends the lifecycle: an unanswered case is closed as withdrawn, the trail says why.

        Left open it would be overdue for ever, and nobody could work on it or withdraw it.
        """
        if self._step.instance.id != self._row["instance_id"] or self.status.stops_clocks:
            return
        self.set(status=str(Status.WITHDRAWN), closed_at=self._step.now)
        self._limits_moved = True
        self._step.note(Entry("milestone.reached", {"milestone": str(Status.WITHDRAWN)}))

    def check_move(self, first: Collection[str], ahead: Collection[str]) -> None:
        """Let nobody move the lifecycle past a milestone that is still to come, nor back before one from
        which the case cannot return (R20).
        """
        row = self._row
        if self._step.instance.id != row["instance_id"]:
            return
        reached = {
            "registered": row["registered_at"],
            "notified": row["notified_at"] or self.status in (Status.NOTIFIED, Status.ARCHIVED) or None,
            "archived": row["archived_at"],
        }
        for milestone in REQUIRED_MILESTONES:
            if reached[milestone] is None and milestone not in ahead:
                raise Conflict(f"no way from there passes the milestone {milestone}, which is still to come")
        for milestone in sorted(set(first) - set(CLOSING_MILESTONES)):
            again = milestone == Status.REGISTERED and row["registered_at"] is not None
            if again or not may_move(self.status, Status(milestone)):
                raise Conflict(
                    f"complaint {self.complaint_no} is {self.status}; from there it would become {milestone}"
                )

    def bundle_changed(self) -> None:
        """Count the limit as the new version draws it; both dates go into history where they differ."""
        if self.status.stops_clocks or self._step.instance.id != self._row["instance_id"]:
            return
        before = self._row["due_at"]
        self.count_limit()
        if self._row["due_at"] != before:
            dates = {"from": before, "to": self._row["due_at"], "calendar": self._row["calendar_version"]}
            self._step.note(Entry("deadline.recounted", dates))

    def _registered(self, scope: Mapping[str, Any]) -> None:
        """Registration is complete: the form's fields become facts of the case (R13, R15, R18-R20)."""
        values = {
            name: scope[name]
            for name in _REGISTERED_FIELDS
            if scope.get(name) not in (None, "") and not is_reference(scope[name])
        }
        if "grade" in values:
            values["grade"] = int(read_grade(values["grade"]))
        department = scope.get("department")
        if accused := scope.get("accused"):
            self.set(facts={**self._row["facts"], "accused": accused}, accused=accused)
        if self._row["facts"].get("accused") in (values.get("handler"), self._row["handler"]) and accused:
            raise FormRefused(
                "nobody handles a complaint about themselves (Art. 17)",
                {"handler": ["is whom the complaint is about; choose another"]},
            )
        self.set(**values, **({"department_id": department} if department else {}))
        self.set(registered_at=self._row["registered_at"] or self._step.now)
        self.count_limit()
        self._step.note(
            Entry(
                "complaint.registered",
                {
                    "complaint_no": self.complaint_no,
                    "category": self._row["category"],
                    "grade": self._row["grade"],
                    "received_at": self._row["received_at"],
                    "late": self._is_registered_late(),
                    "due_at": self._row["due_at"],
                    "calendar": self._row["calendar_version"],
                },
            )
        )
        if self._row["handler"] is None:
            self._assign()

    def _assign(self) -> None:
        """Give the case to whom the table finds best, or tell the supervisors why nobody is (R19)."""
        choice = choose_handler(self._step, self._session, self._row)
        if choice is None:
            return
        self.set(handler=choice.handler)
        data = {
            "complaint_no": self.complaint_no,
            "handler": choice.handler,
            "judged": dict(choice.reasons),
            "skills": [list(each) for each in choice.skills],
        }
        self._step.note(Entry("complaint.assigned", data))
        if choice.handler is None:
            tell_supervisors(self._step, self._session, self.complaint_no)

    def _is_registered_late(self) -> bool:
        """Whether "at once" was over when the registration was complete (R17), as in force at receipt."""
        received_at: datetime = self._row["received_at"]
        minutes = self._in_force(LATE_MINUTES, received_at)
        return bool(self._row["registered_at"] > received_at + timedelta(minutes=minutes))

    def _in_force(self, name: str, at: datetime) -> int:
        day = local_date(at, self._step.rt.config.timezone)
        return self._step.rt.parameters.current(self._session).value(name, day)

    def decision_made(self, decision_id: str, value: Any) -> None:
        """What tables decide is a fact of the case: the suggested grade, which people confirm (R15), and the
        axes of the statistics (R13).
        """
        if not isinstance(value, Mapping):
            return
        if decision_id == GRADING and value.get("grade") is not None:
            self.set(suggested_grade=int(read_grade(value["grade"])))
        elif decision_id == REASON_CODES:
            named = {fact: value[axis] for axis, fact in _AXES.items() if value.get(axis)}
            kept = {key: fact for key, fact in self._row["facts"].items() if key not in _AXES.values()}
            self.set(facts=kept | named)

    def count_limit(self) -> None:
        """Count the policy's limit from the original receipt with the grade in force (R36-R38, D1, D6)."""
        limit = limit_of(self._step, self._row["received_at"], self._row["grade"], self.facts())
        before = self._row["due_at"]
        self.set(
            due_at=limit.due_at,
            deadline_provisional=limit.provisional,
            calendar_version=limit.calendar_version,
        )
        if before != limit.due_at:
            self._limits_moved = True
            if self._row["registered_at"] is None or self._is_new:
                self.set(original_due_at=limit.due_at)

    def task_taken(self, groups: list[str], username: str) -> None:
        """The first handler who takes a task of the handlers has the case (R19)."""
        refuse_accused(self._row["facts"], username)
        if self._row["handler"] is None and HANDLERS in groups:
            self.set(handler=username)

    def record(
        self, kind: str, *, task_id: str, form_id: str | None, values: Mapping[str, Any], username: str
    ) -> None:
        """Keep what a form recorded; an `extension` also moves the date that the customer was told (R39).

        Raises FormRefused where it is the archive's form and records of the case are missing, or a notice
        that came back has not been told another way (R30, R33, R34).
        """
        if kind == ARCHIVE:
            require_complete(self._all_records(), answered_at=self._row["notified_at"])
            require_told(self._session, self.complaint_no)
        self._seals |= self._row["archived_at"] is not None  # what comes after the archive supplements it
        self._records.append(
            {
                "id": new_id(),
                "complaint_no": self.complaint_no,
                "kind": kind,
                "task_id": task_id,
                "form_id": form_id,
                "values": plain_json(values),
                "actor": username,
                "at": self._step.now,
            }
        )
        self._facts = None
        if kind in TOLD_BY and values.get("progress_outcome") != "not_reached":
            self.set(last_contact_at=self._step.now)
        if letter := letter_by(kind, values, self._row["personal"]):
            self._letters.append(letter)
        if kind == ACKNOWLEDGED:
            at = acknowledged_at(self._step.rt, values, self._row["received_at"])
            self.set(last_contact_at=max(at, self._row["last_contact_at"] or at))
        if kind == FALLBACK:
            self._told_another_way()
        if kind == "extension":
            self._extend(values, username)
        elif kind in _STATUTORY:
            self._move_statute_by_form(kind, values)

    def _told_another_way(self) -> None:
        """What our message did not bring is told now: the answer, before it a later date (Art. 21, R39)."""
        if self.status is Status.NOTIFIED and self._row["notified_at"] is None:
            self.set(notified_at=self._step.now)
        elif not self.status.stops_clocks and self._row["extension_valid"] is False:
            self.set(extension_valid=told_by_message(self._session, self.complaint_no, self._step.now))
            self._limits_moved = True

    def _extend(self, values: Mapping[str, Any], username: str) -> None:
        row = read_extension(self._row, values, self._step.rt.config.timezone, self._step.now, username)
        self._extensions.append(row)
        self.set(extended_until=row["new_due_at"], extension_valid=not row["late"])
        self._limits_moved = True
        self._step.note(
            Entry(
                "deadline.extended",
                {
                    "from": row["old_due_at"],
                    "to": row["new_due_at"],
                    "notified_at": row["notified_at"],
                    "late": row["late"],
                },
            )
        )

    def _move_statute_by_form(self, kind: str, values: Mapping[str, Any]) -> None:
        """A decision recorded by a form moves the statutory date: complex, or very complex and told."""
        if kind == "complexity" and values.get("complexity_decision") != "confirm":
            return
        told_at = None
        if kind == "statutory_extension":
            told_at = told_when(values, self._step.rt.config.timezone, self._step.now)
        change = Change(_STATUTORY[kind], True)
        self.move_statute(change, told_at=told_at, reason_ref=str(values.get("complexity_reason") or ""))

    def move_statute(self, change: Change, *, told_at: datetime | None, reason_ref: str) -> bool:
        """Take over a change of the statutory clock; return whether it came in time to move the date.

        What was decided, or told to the customer, only after the old date had passed moves nothing (Art. 18).
        New facts always start the clock again.
        """
        zone, parameters = self._step.rt.config.timezone, self._step.rt.parameters.current(self._session)
        old_due_at = self._row["statutory_due_at"]
        in_time = change.kind is ChangeKind.RESTART or is_in_time(told_at or self._step.now, old_due_at)
        earlier = [*changes_of(self._session, self.complaint_no), *self._unsaved_changes()]
        counted = clock_after(
            local_date(self._row["received_at"], zone), [*earlier, replace(change, in_time=in_time)]
        )
        new_due_at = statutory_due(counted, parameters, zone)
        self._statutory.append(
            {
                "id": new_id(),
                "complaint_no": self.complaint_no,
                "kind": str(change.kind),
                "reason": str(change.reason) if change.reason else None,
                "first_day": change.first_day,
                "last_day": change.last_day,
                "told_at": told_at,
                "in_time": in_time,
                "old_due_at": old_due_at,
                "new_due_at": new_due_at,
                "reason_ref": reason_ref,
                "actor": self._step.actor.username,
                "at": self._step.now,
            }
        )
        self._count_statute(counted, new_due_at, zone)
        data = {"change": str(change.kind), "from": old_due_at, "to": new_due_at, "in_time": in_time}
        self._step.note(Entry("statute.moved", data | ({"told_at": told_at} if told_at else {})))
        return in_time

    def _count_statute(self, counted: StatutoryClock, due_at: datetime, zone: tzinfo) -> None:
        restarted = counted.starts_on != local_date(self._row["received_at"], zone)
        began = end_of_day(counted.starts_on - timedelta(days=1), zone)
        self.set(
            statutory_due_at=due_at,
            statutory_step=counted.step,
            statutory_from=began if restarted else self._row["received_at"],
        )
        self._limits_moved = True

    def _unsaved_changes(self) -> list[Change]:
        return [
            Change(
                ChangeKind(each["kind"]),
                each["in_time"],
                each["first_day"],
                each["last_day"],
                each["reason"],
            )
            for each in self._statutory
        ]

    def latest_record(self, kind: str) -> Mapping[str, Any]:
        """Return the values of the newest record of `kind`, of this step or an earlier one."""
        return self._all_records().get(kind) or {}

    def _all_records(self) -> dict[str, Any]:
        """Return the newest values of each kind; those of earlier steps are read once a step."""
        if self._earlier is None:
            rows = RECORDS_OF.all(self._session, {"of": self.complaint_no})
            self._earlier = {row.kind: row.values for row in rows}
        return self._earlier | {record["kind"]: record["values"] for record in self._records}

    def save(self) -> bool:
        """Write the row, the records and extensions of this step; return whether task limits moved.

        Open tasks of the case's other instances are brought to them here. Raises LostRace.
        """
        writes = Writes()
        if self._is_new:
            self._step.writes.send(self._session)  # the row refers to its instance
            self._session.execute(insert(COMPLAINT), [self._row])
        elif self._changed:
            changed = {**self._changed, "version": self._row["version"] + 1}
            writes.add(update_of(tuple(sorted(changed))), [{**changed, "of": self.complaint_no}])
            self._move_tasks()
        writes.add(ADD_RECORDS, self._records)
        writes.send_last(self._session)
        if self._limits_moved and not self._is_new:
            move_in_case(self._session, self.complaint_no, self.limits, but=self._step.instance.id)
        if self._extensions:
            self._session.execute(insert(Extension), self._extensions)
        if self._statutory:
            self._session.execute(insert(StatutoryChange), self._statutory)
        if self._earlier is not None:
            self._earlier = self._all_records()
        if self._seals:
            add_jobs(self._step.rt, self._session, [sealing_of(self.complaint_no)])
            self._seals = False
        if self._letters:
            jobs = [letter_job(self.complaint_no, *each) for each in self._letters]
            add_jobs(self._step.rt, self._session, jobs)
            self._letters = []
        if self._asks:
            self._ask_how_satisfied()
        self._is_new, moved = False, self._limits_moved
        self._changed, self._records, self._extensions, self._limits_moved = {}, [], [], False
        self._statutory = []
        return moved

    def _move_tasks(self) -> None:
        """Bring the lists to the case's new limit or traits, whichever instance its open tasks are of."""
        renamed = self._traits != (traits := traits_of(self._row))
        if not renamed and "due_at" not in self._changed:
            return
        self._traits = traits
        self._step.writes.send_last(self._session)  # what ended in this step is no open task any more
        move_open_tasks(
            self._session, self.complaint_no, limit_at=self._row["due_at"], traits=traits if renamed else None
        )

    def _ask_how_satisfied(self) -> None:
        """Open the survey with the result notice: every customer who is answered is asked (R32)."""
        rt, now = self._step.rt, self._step.now
        days = self._in_force(OPEN_DAYS, now)
        row = invitation_of(rt.keyring, self.complaint_no, now, days)
        self._session.execute(insert_into(self._session, Survey).values(row).on_conflict_do_nothing())
        if wants_mail(self._row["preferred_contact"], self._row["personal"]):
            add_jobs(rt, self._session, [mail_of(self.complaint_no, SURVEY_MAIL)])
        self._asks = False


_FACTS = (
    "no",
    "status",
    "stage",
    "channel",
    "category",
    "grade",
    "suggested_grade",
    "suggested_category",
    "urgent",
    "product",
    "sub_code",
    "preferred_contact",
    "received_at",
    "registered_at",
    "due_at",
    "statutory_due_at",
    "statutory_step",
    "policy_version",
    "repeat_of",
    "extended_until",
    "handler",
)
