"""Reading the clear texts again for personal data that no guard masked or refused (section 4, R60, R61).

A chore reads a part at a time and keeps how far it came with what it found; a worker that is killed loses one
part. What was written since the last reading is read once a day; everything after a change of what is looked
for or where, and every thirty days. A find is kept as its place and kind, never as the text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from sqlalchemy import and_, func, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.errors import InvalidInput, NotFound
from engine.people.actor import SYSTEM, Actor
from engine.privacy import finding, identifiers
from engine.privacy.finding import mask_text, refuse_personal
from engine.quality import clear_texts
from engine.quality.clear_texts import (
    ADDED,
    CHANGED,
    CLEAR_TEXTS,
    TRAIL,
    TRAIL_VALUES,
    ClearTexts,
    found_in,
    read_json,
)
from engine.quality.conditions import Asked
from engine.quality.kinds import ACCOUNTABILITY
from engine.read.paging import Order, Page, page
from engine.read.visibility import not_about
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.ids import new_id
from engine.store.tables.audit import History, HistoryValue, StreamHead
from engine.store.tables.cases import Complaint
from engine.store.tables.leaks import Leak, LeakHead, LeakScan
from engine.store.tables.runtime import Instance
from engine.store.upsert import insert_into

FULL, NEW = "full", "new"
RUNNING, ENDED = "running", "ended"
EVERY, WHOLE = timedelta(days=1), timedelta(days=30)
ROWS: Final = 5_000
"""So many rows are read in a part: well below a second's work."""
STREAMS: Final = 500
OVERLAP_MS: Final = 600_000
"""Keys are made before their row is committed: so much of what was read is read again."""
INSTANCES, OTHERS, DONE = "instances", "others", "done"
MASKED, NOT_PERSONAL = "masked", "not_personal"
DECISIONS: Final = (MASKED, NOT_PERSONAL)
LONGEST_REASON: Final = 500
LONGEST_KEY: Final = 300
_SCAN, _HEAD, _LEAK = table_of(LeakScan), table_of(LeakHead), table_of(Leak)
_HEADS: Final = {INSTANCES: (Instance.id, Instance.history_seq), OTHERS: (StreamHead.stream, StreamHead.seq)}
_TABLES: Final = {each.table.name: each for each in CLEAR_TEXTS}
_FOLLOWING: Final = dict(pairwise((INSTANCES, OTHERS, *_TABLES, DONE)))


@dataclass(frozen=True, slots=True)
class LeaksSeen:
    """Leaks in what was written in a period, by what was decided of them; how many texts were read since the
    last whole reading began, and when the last reading ended.
    """

    standing: int
    masked: int
    texts: int
    read_at: datetime


@dataclass(slots=True)
class _Part:
    """What a part of a reading saw, and where the next one goes on."""

    position: dict[str, Any]
    texts: int = 0
    rows: int = 0
    found: list[dict[str, Any]] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)

    def take(self, place: ClearTexts, row: Mapping[str, Any], at: datetime | None) -> None:
        """Look through a row's clear columns."""
        self.rows += 1
        for column in place.columns:
            if row[column] is None:
                continue
            self.texts += 1
            for path, kind in found_in(column, row[column]):
                key = "/".join(str(row[each.name]) for each in place.keys)
                self.found.append(
                    {
                        "table_name": place.table.name,
                        "row_key": mask_text(key)[:LONGEST_KEY],  # some are of systems outside
                        "column_name": path,
                        "kind": kind,
                        "number": row[place.number] if place.number else None,
                        "instance_id": row[place.instance] if place.instance else None,
                        "written_at": at or clock.now(),
                    }
                )


def scan_due(rt: Runtime) -> int:
    """Read one part of the reading that runs, or begin the one that is due; return how many rows."""
    with rt.sessions.read() as session:
        query = select(_SCAN).where(_SCAN.c.state == RUNNING).order_by(_SCAN.c.id).limit(1)
        scan = session.execute(query).one_or_none()
        due = _due(session) if scan is None else None
        part = _look(session, scan) if scan is not None else None
    if due is not None:
        _begin(rt, due)
    if scan is None or part is None:
        return 0
    with rt.sessions.step() as session:
        _keep(session, scan, part)
    return part.rows


def leaks_of(session: Session, asked: Asked) -> LeaksSeen | None:
    """Return the leaks of a period; None before all clear texts were read once. Asks no permission."""
    ended = select(_SCAN).where(_SCAN.c.state == ENDED).order_by(_SCAN.c.id.desc())
    whole = session.execute(ended.where(_SCAN.c.scope == FULL).limit(1)).one_or_none()
    if whole is None:
        return None
    texts = select(func.sum(_SCAN.c.texts), func.max(_SCAN.c.ended_at))
    read = session.execute(texts.where(_SCAN.c.state == ENDED, _SCAN.c.id >= whole.id)).one()
    by = count_leaks(session, asked)
    return LeaksSeen(by.get(None, 0), by.get(MASKED, 0), int(read[0]), read[1])


def count_leaks(session: Session, asked: Asked) -> dict[str | None, int]:
    """Return how many leaks were written in a period by what was decided of them. Asks no permission."""
    counted = select(_LEAK.c.decision, func.count()).group_by(_LEAK.c.decision)
    within = counted.where(_LEAK.c.written_at >= asked.start, _LEAK.c.written_at < asked.end)
    return {row[0]: row[1] for row in session.execute(within)}


def leaks(session: Session, actor: Actor, *, limit: int | None = None, cursor: str | None = None) -> Page:
    """Return every leak with its place, what was written last first, without those of complaints about the
    actor (Art. 17). Raises Forbidden.
    """
    actor.require("leak.read")
    query = select(_LEAK).where(*not_about(actor, _LEAK.c.number))
    order = Order("written", (_LEAK.c.written_at, _LEAK.c.id), descending=True)
    shown = partial(_without_parties_file, actor)
    return page(session, query, order, limit=limit, cursor=cursor, finish=shown)


def _without_parties_file(actor: Actor, row: dict[str, Any]) -> dict[str, Any]:
    """Leave out the number of a file of accountability for who may not know of it (R49)."""
    hidden = (row["number"] or "").startswith(f"{ACCOUNTABILITY.series}-")
    return row | {"number": None} if hidden and not actor.may("accountability.read_all") else row


def decide_leak(rt: Runtime, actor: Actor, leak_id: str, decision: str, reason: str) -> None:
    """Mark a leak as masked since, or as no personal data, with a reason; a later mark replaces an earlier
    one, both in the trail. Raises Forbidden, NotFound, InvalidInput.
    """
    actor.require("leak.decide")
    said = reason.strip()
    if decision not in DECISIONS:
        raise InvalidInput("choose one of the list", {"decision": ["choose one of the list"]})
    if not 0 < len(said) <= LONGEST_REASON:
        message = f"say why, in {LONGEST_REASON} characters"
        raise InvalidInput(message, {"reason": [message]})
    refuse_personal(reason=said)
    values = {"decision": decision, "reason": said, "decided_by": actor.username, "decided_at": clock.now()}
    with rt.sessions.step() as session:
        ours = update(_LEAK).where(_LEAK.c.id == leak_id, *not_about(actor, _LEAK.c.number))
        if session.execute(ours.values(values).returning(_LEAK.c.id)).first() is None:
            raise NotFound("there is no such find of personal data")
        note(session, actor.username, "leak.decided", {"id": leak_id, "decision": decision, "reason": said})


@cache
def looked_for() -> str:
    """Return the digest of what is looked for and where: another one has everything read anew."""
    digest = hashlib.sha256()
    for module in (finding, identifiers, clear_texts):
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()[:16]


def _due(session: Session) -> str | None:
    """Return the scope of the reading that is due; None where none is."""
    now = clock.now()
    began = select(func.max(_SCAN.c.began_at)).where(_SCAN.c.began_at <= now)  # not one of a clock set ahead
    last = session.scalar(began)
    if last is not None and now < last + EVERY:
        return None
    known = (_SCAN.c.scope == FULL, _SCAN.c.state == ENDED, _SCAN.c.finder == looked_for())
    whole = session.scalar(began.where(*known))
    return FULL if whole is None or now >= whole + WHOLE else NEW


def _begin(rt: Runtime, scope: str) -> None:
    with rt.sessions.step() as session:
        ended = select(_SCAN.c.position).where(_SCAN.c.state == ENDED).order_by(_SCAN.c.id.desc())
        before = session.scalar(ended.limit(1)) or {}
        row = {
            "id": new_id(),
            "scope": scope,
            "finder": looked_for(),
            "state": RUNNING,
            "began_at": clock.now(),
            "ended_at": None,
            "position": {"phase": INSTANCES, "upto": before.get("upto", {})},
            "version": 1,
            "texts": 0,
            "found": 0,
        }
        session.execute(insert(_SCAN).values(row))


def _look(session: Session, scan: Any) -> _Part:
    """Read the next part."""
    part = _Part(dict(scan.position))
    if part.position["phase"] in _HEADS:
        _look_at_streams(session, scan.scope, part)
    else:
        _look_at_table(session, scan.scope, part)
    return part


def _look_at_streams(session: Session, scope: str, part: _Part) -> None:
    """Read streams until the part is full; in a long stream the next part goes on where this one ends."""
    phase, upto = part.position["phase"], part.position["upto"]
    inner = part.position.get("seq")
    name, seq = _HEADS[phase]
    last = part.position.get("stream", "")
    query = select(name, seq, _HEAD.c.seq).select_from(
        name.class_.__table__.outerjoin(_HEAD, _HEAD.c.stream == name)
    )
    query = query.where(name >= last if inner is not None else name > last)
    if scope == NEW:
        query = query.where(or_(_HEAD.c.seq.is_(None), _HEAD.c.seq != seq))
    heads = session.execute(query.order_by(name).limit(STREAMS)).all()
    for stream, head, before in heads:
        at = inner if inner is not None else before if scope == NEW and before is not None else 0
        inner = None
        while at < head:
            if part.rows >= ROWS:
                part.position = {"phase": phase, "upto": upto, "stream": stream, "seq": at}
                return
            at = _read_stream(session, stream, at, min(head, at + ROWS), part)
        part.read[stream] = head
        part.position = {"phase": phase, "upto": upto, "stream": stream}
    if len(heads) < STREAMS:
        part.position = {"phase": _FOLLOWING[phase], "upto": upto}


def _read_stream(session: Session, stream: str, after: int, upto: int, part: _Part) -> int:
    """Read the rows of a stream behind `after` with the values that lie beside them; return `upto`."""
    rows = select(History.__table__).where(History.stream == stream, History.seq > after, History.seq <= upto)
    written = {}
    for row in session.execute(rows).mappings():
        written[row["seq"]] = row["at"]
        part.take(TRAIL, {**row, "data": read_json(row["data"])}, row["at"])
    beside = select(HistoryValue.__table__).where(
        HistoryValue.stream == stream, HistoryValue.seq > after, HistoryValue.seq <= upto
    )
    for row in session.execute(beside).mappings():
        part.take(TRAIL_VALUES, {**row, "value": read_json(row["value"])}, written.get(row["seq"]))
    return upto


def _look_at_table(session: Session, scope: str, part: _Part) -> None:
    """Read the next rows of a table by its key."""
    phase, upto = part.position["phase"], dict(part.position["upto"])
    place = _TABLES[phase]
    following = {"phase": _FOLLOWING[phase], "upto": upto}
    if scope == NEW and place.rows == CHANGED:
        part.position = following
        return
    behind = part.position.get("key")
    if behind is None and scope == NEW and place.rows == ADDED and phase in upto:
        behind = _before(upto[phase])
    query = select(place.table).order_by(*place.keys).limit(ROWS)
    if behind is not None:
        query = query.where(tuple_(*place.keys) > tuple_(*behind))
    rows = session.execute(query).mappings().all()
    for row in rows:
        part.take(place, {**row}, row[place.written] if place.written else None)
    if rows:
        key = [rows[-1][each.name] for each in place.keys]
        if place.rows == ADDED:
            upto[phase] = max(key, upto.get(phase, key))
        part.position = {"phase": phase, "upto": upto, "key": key}
    if len(rows) < ROWS:
        part.position = following


def _before(key: list[str]) -> list[str]:
    """Return a key of `OVERLAP_MS` before, of one that tells the time; any other as it is."""
    first = key[0]
    if len(first) != len(new_id()):
        return key
    return [f"{max(int(first[:12], 16) - OVERLAP_MS, 0):012x}".ljust(len(first), "0"), *("" for _ in key[1:])]


def _keep(session: Session, scan: Any, part: _Part) -> None:
    """Keep what a part saw; another worker that was quicker has kept it already."""
    ends = part.position["phase"] == DONE
    values: dict[str, Any] = {
        "position": part.position,
        "version": scan.version + 1,
        "texts": scan.texts + part.texts,
    }
    if ends:
        values |= {"state": ENDED, "ended_at": clock.now()}
    ours = and_(_SCAN.c.id == scan.id, _SCAN.c.version == scan.version, _SCAN.c.state == RUNNING)
    if session.execute(update(_SCAN).where(ours).values(values).returning(_SCAN.c.id)).first() is None:
        return
    new = sum(_keep_found(session, each) for each in part.found)
    if new:
        session.execute(update(_SCAN).where(_SCAN.c.id == scan.id).values(found=_SCAN.c.found + new))
    if part.read:
        put = insert_into(session, _HEAD)
        put = put.on_conflict_do_update(index_elements=[_HEAD.c.stream], set_={"seq": put.excluded.seq})
        session.execute(put, [{"stream": stream, "seq": seq} for stream, seq in part.read.items()])
    if ends:
        told = {"id": scan.id, "scope": scan.scope, "texts": values["texts"], "found": scan.found + new}
        note(session, SYSTEM.username, "leaks.looked_for", told)


def _keep_found(session: Session, found: dict[str, Any]) -> bool:
    """Keep a find that was not known yet, with the number of the case whose trail it stands in."""
    if found["number"] is None and found["instance_id"] is not None:
        case = select(Complaint.no).where(Complaint.instance_id == found["instance_id"])
        found = found | {"number": session.scalar(case)}
    row = insert_into(session, _LEAK).values(id=new_id(), found_at=clock.now(), **found)
    return session.execute(row.on_conflict_do_nothing().returning(_LEAK.c.id)).first() is not None
