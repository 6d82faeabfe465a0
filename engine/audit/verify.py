"""Proving the trail: every row recomputed with an independent writer, every checkpoint against the heads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import rfc8785
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.audit.append import Head
from engine.audit.canonical import SCHEMA_VERSION, commitment
from engine.errors import NotFound
from engine.store.tables.audit import History, HistoryValue, StreamHead
from engine.store.tables.runtime import Instance
from engine.store.types import instant_text

BATCH = 500
PART = 5_000
"""So many rows are held in memory at once."""
_HEADLESS = "{}: rows of a stream that has no head"


@dataclass(slots=True)
class Report:
    """What a verification saw: how much, and each thing that does not hold, in words."""

    streams: int = 0
    rows: int = 0
    values: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether everything that was checked is as it was written."""
        return not self.problems


def verify(session: Session, stream: str | None = None) -> Report:
    """Check one stream, or all of them: sequence, chain, hashes, commitments and heads (R70).

    Raises NotFound where there is no such stream.
    """
    report = Report()
    for head in heads(session, stream):
        at: Head | None = Head(head.stream)
        while at is not None:
            at = verify_part(session, head, at, report)
        report.streams += 1
    if stream is None:
        last: str | None = ""
        while last is not None:
            last = look_for_headless(session, report, last)
    elif not report.streams:
        found = select(History.seq).where(History.stream == stream).limit(1)
        if session.scalar(found) is None:
            raise NotFound(f"there is no stream {stream!r}; a stream is an instance's id, or `system`")
        report.problems.append(_HEADLESS.format(stream))
    return report


def look_for_headless(session: Session, report: Report, after: str, most: int = BATCH) -> str | None:
    """Check that the next `most` streams with rows, by name behind `after`, have a head; return the last of
    them, None once all are through.

    It is one statement: of a stream that begins between two, one would see rows and the other no head.
    """
    streams = select(History.stream).where(History.stream > after).distinct()
    some = streams.order_by(History.stream).limit(most).subquery()
    query = (
        select(some.c.stream, Instance.id, StreamHead.stream)
        .outerjoin(Instance, Instance.id == some.c.stream)
        .outerjoin(StreamHead, StreamHead.stream == some.c.stream)
        .order_by(some.c.stream)
    )
    rows = session.execute(query).all()
    headless = [row[0] for row in rows if row[1] is None and row[2] is None]
    report.problems += [_HEADLESS.format(stream) for stream in headless]
    return rows[-1][0] if len(rows) == most else None


def heads(session: Session, stream: str | None = None) -> Iterator[Head]:
    """Give the recorded head of each stream, in the order of their names."""
    instances = select(Instance.id, Instance.history_seq, Instance.history_hash).order_by(Instance.id)
    others = select(StreamHead.stream, StreamHead.seq, StreamHead.hash).order_by(StreamHead.stream)
    if stream is not None:
        instances, others = instances.where(Instance.id == stream), others.where(StreamHead.stream == stream)
    for query in (instances, others):
        for name, seq, digest in session.execute(query.execution_options(yield_per=BATCH)):
            yield Head(name, seq, digest)


def verify_part(session: Session, head: Head, after: Head, report: Report, most: int = PART) -> Head | None:
    """Check at most `most` rows of a stream behind `after` (seq 0: from its first row on); return the last of
    them, to go on from, or None once the stream is through or does not hold.

    Rows that are appended meanwhile stand beyond `head` and are for the next verification.
    """
    behind = (History.seq > after.seq,) if after.seq else ()
    query = select(History.__table__).where(History.stream == head.stream, *behind, History.seq <= head.seq)
    rows = session.execute(query.order_by(History.seq).limit(most)).all()
    seq, prev, committed = _chained(rows, after, report)
    if seq < after.seq + len(rows):
        return None  # a gap: what follows it hangs on nothing
    _verify_values(session, head.stream, committed, after.seq, seq, report)
    if len(rows) == most and seq < head.seq:
        return Head(head.stream, seq, prev)
    if (seq, prev) != (head.seq, head.hash):
        report.problems.append(f"{head.stream}: ends at row {seq}, its head says {head.seq}")
    _verify_end(session, head, report)
    return None


def _chained(rows: Sequence[Any], after: Head, report: Report) -> tuple[int, str, dict[tuple[int, str], str]]:
    """Check rows that follow `after`; return the last one's number and hash, and the commitments."""
    seq, prev = after.seq, after.hash
    committed: dict[tuple[int, str], str] = {}
    for row in rows:
        where = f"{row.stream} row {row.seq}"
        if row.seq != seq + 1:
            report.problems.append(f"{where}: expected row {seq + 1}; a row was removed or inserted")
            break
        seq += 1
        if row.prev_hash != prev:
            report.problems.append(f"{where}: does not follow the row before it")
        data = _parsed(row.data)
        if _hash_of(row, data) != row.hash:
            report.problems.append(f"{where}: its content does not match its hash")
        values = data.get("values") if isinstance(data, dict) else None
        if isinstance(values, dict):
            committed |= {(row.seq, name): value for name, value in values.items()}
        prev = row.hash
        report.rows += 1
    return seq, prev, committed


def _hash_of(row: Any, data: Any) -> str:
    body = {
        "v": SCHEMA_VERSION,
        "stream": row.stream,
        "seq": row.seq,
        "at": instant_text(row.at),
        "actor": row.actor,
        "kind": row.kind,
        "element_id": row.element_id,
        "element_name": row.element_name,
        "data": data,
        "prev": row.prev_hash,
    }
    return hashlib.sha256(rfc8785.dumps(body)).hexdigest()


def _verify_end(session: Session, head: Head, report: Report) -> None:
    """A stream has no row beyond its head, which moves on in the transaction that appends to it."""
    last = session.scalar(select(func.max(History.seq)).where(History.stream == head.stream)) or 0
    if last > head.seq and all(last > now.seq for now in heads(session, head.stream)):
        report.problems.append(f"{head.stream}: has a row {last}, its head says {head.seq}")


def _parsed(text: str) -> Any:
    """Return the JSON of a row, or the text itself where somebody made it no JSON: its hash then differs."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _verify_values(
    session: Session,
    stream: str,
    committed: dict[tuple[int, str], str],
    after: int,
    until: int,
    report: Report,
) -> None:
    """Check the values of the rows from `after` (exclusive) to `until`."""
    query = select(HistoryValue.__table__).where(
        HistoryValue.stream == stream, HistoryValue.seq > after, HistoryValue.seq <= until
    )
    for row in session.execute(query):
        report.values += 1
        expected = committed.get((row.seq, row.name))
        if expected != commitment(row.salt, json.loads(row.value)):
            report.problems.append(
                f"{stream} row {row.seq}: the value of {row.name!r} is not the committed one"
            )
