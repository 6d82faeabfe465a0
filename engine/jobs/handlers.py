"""THE table of job types that Redress carries out itself. Other types wait for outside workers.

Each handler may be called more than once for one job and acts once under the job's id: what happens in our
own database is written in the transaction that ends the job; what happens elsewhere takes the id along.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.cases.archive.gate import SEAL_JOB
from engine.cases.archive.seal import seal_archive
from engine.cases.incoming.chats import called_back
from engine.cases.incoming.daily_check import keep_evidence, mailbox_state
from engine.cases.mails import CUSTOMER_MAIL, CUSTOMER_TEXT, give_up, mail_customer, text_customer
from engine.cases.public.survey import GO_ON, go_on
from engine.cases.regrading import apply_regrade
from engine.cases.rows import open_complaint
from engine.errors import NotFound, StepFailed
from engine.jobs.backoff import PATIENT, QUICK, Backoff
from engine.jobs.notice_mail import send_notice_mail
from engine.jobs.notice_push import send_notice_push
from engine.people.acting import load_actor
from engine.people.actor import SYSTEM, Actor
from engine.quality.improvement.comparison import compare_effect
from engine.quality.regulator.generating import generate_return
from engine.quality.supervision.checks import (
    OPEN_FINDING,
    open_check,
    open_finding,
    tell_inspection,
)
from engine.quality.supervision.inspections import CHECK_DONE, OPEN_CHECK, draw_sample
from engine.quality.training.sessions import record_session, schedule_session
from engine.runtime.commands.correlate import publish, spread, tell
from engine.runtime.notices import MAIL_JOB, PUSH_JOB, Notice, leave_notice
from engine.runtime.outbox import MESSAGE_JOB, SIGNAL_JOB, SIGNAL_TO_JOB
from engine.runtime.runtime import Runtime
from engine.runtime.spiff.values import from_plain
from engine.runtime.starts import start_by_event
from engine.store.tables.cases import Complaint
from engine.store.tables.people import Person, PersonRole


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as its handler sees it. `id` is the stable key towards the outside."""

    id: str
    type: str
    payload: Mapping[str, Any]

    @property
    def variables(self) -> Mapping[str, Any]:
        """The variables of the service task's scope, input mappings applied."""
        found: Mapping[str, Any] = self.payload.get("variables") or {}
        return found

    @property
    def headers(self) -> Mapping[str, str]:
        """The task headers drawn in the modeler."""
        found: Mapping[str, str] = self.payload.get("headers") or {}
        return found


Recording = Callable[[Runtime, Session, JobView], Mapping[str, Any] | None]
"""Runs inside the transaction that ends the job, so that its effect and the job's end are one. No network."""

Sending = Callable[[Runtime, JobView], Mapping[str, Any] | None]
"""Runs while no transaction is open and may wait for another machine. It must give up within the lock's time
and hand `job.id` on as the key under which the other side does it once.
"""


@dataclass(frozen=True, slots=True)
class Handler:
    """How jobs of one type are carried out: either `record` or `send`.

    `lock_s` is for how many seconds a sending has a job before another worker may take it. `given_up` acts on
    the payload of a job that became an incident.
    """

    record: Recording | None = None
    send: Sending | None = None
    backoff: Backoff = QUICK
    lock_s: float = 120.0
    given_up: Callable[[Runtime, Session, Mapping[str, Any]], None] | None = None


def notify(rt: Runtime, session: Session, job: JobView) -> None:
    """Leave a notice for the case's handler and for each supervisor, or for the groups that the header
    `group` names (R11, R36-R38).
    """
    number = job.payload.get("complaint_no")
    kind = job.headers.get("template", "notice")
    handler = session.scalars(select(Complaint.handler).where(Complaint.no == number)).first()
    groups = [each.strip() for each in job.headers.get("group", "supervisors").split(",")]
    people = set(
        session.scalars(
            select(Person.id)
            .join(PersonRole, PersonRole.person_id == Person.id)
            .where(PersonRole.role.in_(groups), Person.active)
        )
    )
    if handler is not None:
        people |= set(session.scalars(select(Person.id).where(Person.username == handler)))
    leave_notice(rt, session, people, Notice(kind, job.id, str(number) if number else None))


def apply_approved_regrade(rt: Runtime, session: Session, job: JobView) -> None:
    """Carry out a change to a milder grade that a superior has approved (R15)."""
    values = job.variables
    number = job.payload.get("complaint_no") or values.get("complaint_no")
    if not number or values.get("new_grade") is None:
        raise StepFailed("a regrade job needs the variables complaint_no and new_grade")
    row = open_complaint(session, str(number))
    if row["grade"] != int(values.get("old_grade") or row["grade"]):
        return  # it has become graver since this was asked for; what was approved is no longer the question
    apply_regrade(rt, session, SYSTEM, row, int(values["new_grade"]), str(values.get("reason_ref") or ""))


def compare_before_and_after(rt: Runtime, session: Session, job: JobView) -> Mapping[str, Any]:
    """Count what an improvement measure came to (R58)."""
    return {"verdict": compare_effect(rt, session, str(job.payload["business_key"]))["verdict"]}


def generate_periodic_return(rt: Runtime, job: JobView) -> Mapping[str, Any]:
    """Generate a return from frozen figures and check it; under the job's id this is done once (R65)."""
    return generate_return(rt, str(job.payload["business_key"]), job.id)


def plan_training_session(_rt: Runtime, session: Session, job: JobView) -> Mapping[str, Any]:
    """Enter a planned session in the register (R67)."""
    return schedule_session(session, job.variables)


def record_training_session(rt: Runtime, session: Session, job: JobView) -> Mapping[str, Any]:
    """Write down who attended a session and passed its test (R67, R68)."""
    return record_session(rt, session, job.variables)


def publish_message(rt: Runtime, session: Session, job: JobView) -> None:
    """Hand a message that a process threw to whoever waits for it, or keep it for a while."""
    name, variables = _thrown(job)
    publish(rt, session, SYSTEM, name, str(job.payload.get("key", "")), variables)


def spread_signal(rt: Runtime, session: Session, job: JobView) -> None:
    """Start what a signal starts; leave a job for each other instance that waits for it, so that one that
    cannot run keeps it from no other.
    """
    name, variables = _thrown(job)
    if "after" not in job.payload:  # the first part of those who wait
        start_by_event(rt, session, SYSTEM, "signal", name, variables=variables)
    spread(rt, session, job.payload)


def tell_signal(rt: Runtime, session: Session, job: JobView) -> None:
    """Tell one instance a signal that another threw, or that somebody sent to very many."""
    name, variables = _thrown(job)
    tell(rt, session, _sender(session, job), str(job.payload["to"]), name, variables)


def _sender(session: Session, job: JobView) -> Actor:
    """Return who sent a signal; the system where it is a process, or somebody who has left since."""
    try:
        return load_actor(session, str(job.payload["by"])) if "by" in job.payload else SYSTEM
    except NotFound:
        return SYSTEM


def mail_notice(rt: Runtime, job: JobView) -> None:
    """Send the mail about a notice."""
    send_notice_mail(rt, job.payload, job.id)


def push_notice(rt: Runtime, job: JobView) -> None:
    """Tell a device of a notice."""
    send_notice_push(rt, job.payload, job.id)


def _thrown(job: JobView) -> tuple[str, dict[str, Any]]:
    if not {"thrower", "by"} & job.payload.keys():
        raise StepFailed(f"{job.type!r} is no job type for a task; draw an event that throws")
    return str(job.payload["name"]), from_plain(job.payload["variables"])


def seal_the_archive(rt: Runtime, job: JobView) -> None:
    """Seal the archive of a complaint; under its number this is done once (R34)."""
    seal_archive(rt, str(job.payload["complaint_no"]))


def draw_inspection_sample(rt: Runtime, job: JobView) -> Mapping[str, Any]:
    """Draw the sample of an inspection; under its number this is done once (R42)."""
    return draw_sample(rt, job.payload)


def go_on_after_survey(rt: Runtime, session: Session, job: JobView) -> None:
    """Ask nobody how satisfied they are who has said so (R32)."""
    go_on(rt, session, str(job.payload["instance"]))


def mail_to_customer(rt: Runtime, job: JobView) -> None:
    """Send a customer the mail that the job names (R5, R30, R32)."""
    mail_customer(rt, job.payload, job.id)


def look_into_mailbox(_rt: Runtime, session: Session, _job: JobView) -> Mapping[str, Any]:
    """Tell whoever checks the mailbox what waits there (R7)."""
    return mailbox_state(session)


def keep_mailbox_check(_rt: Runtime, session: Session, job: JobView) -> None:
    """Keep who checked the mailbox, when, and what there was (R7)."""
    keep_evidence(session, job.variables)


def text_to_customer(rt: Runtime, job: JobView) -> None:
    """Send a customer the text message that the job names (R30)."""
    text_customer(rt, job.payload, job.id)


def keep_call_back(_rt: Runtime, session: Session, job: JobView) -> None:
    """Note on a chat that its customer has been called back (R8)."""
    called_back(session, job.variables)


def _of_payload(
    work: Callable[[Runtime, Session, Mapping[str, Any]], Mapping[str, Any] | None],
) -> Handler:
    """Return the handler of work that needs nothing of its job but the payload."""
    return Handler(record=lambda rt, session, job: work(rt, session, job.payload))


HANDLERS: Mapping[str, Handler] = {
    SEAL_JOB: Handler(send=seal_the_archive, lock_s=900.0),
    "mailbox-state": Handler(record=look_into_mailbox),
    "mailbox-checked": Handler(record=keep_mailbox_check),
    "notify": Handler(record=notify),
    "regrade": Handler(record=apply_approved_regrade),
    GO_ON: Handler(record=go_on_after_survey),
    "compare-effect": Handler(record=compare_before_and_after),
    "generate-return": Handler(send=generate_periodic_return, lock_s=900.0),
    "plan-training-session": Handler(record=plan_training_session),
    "record-training-session": Handler(record=record_training_session),
    "draw-sample": Handler(send=draw_inspection_sample, lock_s=900.0),
    OPEN_CHECK: _of_payload(open_check),
    OPEN_FINDING: _of_payload(open_finding),
    CHECK_DONE: _of_payload(tell_inspection),
    MESSAGE_JOB: Handler(record=publish_message),
    SIGNAL_JOB: Handler(record=spread_signal),
    SIGNAL_TO_JOB: Handler(record=tell_signal),
    CUSTOMER_MAIL: Handler(send=mail_to_customer, backoff=PATIENT, given_up=give_up),
    CUSTOMER_TEXT: Handler(send=text_to_customer, backoff=PATIENT, given_up=give_up),
    "called-back": Handler(record=keep_call_back),
    MAIL_JOB: Handler(send=mail_notice, backoff=PATIENT),
    PUSH_JOB: Handler(send=push_notice, backoff=PATIENT),
}


def recording_types() -> list[str]:
    """Return the types that are done inside a transaction."""
    return [name for name, handler in HANDLERS.items() if handler.record is not None]


def sending_types() -> list[str]:
    """Return the types that wait for other machines."""
    return [name for name, handler in HANDLERS.items() if handler.send is not None]
