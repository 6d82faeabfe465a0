"""Register a complaint: number, customer, row, instance and (where category and grade are given) the
first task,
all in one transaction (R17-R20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.cases.acknowledging import acknowledge
from engine.cases.case import ComplaintCase
from engine.cases.channels import LIFECYCLE, OURS, channels_in_force
from engine.cases.intake import FACTS, read_intake
from engine.cases.limits import limit_of
from engine.cases.register import PENDING
from engine.cases.registration_drafts import forget_begun
from engine.cases.repeats import WINDOW, earlier_complaint
from engine.cases.statute import statutory_due
from engine.domain.complaint import Status, complaint_number
from engine.domain.deadlines import local_date
from engine.domain.statute import StatutoryClock
from engine.errors import Conflict, InvalidInput, StepFailed
from engine.people.accounts import roles_of
from engine.people.acting import load_actor
from engine.people.actor import Actor
from engine.people.partners import partner_of_name
from engine.people.roles import HANDLERS
from engine.privacy.identifiers import INDEXED_KINDS, is_id_number, is_old_id_number
from engine.privacy.subjects import create_subject, index_subject
from engine.privacy.values import store_values
from engine.runtime.advance import new_step
from engine.runtime.commands.complete import complete_opened
from engine.runtime.drafts import Continued
from engine.runtime.once import Once, recall, remember
from engine.runtime.parameters import policy_version_on
from engine.runtime.runtime import Runtime
from engine.runtime.step import Step
from engine.store.ids import new_id
from engine.store.tables.cases import Complaint, ComplaintCounter
from engine.store.tables.people import Department, Person
from engine.store.upsert import insert_into

MOST_REPRESENTATIVES = "statute.most_representatives"


@dataclass(frozen=True, slots=True)
class Registered:
    """The number that the customer is told, and the instance that carries the case."""

    complaint_no: str
    instance_id: str


def register_complaint(
    rt: Runtime,
    actor: Actor,
    intake: Mapping[str, Any],
    *,
    idempotency: Once | None = None,
    draft_id: str | None = None,
    continued: Continued | None = None,
) -> Registered:
    """Register a complaint from any channel; what was kept of it as begun, goes.

    Raises InvalidInput (by field), Conflict (imported already), NewerDraft (more was begun than what is
    `continued`).
    """
    checked = read_intake(intake)
    with rt.sessions.step() as session:
        if (known := recall(session, actor, idempotency)) is not None:
            return Registered(**known)
        registered = register_in(rt, session, actor, checked)
        if not checked.get("source"):  # what another system hands over, it has acknowledged
            acknowledge(rt, session, actor, registered.complaint_no, checked)
        if draft_id is not None:
            forget_begun(session, actor, draft_id, continued)
        remember(session, actor, idempotency, asdict(registered))
        return registered


def register_in(rt: Runtime, session: Session, actor: Actor, intake: Mapping[str, Any]) -> Registered:
    """As `register_complaint`, with a checked intake, within the caller's transaction."""
    if intake.get("partner"):
        intake = {**intake, "partner": partner_of_name(session, intake["partner"])}
    _refuse_unknown(rt, session, intake)
    _refuse_repeated_source(session, intake)
    subject_id = create_subject(session, rt.keyring)
    row = _new_row(rt, session, actor, intake, subject_id)
    _keep_customer(rt, session, subject_id, intake, row)
    window = _in_force(rt, session, WINDOW, row["received_at"])
    row["repeat_of"] = earlier_complaint(session, subject_id, row, intake.get("category"), window)
    session.info[PENDING] = row
    instance_id = new_id()
    with new_step(
        rt,
        session,
        LIFECYCLE,
        actor,
        variables=_variables(intake),
        business_key=row["no"],
        instance_id=instance_id,
    ) as step:
        _count_first_limit(step)
        step.run()
        if intake.get("category") and intake.get("grade"):
            _complete_registration(step, intake)
    return Registered(row["no"], instance_id)


def next_number(session: Session, day: date) -> str:
    """Return the next complaint number of a local day; the counter's row is locked until the commit."""
    statement = insert_into(session, ComplaintCounter).values(day=f"{day:%Y%m%d}", last=1)
    count = session.scalars(
        statement.on_conflict_do_update(
            index_elements=[ComplaintCounter.day], set_={"last": ComplaintCounter.last + 1}
        ).returning(ComplaintCounter.last)
    ).one()
    return complaint_number(day, count)


def _refuse_unknown(rt: Runtime, session: Session, intake: Mapping[str, Any]) -> None:
    """Refuse a channel, department or handler that there is not, whether or not a form asks for them, and
    more representatives than may speak for many (Art. 12).
    """
    errors: dict[str, list[str]] = {}
    channel = intake["channel"]
    if channel not in OURS and channel not in (known := channels_in_force(rt, session)):
        errors["channel"] = [f"no such channel; there are {', '.join(known)}"]
    if intake.get("department") and session.get(Department, intake["department"]) is None:
        errors["department"] = ["no such department"]
    most = most_representatives(rt, session, intake["received_at"])
    if (intake.get("representatives") or 0) > most:
        errors["representatives"] = [f"a joint complaint has at most {most} representatives (Art. 12)"]
    if intake.get("handler"):
        if HANDLERS not in _roles(session, intake["handler"]):
            errors["handler"] = ["nobody of this name handles complaints"]
        elif not load_actor(session, intake["handler"]).is_trained:
            errors["handler"] = ["holds no valid training (R67); choose another"]
    if errors:
        raise InvalidInput("the complaint cannot be registered: see the fields", errors)


def most_representatives(rt: Runtime, session: Session, at: datetime) -> int:
    """Return how many may speak for a joint complaint that was received at an instant (Art. 12)."""
    return _in_force(rt, session, MOST_REPRESENTATIVES, at)


def _in_force(rt: Runtime, session: Session, name: str, at: datetime) -> int:
    """Return the value of a parameter on the day of an instant."""
    return rt.parameters.current(session).value(name, local_date(at, rt.config.timezone))


def _roles(session: Session, username: str) -> frozenset[str]:
    person = session.scalar(select(Person.id).where(Person.username == username, Person.active))
    return roles_of(session, person) if person is not None else frozenset()


def _refuse_repeated_source(session: Session, intake: Mapping[str, Any]) -> None:
    if not intake.get("source_ref"):
        return
    known = session.scalars(
        select(Complaint.no).where(
            Complaint.source == intake.get("source"), Complaint.source_ref == intake["source_ref"]
        )
    ).first()
    if known is not None:
        raise Conflict(f"{intake.get('source')} {intake['source_ref']} is registered already as {known}")


def _new_row(
    rt: Runtime, session: Session, actor: Actor, intake: Mapping[str, Any], subject_id: str
) -> dict[str, Any]:
    now = clock.now()
    row: dict[str, Any] = {column.name: None for column in Complaint.__table__.columns}
    row |= {
        "no": next_number(session, local_date(now, rt.config.timezone)),
        "status": str(Status.REGISTERED),
        "channel": intake["channel"],
        "source": intake.get("source"),
        "source_ref": intake.get("source_ref"),
        "category": None,
        "grade": None,
        "urgent": intake["urgent"],
        "product": intake.get("product"),
        "sub_code": intake.get("sub_code"),
        "preferred_contact": intake["preferred_contact"],
        "facts": _facts(intake),
        "accused": intake.get("accused"),
        "received_at": intake["received_at"],
        "last_contact_at": intake["received_at"],
        "due_at": intake["received_at"],
        "original_due_at": intake["received_at"],
        "statutory_due_at": intake["received_at"],
        "statutory_step": 1,
        "deadline_provisional": False,
        "policy_version": policy_version_on(session, local_date(intake["received_at"], rt.config.timezone)),
        "calendar_version": "",
        "department_id": intake.get("department"),
        "subject_id": subject_id,
        "personal": {},
        "created_by": actor.username,
        "created_at": now,
        "version": 1,
    }
    return row


def _facts(intake: Mapping[str, Any]) -> dict[str, Any]:
    """Return what grading and handling read. A mistyped identity number is no reason to turn anybody away
    (R9): it is told to whoever registers, who asks again (R10, Art. 22).
    """
    facts = {key: _fact(intake[key]) for key in FACTS if intake.get(key) is not None}
    number = "".join(str(intake["customer"].get("id_number") or "").split())
    if number and not (is_id_number(number) or is_old_id_number(number)):
        facts["identity_doubt"] = True
    return facts


def _fact(value: Any) -> Any:
    return value if isinstance(value, bool | int | str) else str(value)


def _keep_customer(
    rt: Runtime, session: Session, subject_id: str, intake: Mapping[str, Any], row: dict[str, Any]
) -> None:
    customer = {key: value for key, value in intake["customer"].items() if value}
    values = {**customer, "content": intake["content"]}
    row["personal"] = store_values(session, rt.keyring, subject_id, values)
    index_subject(
        session, rt.keyring, subject_id, {key: customer[key] for key in INDEXED_KINDS if key in customer}
    )


def _variables(intake: Mapping[str, Any]) -> dict[str, Any]:
    names = (
        "channel",
        "product",
        "category",
        "grade",
        "urgent",
        "preferred_contact",
        "department",
        "handler",
    )
    facts = ("amount", "legal_risk", "media_risk", "spread_risk", "vulnerable", "complainants")
    return {name: intake.get(name) for name in (*names, *facts)}


def _count_first_limit(step: Step) -> None:
    """Set both clocks from receipt before anything runs; without a grade the limit is that of grade 3."""
    case = step.case
    if not isinstance(case, ComplaintCase):
        raise StepFailed("a registration began without its complaint")
    received_at = case.get("received_at")
    limit = limit_of(step, received_at, None, case.facts())
    zone, parameters = step.rt.config.timezone, step.rt.parameters.current(step.session)
    statute = statutory_due(StatutoryClock(local_date(received_at, zone)), parameters, zone)
    case.set(
        due_at=limit.due_at,
        original_due_at=limit.due_at,
        deadline_provisional=limit.provisional,
        calendar_version=limit.calendar_version,
        statutory_due_at=statute,
        original_statutory_due_at=statute,
        statutory_from=received_at,
    )


def _complete_registration(step: Step, intake: Mapping[str, Any]) -> None:
    """Category and grade are known: complete the registration task at once, by whoever registers."""
    waits = [wait for wait in step.workflow.waits() if wait.kind == "user" and wait.element.form_id]
    if len(waits) != 1:
        return
    form = step.bundle.form(waits[0].element.form_id)
    values = {field.key: intake[field.key] for field in form.fields if intake.get(field.key) is not None}
    complete_opened(step, waits[0], values)
