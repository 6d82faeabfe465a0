"""Samples of closed cases for the second coding: drawn by chance, redrawable, closed before they count (R14).

The frame is read and drawn from before the transaction that keeps the sample, so that a frame of hundreds of
thousands holds up no other writer; what another draw took meanwhile is told as a conflict. A frame is kept as
its numbers, sorted and compressed, beside its hash.

Nothing of a sample counts before it is closed: until then a coder may put right a slip of their own, and no
figure shows them how the cases were coded first.
"""

from __future__ import annotations

import gzip
import json
import secrets
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.domain.kpi import read_period
from engine.domain.sampling import ALGORITHM, draw, frame_digest
from engine.errors import Conflict, InvalidInput, NotFound
from engine.people.actor import Actor
from engine.people.permissions import PERMISSIONS
from engine.quality.conditions import CASE, COMPLAINT, Asked, counted, within
from engine.runtime.notices import Notice, leave_notice
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.tables.audit import History
from engine.store.tables.measures import CodingSample, SecondCoding
from engine.store.tables.people import Person, PersonRole
from engine.store.tables.privacy import DataSubject
from engine.store.tables.runtime import Task

SAMPLE: Final = table_of(CodingSample)
CODING: Final = table_of(SecondCoding)
MOST_DRAWN: Final = 200
DRAW, WORK = "coding.draw", "coding.work"
TELLS: Final = "coding"
"""The kind of notice that says that a sample waits."""
_REGISTERED = "complaint.registered"
_HISTORY, _TASK, _SUBJECT = table_of(History).c, table_of(Task).c, table_of(DataSubject).c


def draw_sample_to_code(rt: Runtime, actor: Actor, period: str, size: Any, *, seed: str | None = None) -> str:
    """Draw up to `size` of the cases that were closed in a period and never drawn before; tell those who may
    code one of them, and return the sample's id.

    Raises Forbidden, InvalidInput (by field; nothing left to draw), Conflict (drawn by others meanwhile).
    The seed is drawn by chance; only who tests a draw gives one.
    """
    actor.require(DRAW)
    wanted, most = read_period(period), _size(size)
    chosen = seed or str(secrets.randbits(63))
    with rt.sessions.read() as session:
        frame = _frame(session, Asked(*wanted.bounds(rt.config.timezone), clock.now()))
        if not frame:
            message = "no closed case of this period is left to be coded a second time"
            raise InvalidInput(message, {"period": [message]})
        drawn = [each.name for each in draw(dict.fromkeys(frame, 1.0), most, chosen)]
        rows = _rows(session, drawn)
        people = _who_may_code(session, drawn)
    made = {
        "id": new_id(),
        "period": wanted.name,
        "seed": chosen,
        "algorithm": ALGORITHM,
        "size": len(drawn),
        "frame_cases": len(frame),
        "frame_sha256": frame_digest((no, 1.0) for no in frame),
    }
    kept = {"frame": _packed(frame), "drawn_by": actor.username, "drawn_at": clock.now()}
    with rt.sessions.step() as session:
        session.execute(insert(SAMPLE).values(**made, **kept))
        try:
            session.execute(insert(CODING), [{"sample_id": made["id"], **row} for row in rows])
        except IntegrityError as error:
            raise Conflict("others have drawn cases of this period just now; draw again") from error
        told = {("sample" if name == "id" else name): value for name, value in made.items()}
        note(session, actor.username, "coding.sampled", told)
        leave_notice(rt, session, people, Notice(TELLS, f"{TELLS}:{made['id']}"))
    return str(made["id"])


def _size(size: Any) -> int:
    text = str(size or "").strip()
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_DRAWN):
        message = f"takes a whole number from 1 to {MOST_DRAWN}"
        raise InvalidInput(message, {"size": [message]})
    return int(text)


def _frame(session: Session, asked: Asked) -> list[str]:
    """Return the numbers of the counting cases closed in the period that were coded, whose content is there
    and that nobody drew, sorted.
    """
    query = (
        select(CASE.no)
        .join_from(COMPLAINT, table_of(DataSubject), _SUBJECT.id == CASE.subject_id)
        .where(
            within(CASE.closed_at, asked),
            counted(),
            CASE.category.is_not(None),
            CASE.grade.is_not(None),
            _SUBJECT.erased_at.is_(None),
            CASE.no.not_in(select(CODING.c.complaint_no)),
        )
    )
    return sorted(session.scalars(query))


def _rows(session: Session, drawn: Sequence[str]) -> list[dict[str, Any]]:
    """Return the drawn cases with their first coding, by place."""
    columns = (CASE.no, CASE.instance_id, CASE.closed_at, CASE.category, CASE.sub_code, CASE.grade)
    cases = {row.no: row for row in session.execute(select(*columns).where(CASE.no.in_(drawn)))}
    first = _first_codings(session, [row.instance_id for row in cases.values()])
    rows = []
    for place, no in enumerate(drawn, 1):
        case, codes = cases[no], first.get(cases[no].instance_id, {})
        rows.append(
            {
                "complaint_no": no,
                "closed_at": case.closed_at,
                "position": place,
                "first_category": codes.get("category") or case.category,
                "first_sub_code": case.sub_code or "",
                "first_grade": int(codes.get("grade") or case.grade),
            }
        )
    return sorted(
        rows, key=lambda row: str(row["complaint_no"])
    )  # two draws wait for each other in one order


def _first_codings(session: Session, instances: list[str]) -> dict[str, dict[str, Any]]:
    """Return what the trail says of the first complete registration, by instance; the sub-code never changes
    afterwards and is read from the case.
    """
    query = select(_HISTORY.stream, _HISTORY.data).where(
        _HISTORY.stream.in_(instances), _HISTORY.kind == _REGISTERED
    )
    found: dict[str, dict[str, Any]] = {}
    for row in session.execute(query.order_by(_HISTORY.stream, _HISTORY.seq)):
        found.setdefault(row.stream, json.loads(row.data))
    return found


def _who_may_code(session: Session, drawn: Sequence[str]) -> list[str]:
    """Return the ids of the people who code and know at least one of the cases not at all."""
    known: defaultdict[str, set[str]] = defaultdict(set)
    for name, no in session.execute(who_knows(select(CASE.no).where(CASE.no.in_(drawn)))):
        known[name].add(no)
    query = select(Person.id, Person.username).join(PersonRole, PersonRole.person_id == Person.id)
    query = query.where(PersonRole.role.in_(sorted(PERMISSIONS[WORK])), Person.active).distinct()
    return [row.id for row in session.execute(query) if len(known[row.username]) < len(drawn)]


def who_knows(cases: Select[Any], username: str | None = None) -> Any:
    """Return a query of (username, number) of those who registered, graded, handled or otherwise did
    something in some cases, or whom one is about; of one person where named.
    """

    def of(name: Any, query: Select[Any]) -> Select[Any]:
        return query.where(CASE.no.in_(cases), name == username if username else name.is_not(None))

    parts = [
        of(column, select(column, CASE.no).select_from(COMPLAINT))
        for column in (CASE.handler, CASE.created_by, CASE.accused)
    ]
    acted = select(_HISTORY.actor, CASE.no).join_from(
        COMPLAINT, table_of(History), _HISTORY.stream == CASE.instance_id
    )
    parts.append(of(_HISTORY.actor, acted))
    did = (_TASK.completed_by, _TASK.assignee)
    tasks = table_of(Task)
    parts += [
        of(each, select(each, CASE.no).join_from(COMPLAINT, tasks, _TASK.complaint_no == CASE.no))
        for each in did
    ]
    return parts[0].union(*parts[1:])


def draws_the_same(session: Session, sample_id: str) -> bool:
    """Tell whether the kept seed still draws the same cases, from a frame that nobody touched (R42).

    Raises NotFound.
    """
    row = session.execute(select(SAMPLE).where(SAMPLE.c.id == sample_id)).one_or_none()
    if row is None:
        raise NotFound("there is no such sample")
    frame = gzip.decompress(row.frame).decode().split("\n")
    query = select(CODING.c.complaint_no).where(CODING.c.sample_id == sample_id).order_by(CODING.c.position)
    drawn = [each.name for each in draw(dict.fromkeys(frame, 1.0), row.size, row.seed)]
    intact = frame_digest((no, 1.0) for no in frame) == row.frame_sha256
    return intact and drawn == list(session.scalars(query))


def _packed(frame: Sequence[str]) -> bytes:
    return gzip.compress("\n".join(frame).encode(), mtime=0)


def close_sample(rt: Runtime, actor: Actor, sample_id: str) -> None:
    """Close a sample: its codings count from now on, and nobody enters or corrects one any more.

    Raises Forbidden, NotFound, Conflict (closed already, nothing coded yet).
    """
    actor.require(DRAW)
    with rt.sessions.step() as session:
        require_open(session, sample_id)
        coded = session.scalar(select(func.count(CODING.c.coded_at)).where(CODING.c.sample_id == sample_id))
        if not coded:
            raise Conflict("no case of this sample is coded yet; there is nothing to close")
        closed = {"closed_at": clock.now(), "closed_by": actor.username}
        session.execute(update(SAMPLE).where(SAMPLE.c.id == sample_id).values(**closed))
        note(session, actor.username, "coding.closed", {"sample": sample_id, "coded": coded})


def require_open(session: Session, sample_id: str) -> None:
    """Hold a sample for the rest of a step. Raises NotFound, Conflict where it is closed."""
    query = select(SAMPLE.c.closed_at).where(SAMPLE.c.id == sample_id).with_for_update()
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such sample")
    if row.closed_at is not None:
        raise Conflict("this sample is closed: its codings count and stay as they are")
