"""The second coding: a drawn case coded again by somebody who does not see the first coding (R14).

The first coding is what stood when registration was complete for the first time, before a superior sent a
grade back and before any regrading: what is measured is whether two people read the definitions alike, not
whether a mistake was put right later. It is taken from the trail, and copied when the sample is drawn.

A coder knows a case by the id of its sample and its place alone, is shown neither number nor codes, and has
had nothing to do with it: no entry of its trail and no task of it is theirs, and it is not about them. Who
may read the register could still look for the case there; a computer cannot keep that from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.cases.channels import LIFECYCLE
from engine.domain.complaint import Category
from engine.domain.grade import Grade
from engine.domain.sampling import sampling_key
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound
from engine.models.forms.options import normalize_options
from engine.people.actor import Actor
from engine.quality.conditions import CASE, COMPLAINT
from engine.quality.supervision.coding_samples import CODING, SAMPLE, WORK, require_open, who_knows
from engine.read.visibility import is_about
from engine.runtime.bundles import find_definition
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.tables.privacy import DataSubject

MOST_SHOWN: Final = 50
FACTS: Final = ("amount", "complainants", "legal_risk", "media_risk", "spread_risk", "vulnerable")
"""What the criteria of the grades ask for (R16): as entered, and not what was made of it."""
_CODES: Final = ("category", "sub_code", "grade")
REGISTER: Final = "register"
"""The form on which a case is coded first."""
_SHOWN: Final = (
    *("id", "period", "seed", "drawn_by", "drawn_at", "closed_by", "closed_at", "frame_cases", "size"),
)
_SUBJECT = table_of(DataSubject).c


@dataclass(frozen=True, slots=True)
class Sample:
    """A drawn sample: how far it is; the places that wait for the reader, in an order of their own, so that
    two coders at the same time begin at different cases; and the places that the reader has coded.
    """

    id: str
    period: str
    seed: str
    drawn_by: str
    drawn_at: datetime
    closed_by: str | None
    closed_at: datetime | None
    frame_cases: int
    size: int
    coded: int
    waiting: list[int]
    own: list[int]


@dataclass(frozen=True, slots=True)
class CaseToCode:
    """What a coder may know of a case. `content` is a reference into the encrypted store; `complaint_no` is
    for the trail and for masking, and is not shown. `codes` are what the coder has entered before.
    """

    complaint_no: str
    subject_id: str
    content: str
    product: str | None
    channel: str
    received_at: datetime
    facts: Mapping[str, Any]
    codes: Mapping[str, str]


def samples_to_code(session: Session, actor: Actor, *, sample: str | None = None) -> list[Sample]:
    """Return the last samples, the newest first, or the one of this id, with what waits for the actor.

    Raises Forbidden, NotFound.
    """
    actor.require("coding.read")
    query = select(SAMPLE, func.count(CODING.c.coded_at).label("done")).join(CODING)
    query = query.group_by(SAMPLE.c.id).order_by(SAMPLE.c.id.desc())
    if sample is not None:
        query = query.where(SAMPLE.c.id == sample)
    rows = session.execute(query.limit(MOST_SHOWN)).all()
    if sample is not None and not rows:
        raise NotFound("there is no such sample")
    works = actor.may(WORK)
    waiting, own = (_waiting(session, actor), _own(session, actor)) if works else ({}, {})
    return [
        Sample(
            **{name: row._mapping[name] for name in _SHOWN},
            coded=row.done,
            waiting=sorted(
                waiting.get(row.id, ()), key=lambda place: sampling_key(actor.username, str(place), 1)
            ),
            own=own.get(row.id, []),
        )
        for row in rows
    ]


def _waiting(session: Session, actor: Actor) -> dict[str, list[int]]:
    """Return the places of each open sample that wait for a second coding and that the actor may code."""
    drawn = select(CODING.c.complaint_no).join(SAMPLE)
    drawn = drawn.where(SAMPLE.c.closed_at.is_(None), CODING.c.coded_at.is_(None))
    known = who_knows(drawn, actor.username).subquery()
    query = (
        select(CODING.c.sample_id, CODING.c.position)
        .join_from(CODING, COMPLAINT, CASE.no == CODING.c.complaint_no)
        .join(table_of(DataSubject), _SUBJECT.id == CASE.subject_id)
        .where(CASE.no.in_(drawn), _SUBJECT.erased_at.is_(None), CASE.no.not_in(select(known.c.no)))
        .order_by(CODING.c.sample_id, CODING.c.position)
    )
    return _by_sample(session, query)


def _own(session: Session, actor: Actor) -> dict[str, list[int]]:
    """Return the places of each open sample that the actor has coded."""
    query = select(CODING.c.sample_id, CODING.c.position).join(SAMPLE)
    query = query.where(SAMPLE.c.closed_at.is_(None), CODING.c.coder == actor.username)
    return _by_sample(session, query.order_by(CODING.c.coded_at))


def _by_sample(session: Session, query: Any) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for row in session.execute(query):
        found[row.sample_id].append(row.position)
    return found


def case_to_code(session: Session, actor: Actor, sample: str, place: int) -> CaseToCode:
    """Return a case as its coder may see it. Raises Forbidden (they know it already), NotFound, Conflict
    (coded already by somebody else, content erased).
    """
    actor.require(WORK)
    query = (
        select(*(CODING.c[name].label(f"second_{name}") for name in _CODES), CODING.c.coder)
        .add_columns(COMPLAINT, _SUBJECT.erased_at)
        .join_from(CODING, COMPLAINT, CASE.no == CODING.c.complaint_no)
        .join(table_of(DataSubject), _SUBJECT.id == CASE.subject_id)
        .where(CODING.c.sample_id == sample, CODING.c.position == place)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such case to be coded")
    if row.coder not in (None, actor.username):
        raise Conflict("somebody has coded this case already")
    if row.erased_at is not None or "content" not in row.personal:
        raise Conflict("the content of this case was erased; nobody can code it any more")
    if row.coder is None and _knows(session, actor, row.no):
        raise Forbidden("you have had to do with this case; somebody else codes it")
    facts = {name: row.facts[name] for name in FACTS if row.facts.get(name) not in (None, "")}
    codes = {name: str(row._mapping[f"second_{name}"]) for name in _CODES} if row.coder else {}
    return CaseToCode(
        row.no,
        row.subject_id,
        row.personal["content"],
        row.product,
        row.channel,
        row.received_at,
        facts,
        codes,
    )


def _knows(session: Session, actor: Actor, no: str) -> bool:
    known = who_knows(select(CASE.no).where(CASE.no == no), actor.username)
    return is_about(actor, no) or session.execute(known).first() is not None


def sub_codes_in_force(rt: Runtime, session: Session) -> dict[str, str]:
    """Return the sub-codes that the registration form offers, with their labels as written there."""
    definition = find_definition(session, LIFECYCLE)
    for field in rt.bundles.get(session, definition.bundle_id).form(REGISTER).fields:
        if field.key == "sub_code":
            options = normalize_options(field.raw.get("values"))
            return {str(each["value"]): str(each["label"]) for each in options}
    return {}


def enter_coding(rt: Runtime, actor: Actor, sample: str, place: int, given: Mapping[str, Any]) -> bool:
    """Keep the second coding of a case (`category`, `sub_code` or nothing, `grade`); tell whether it is a
    correction of the actor's own, which the trail keeps with both values.

    Raises as `case_to_code`, Conflict where the sample is closed, and InvalidInput by field.
    """
    with rt.sessions.step() as session:
        require_open(session, sample)
        before = dict(case_to_code(session, actor, sample, place).codes)
        codes = _read_codes(given, sub_codes_in_force(rt, session))
        kept = {name: str(value) for name, value in codes.items()}
        if before == kept:
            return True
        values = codes | {"coder": actor.username, "coded_at": clock.now()}
        where = (CODING.c.sample_id == sample, CODING.c.position == place)
        session.execute(update(CODING).where(*where).values(**values))
        data = {"sample": sample, "place": place, **codes}
        if before:
            note(session, actor.username, "coding.corrected", data | {"before": before})
        else:
            note(session, actor.username, "coding.entered", data)
    return bool(before)


def _read_codes(given: Mapping[str, Any], sub_codes: Mapping[str, str]) -> dict[str, Any]:
    choices = {
        "category": tuple(str(each) for each in Category),
        "sub_code": ("", *sub_codes),
        "grade": tuple(str(int(each)) for each in Grade),
    }
    codes = {name: str(given.get(name) or "").strip() for name in choices}
    wrong = [name for name, allowed in choices.items() if codes[name] not in allowed]
    if wrong:
        message = "choose one of the list"
        raise InvalidInput(message, {name: [message] for name in wrong})
    return {**codes, "grade": int(codes["grade"])}
