"""Verifying the trail as it grows: at intervals or when asked, in parts, with a record of each (R70).

A chore checks a part at a time, so that other chores and writers wait for none of it; how far it came is kept
with what it saw, and a worker that is killed loses one part. A part sees the database as of one
moment: what is committed meanwhile is for the next. A whole verification reads every row; between two of
them, what is new is read from where each stream was verified last. Only a whole one finds what was changed
further back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import and_, func, insert, or_, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import SYSTEM_STREAM, Head, note
from engine.audit.checkpoint import last_seal, verify_checkpoints
from engine.audit.verify import Report, look_for_headless, verify, verify_part
from engine.domain.deadlines import local_date
from engine.errors import Conflict
from engine.people.actor import SYSTEM, Actor
from engine.people.roles import AUDITORS, COMPLIANCE
from engine.quality.freezing import FROZEN, unproven, verify_all_frozen
from engine.read.paging import Order, Page, page
from engine.runtime.notices import Notice, leave_notice
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.tables.audit import History, StreamHead, Verification, VerifiedHead
from engine.store.tables.measures import FrozenPeriod
from engine.store.tables.people import Person, PersonRole
from engine.store.tables.runtime import Instance
from engine.store.upsert import insert_into

VERIFY: Final = "audit.verify"
EVERY_DAYS: Final = "audit.verify_days"
FULL_DAYS: Final = "audit.verify_full_days"
FULL, NEW, STREAM = "full", "new", "stream"
RUNNING, PASSED, FAILED = "running", "passed", "failed"
ROWS: Final = 10_000
"""So many rows are checked in a part: about a second's work."""
STREAMS: Final = 500
MOST_PROBLEMS: Final = 50
TOLD: Final = "trail-broken"
INSTANCES, OTHERS, HEADLESS, SEALS, FIGURES, DONE = (
    "instances",
    "others",
    "headless",
    "seals",
    "figures",
    "done",
)
_RUN, _VERIFIED = table_of(Verification), table_of(VerifiedHead)
_HEADS: Final = {
    INSTANCES: (Instance.id, Instance.history_seq, Instance.history_hash),
    OTHERS: (StreamHead.stream, StreamHead.seq, StreamHead.hash),
}


@dataclass(slots=True)
class _Part:
    """What a part of a verification saw, and where the next one goes on."""

    position: dict[str, Any]
    report: Report = field(default_factory=Report)
    verified: list[Head] = field(default_factory=list)
    upto_seq: int | None = None
    upto_seal: str | None = None


def verify_due(rt: Runtime) -> int:
    """Check one part of the verification that runs, or begin the one that is due; return how many rows."""
    with rt.sessions.snapshot() as session:
        query = select(_RUN).where(_RUN.c.state == RUNNING).order_by(_RUN.c.id).limit(1)
        run = session.execute(query).one_or_none()
        due = _due(rt, session) if run is None else None
        part = _look(rt, session, run) if run is not None else None
    if due is not None:
        _begin(rt, SYSTEM, due, scheduled=True)
    if run is None or part is None:
        return 0
    with rt.sessions.step() as session:
        _keep(rt, session, run, part)
    return part.report.rows


def begin_verification(rt: Runtime, actor: Actor) -> str:
    """Have the whole trail verified in parts; return the id. Raises Forbidden, Conflict (one runs)."""
    actor.require(VERIFY)
    return _begin(rt, actor, FULL, scheduled=False)


def verify_at_once(rt: Runtime, by: str, stream: str | None = None) -> Report:
    """Check everything, or one stream, at one go as of this moment, and keep what was seen. Raises NotFound
    where there is no such stream.
    """
    began_at = clock.now()
    with rt.sessions.snapshot() as session:
        report = verify(session, stream)
        if stream is None:
            report.problems += verify_checkpoints(session, rt.keyring) + verify_all_frozen(session)
        upto_seq = _system_seq(session) if stream in (None, SYSTEM_STREAM) else None
        upto_seal = last_seal(session) if stream is None else None
    row = _row(by, STREAM if stream is not None else FULL, scheduled=False, stream=stream) | {
        "state": PASSED if report.holds else FAILED,
        "began_at": began_at,
        "ended_at": clock.now(),
        "streams": report.streams,
        "rows": report.rows,
        "values": report.values,
        "found": len(report.problems),
        "problems": report.problems[:MOST_PROBLEMS],
        "upto_seq": upto_seq,
        "upto_seal": upto_seal,
    }
    with rt.sessions.step() as session:
        session.execute(insert(_RUN).values(row))
        _note(session, row)
    return report


def verifications(
    session: Session, actor: Actor, *, limit: int | None = None, cursor: str | None = None
) -> Page:
    """Return the verifications, the newest first. Raises Forbidden."""
    actor.require(VERIFY)
    return page(session, select(_RUN), Order("id", (_RUN.c.id,), descending=True), limit=limit, cursor=cursor)


def last_complete(session: Session) -> Any | None:
    """Return the last verification of the whole trail that held; None without one. Asks no permission."""
    query = select(_RUN).where(_RUN.c.state == PASSED, _RUN.c.scope == FULL)
    return session.execute(query.order_by(_RUN.c.id.desc()).limit(1)).one_or_none()


def last_failed(session: Session) -> Any | None:
    """Return the last verification in which something did not hold, where no whole one has held since; None
    without one. Asks no permission.
    """
    query = select(_RUN).where(_RUN.c.found > 0).order_by(_RUN.c.id.desc()).limit(1)
    failed, held = session.execute(query).one_or_none(), last_complete(session)
    return None if failed is None or (held is not None and held.id > failed.id) else failed


def _due(rt: Runtime, session: Session) -> str | None:
    """Return the scope of the verification that is due; None where none is."""
    now = clock.now()
    current, today = rt.parameters.current(session), local_date(now, rt.config.timezone)
    began = select(func.max(_RUN.c.began_at)).where(_RUN.c.began_at <= now)  # not one of a clock set ahead
    last = session.scalar(began.where(_RUN.c.scheduled))
    if last is not None and now < last + timedelta(days=current.value(EVERY_DAYS, today)):
        return None
    whole = session.scalar(began.where(_RUN.c.scope == FULL, _RUN.c.state == PASSED))
    if whole is None or now >= whole + timedelta(days=current.value(FULL_DAYS, today)):
        return FULL
    return NEW


def _begin(rt: Runtime, actor: Actor, scope: str, *, scheduled: bool) -> str:
    row = _row(actor.username, scope, scheduled=scheduled)
    with rt.sessions.step() as session:
        runs = select(_RUN.c.id).where(_RUN.c.state == RUNNING)
        if session.scalar(runs.limit(1)) is not None:
            raise Conflict("a verification of the trail runs already")
        session.execute(insert(_RUN).values(row))
    return str(row["id"])


def _row(by: str, scope: str, *, scheduled: bool, stream: str | None = None) -> dict[str, Any]:
    return {
        "id": new_id(),
        "scope": scope,
        "stream": stream,
        "scheduled": scheduled,
        "by": by,
        "state": RUNNING,
        "began_at": clock.now(),
        "ended_at": None,
        "position": {"phase": INSTANCES},
        "version": 1,
        "streams": 0,
        "rows": 0,
        "values": 0,
        "found": 0,
        "problems": [],
        "upto_seq": None,
        "upto_seal": None,
    }


def _look(rt: Runtime, session: Session, run: Any) -> _Part:
    """Check the next part of a verification."""
    part = _Part(dict(run.position))
    phase = part.position["phase"]
    if phase in _HEADS:
        _look_at_streams(session, run.scope, part)
    elif phase == HEADLESS:
        _look_for_headless(session, part)
    elif phase == SEALS:
        part.report.problems += verify_checkpoints(session, rt.keyring)
        part.upto_seal = last_seal(session)
        part.position = {"phase": FIGURES if run.scope == FULL else DONE}
    else:
        _look_at_figures(session, part)
    return part


def _look_at_streams(session: Session, scope: str, part: _Part) -> None:
    """Check streams until the part is full; in a long stream the next part goes on where this one ends."""
    phase, last = part.position["phase"], part.position.get("stream", "")
    inner = part.position.get("within")
    found = _next_heads(session, phase, scope, last, with_last=inner is not None)
    for head, verified in found:
        before, broken, at = len(part.report.problems), False, None
        if inner is not None and head.stream == last:
            at, broken = Head(head.stream, inner["seq"], inner["hash"]), inner.get("broken", False)
        elif scope == NEW and verified is not None and _still_there(session, verified, part.report):
            at = verified
        at = at or Head(head.stream)
        while at is not None:
            if part.report.rows >= ROWS:
                broken = broken or len(part.report.problems) > before
                within = {"seq": at.seq, "hash": at.hash, "broken": broken}
                part.position = {"phase": phase, "stream": head.stream, "within": within}
                return
            at = verify_part(session, head, at, part.report, ROWS)
        part.report.streams += 1
        if not broken and len(part.report.problems) == before:
            part.verified.append(head)  # what does not hold is read again by the next one
        if head.stream == SYSTEM_STREAM:
            part.upto_seq = head.seq
        part.position = {"phase": phase, "stream": head.stream}
    if len(found) < STREAMS:
        following = {INSTANCES: OTHERS, OTHERS: HEADLESS if scope == FULL else SEALS}
        part.position = {"phase": following[phase]}


def _next_heads(
    session: Session, phase: str, scope: str, last: str, *, with_last: bool
) -> list[tuple[Head, Head | None]]:
    """Return the next streams by name with how far each was verified; of what is new those that moved."""
    name, seq, digest = _HEADS[phase]
    query = select(name, seq, digest, _VERIFIED.c.seq, _VERIFIED.c.hash).select_from(
        name.class_.__table__.outerjoin(_VERIFIED, _VERIFIED.c.stream == name)
    )
    query = query.where(name >= last if with_last else name > last)
    if scope == NEW:
        moved = or_(_VERIFIED.c.seq.is_(None), _VERIFIED.c.seq != seq, _VERIFIED.c.hash != digest)
        query = query.where(moved)
    rows = session.execute(query.order_by(name).limit(STREAMS))
    return [
        (Head(row[0], row[1], row[2]), Head(row[0], row[3], row[4]) if row[3] is not None else None)
        for row in rows
    ]


def _still_there(session: Session, verified: Head, report: Report) -> bool:
    """Whether the row up to which a stream was verified is still the same."""
    if not verified.seq:
        return True
    query = select(History.hash).where(History.stream == verified.stream, History.seq == verified.seq)
    if session.scalar(query) == verified.hash:
        return True
    report.problems.append(f"{verified.stream} row {verified.seq}: is not the row that was verified before")
    return False


def _look_for_headless(session: Session, part: _Part) -> None:
    last = look_for_headless(session, part.report, part.position.get("stream", ""), STREAMS)
    part.position = {"phase": SEALS} if last is None else {"phase": HEADLESS, "stream": last}


def _look_at_figures(session: Session, part: _Part) -> None:
    """Check one frozen version of a month's figures."""
    last = part.position.get("frozen", "")
    query = select(FrozenPeriod.__table__).where(FrozenPeriod.state == FROZEN, FrozenPeriod.id > last)
    row = session.execute(query.order_by(FrozenPeriod.id).limit(1)).one_or_none()
    if row is None:
        part.position = {"phase": DONE}
        return
    part.report.problems += unproven(session, dict(row._mapping))
    part.position = {"phase": FIGURES, "frozen": row.id}


def _keep(rt: Runtime, session: Session, run: Any, part: _Part) -> None:
    """Keep what a part saw; another worker that was quicker has kept it already."""
    seen, ends = part.report, part.position["phase"] == DONE
    problems = [*run.problems, *seen.problems][:MOST_PROBLEMS]
    found = run.found + len(seen.problems)
    values = {
        "position": part.position,
        "version": run.version + 1,
        "streams": run.streams + seen.streams,
        "rows": run.rows + seen.rows,
        "values": run.values + seen.values,
        "found": found,
        "problems": problems,
        "upto_seq": run.upto_seq if part.upto_seq is None else part.upto_seq,
        "upto_seal": run.upto_seal if part.upto_seal is None else part.upto_seal,
    }
    if ends:
        values |= {"state": FAILED if found else PASSED, "ended_at": clock.now()}
    ours = and_(_RUN.c.id == run.id, _RUN.c.version == run.version, _RUN.c.state == RUNNING)
    if session.execute(update(_RUN).where(ours).values(values).returning(_RUN.c.id)).first() is None:
        return
    if part.verified:
        rows = [{"stream": each.stream, "seq": each.seq, "hash": each.hash} for each in part.verified]
        put = insert_into(session, _VERIFIED)
        new = {"seq": put.excluded.seq, "hash": put.excluded.hash}
        session.execute(put.on_conflict_do_update(index_elements=[_VERIFIED.c.stream], set_=new), rows)
    if ends:
        _note(session, {**run._mapping, **values})
    if seen.problems and not run.found:
        _tell(rt, session, run.id)


def _note(session: Session, row: Mapping[str, Any]) -> None:
    """Tell in the trail itself what was verified: a record that is taken away is missed."""
    kept = ("id", "scope", "stream", "scheduled", "streams", "rows", "found", "upto_seq", "upto_seal")
    data = {name: row[name] for name in kept if row[name] is not None}
    note(session, row["by"], "audit.verified", {**data, "holds": row["state"] == PASSED})


def _tell(rt: Runtime, session: Session, run_id: str) -> None:
    """Tell auditors and compliance at the first thing that does not hold, not at the end."""
    people = select(PersonRole.person_id).join(Person, Person.id == PersonRole.person_id)
    wanted = people.where(PersonRole.role.in_((AUDITORS, COMPLIANCE)), Person.active)
    leave_notice(rt, session, session.scalars(wanted).all(), Notice(TOLD, f"{TOLD}:{run_id}"))


def _system_seq(session: Session) -> int | None:
    return session.scalar(select(StreamHead.seq).where(StreamHead.stream == SYSTEM_STREAM))
