"""A complaint as its pages show it: both clocks, facts in words, records by label, personal data masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.audit import note
from engine.cases.words import words_in_force
from engine.errors import InvalidInput, NotFound
from engine.people.actor import SYSTEM, Actor
from engine.people.departments import department_name
from engine.privacy.masking import mask
from engine.privacy.values import is_reference, read_values
from engine.read.assignment import how_assigned
from engine.read.earlier import same_customer
from engine.read.partners import partner_names
from engine.read.people import display_names
from engine.store.tables.people import Department
from engine.store.tables.runtime import Instance
from web import words
from web.answers import Answer, answers
from web.clocks import ClockDay, clock_days
from web.extensions import redress, runtime
from web.gettext import gettext
from web.language import current_language
from web.times import Limit, natural_limit, working_limit

HIDDEN = "•••"


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the case: who wrote it, when, and what, in words."""

    kind: str
    at: Any
    actor: str
    answers: list[Answer]


@dataclass(frozen=True, slots=True)
class Given:
    """Why a case was given to its handler by itself, or to nobody: the reason, the skills asked for, and how
    the others were judged, by name.
    """

    reason: str
    skills: list[str]
    others: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Everything that a page shows of a case. `row` are the columns of the register, `days` both clocks day
    by day, `earlier` other complaints of the same customer.
    """

    row: Mapping[str, Any]
    policy: Limit
    statute: Limit
    extended: Limit | None
    facts: list[tuple[str, str]]
    personal: list[tuple[str, str]]
    revealed: bool
    records: list[Record]
    contacts: list[dict[str, Any]]
    extensions: list[dict[str, Any]]
    survey: list[dict[str, Any]]
    handler_name: str | None
    given: Given | None
    department: str
    days: list[ClockDay]
    earlier: list[dict[str, Any]]
    clear: Mapping[str, Any] = field(default_factory=dict)

    @property
    def next_limit(self) -> Limit:
        """The clock that runs out first: the law's, or what the customer was told, or the policy's."""
        told = self.row["extended_until"] or self.row["due_at"]
        return self.statute if self.row["statutory_due_at"] < told else self.extended or self.policy


def open_case(session: Session, actor: Actor, row: dict[str, Any], *, reveal: bool = False) -> CaseFile:
    """Make the file of a case read by `engine.read.complaint`; `reveal` only after `note_reveal`."""
    clear = _clear(session, row) if reveal else {}
    masked = _masks(session, actor, row) if not reveal else {}
    people = {row["handler"], *(record["actor"] for record in row["records"])}
    people |= {contact["actor"] for contact in row["contacts"]}
    names = display_names(session, people)
    stopped = stop_of(row)
    return CaseFile(
        row=row,
        policy=working_limit(row["due_at"], row["received_at"], **stopped),
        statute=natural_limit(row["statutory_due_at"], row["received_at"], **stopped),
        extended=working_limit(row["extended_until"], row["received_at"], **stopped)
        if row["extended_until"]
        else None,
        facts=_facts(session, row["facts"]),
        personal=[
            (words.word(words.PERSONAL, name), _shown(reference, clear, masked.get(name)))
            for name, reference in _in_order(row["personal"])
        ],
        revealed=reveal,
        records=_records(session, row, clear, names),
        contacts=[
            contact
            | {
                "summary": _shown(contact["summary_ref"], clear),
                "actor_name": _name_of(names, contact["actor"]),
            }
            for contact in row["contacts"]
        ],
        extensions=[
            extension | {"reason": _shown(extension["reason_ref"], clear)} for extension in row["extensions"]
        ],
        survey=[
            answer | {"comment": _shown(answer["comment_ref"], clear) if answer["comment_ref"] else ""}
            for answer in row["survey"]
        ],
        handler_name=names.get(row["handler"]) if row["handler"] else None,
        given=_given(session, row),
        department=_department(session, row["department_id"]),
        days=clock_days(row),
        earlier=same_customer(session, actor, row["no"], row["subject_id"]),
        clear=clear,
    )


def stop_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stopped the clocks of a case, as the limits of `web.times` take it."""
    answered = row["notified_at"] is not None
    return {"stopped_at": row["notified_at"] or row["closed_at"], "answered": answered}


def note_reveal(actor: Actor, complaint_no: str, purpose: str, *, task_id: str | None = None) -> None:
    """Write into the trail who is shown personal data of a case, and why (R60).

    `task_id` names the task whose form shows it: who has a task may see what its form is about. Raises
    InvalidInput for an unknown purpose, Forbidden.
    """
    if task_id is None:
        actor.require("personal.read")
    if purpose not in words.PURPOSES:
        raise InvalidInput("say what the personal data is needed for", {"purpose": ["say why"]})
    with redress().sessions.step() as session:
        data = {"complaint_no": complaint_no, "purpose": purpose} | ({"task": task_id} if task_id else {})
        note(session, actor.username, "personal.revealed", data)


def _references(row: Mapping[str, Any]) -> Iterable[str]:
    yield from row["personal"].values()
    for record in row["records"]:
        yield from _within(record["values"])
    for contact in row["contacts"]:
        yield contact["summary_ref"]
    for extension in row["extensions"]:
        yield extension["reason_ref"]
    for answer in row["survey"]:
        if answer["comment_ref"]:
            yield answer["comment_ref"]


def _within(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _within(item)
    elif isinstance(value, list):
        for item in value:
            yield from _within(item)
    elif is_reference(value):
        yield value


def _clear(session: Session, row: Mapping[str, Any]) -> dict[str, Any]:
    references = [reference for reference in _references(row) if is_reference(reference)]
    return read_values(session, redress().keyring, references, subject_id=row["subject_id"])


def _masks(session: Session, actor: Actor, row: Mapping[str, Any]) -> dict[str, str]:
    """Masked customer data, for those who may see it in full; to all others it is only said to be there."""
    if not actor.may("personal.read"):
        return {}
    short = {name: ref for name, ref in row["personal"].items() if name in _MASKED and is_reference(ref)}
    clear = read_values(session, redress().keyring, short.values(), subject_id=row["subject_id"])
    return {name: mask(name, clear.get(reference)) for name, reference in short.items()}


_MASKED = ("name", "phone", "email", "id_number", "account")


def _in_order(personal: Mapping[str, str]) -> list[tuple[str, str]]:
    order = [*words.PERSONAL]
    return sorted(personal.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order))


def _shown(reference: Any, clear: Mapping[str, Any], masked: str | None = None) -> str:
    if not is_reference(reference):
        return str(reference or "")
    return str(clear.get(reference, masked or HIDDEN))


def _name_of(names: Mapping[str, str], username: str) -> str:
    return gettext("System") if username == SYSTEM.username else names.get(username, username)


def _facts(session: Session, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    if partner := facts.get("partner"):
        facts = {**facts, "partner": partner_names(session, [partner]).get(partner, partner)}
    facts = {**facts, **_axes(session, facts)}
    return [
        (words.word(words.FACTS, name), words.yes_no(value) if isinstance(value, bool) else str(value))
        for name, value in facts.items()
        if value is not False and not (name == "complainants" and value == 1)
    ]


def _axes(session: Session, facts: Mapping[str, Any]) -> dict[str, str]:
    """Return where the statistics put the case (R13), in the page's language where there are words for it."""
    known, language = words_in_force(runtime(), session), current_language()
    return {
        name: known.get(facts[name], {}).get(language, facts[name])
        for name in ("business_axis", "reason_axis")
        if name in facts
    }


def _given(session: Session, row: Mapping[str, Any]) -> Given | None:
    """Tell why the table gave the case to its handler; nothing once somebody else has it."""
    found = how_assigned(session, row["instance_id"])
    if found is None or found["handler"] != row["handler"]:
        return None
    names = display_names(session, found["judged"])
    why = {who: words.word(words.ASSIGNMENT_REASONS, said) for who, said in found["judged"].items()}
    return Given(
        why.pop(found["handler"], ""),
        [words.skill(kind, value) for kind, value in found["skills"] or []],
        [(names.get(who, who), said) for who, said in why.items()],
    )


def _department(session: Session, department_id: str | None) -> str:
    if department_id is None:
        return ""
    name = session.scalar(select(Department.name).where(Department.id == department_id))
    return department_name(department_id, name, current_language())


def _records(
    session: Session, row: Mapping[str, Any], clear: Mapping[str, Any], names: Mapping[str, str]
) -> list[Record]:
    bundle_id = session.scalar(select(Instance.bundle_id).where(Instance.id == row["instance_id"]))
    bundle = runtime().bundles.get(session, bundle_id) if bundle_id and row["records"] else None
    result = []
    for record in row["records"]:
        try:
            form = bundle.form(record["form_id"]) if bundle and record["form_id"] else None
        except NotFound:
            form = None  # written by a process of another family: shown by the fields' names
        shown = answers(session, form, record["values"], lambda value: _shown(value, clear))
        actor = _name_of(names, record["actor"])
        result.append(Record(words.word(words.RECORDS, record["kind"]), record["at"], actor, shown))
    return result
