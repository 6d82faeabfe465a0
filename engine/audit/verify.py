"""Proving the trail: every row recomputed with an independent writer, every checkpoint against the heads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.audit.append import Head
from engine.audit.canonical import SCHEMA_VERSION, commitment
from engine.store.tables.audit import History, HistoryValue, StreamHead
from engine.store.tables.runtime import Instance
from engine.store.types import instant_text

BATCH = 500


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
    """Check one stream, or all of them: sequence, chain, hashes, commitments and heads (R70)."""
    report = Report()
    for head in heads(session, stream):
        _verify_stream(session, head, report)
        report.streams += 1
    if stream is None:
        known = {head.stream for head in heads(session)}
        for name in session.scalars(select(History.stream).distinct()):
            if name not in known:
                report.problems.append(f"{name}: rows of a stream that has no head")
    return report


def heads(session: Session, stream: str | None = None) -> Iterator[Head]:
    """Give the recorded head of each stream, in the order of their names."""
    instances = select(Instance.id, Instance.history_seq, Instance.history_hash).order_by(Instance.id)
    others = select(StreamHead.stream, StreamHead.seq, StreamHead.hash).order_by(StreamHead.stream)
    if stream is not None:
        instances, others = instances.where(Instance.id == stream), others.where(StreamHead.stream == stream)
    for query in (instances, others):
        for name, seq, digest in session.execute(query.execution_options(yield_per=BATCH)):
            yield Head(name, seq, digest)


def _verify_stream(session: Session, head: Head, report: Report) -> None:
    prev, seq = "", 0
    rows = session.execute(
        select(History.__table__).where(History.stream == head.stream).order_by(History.seq)
    ).all()
    committed: dict[tuple[int, str], str] = {}
    for row in rows:
        seq += 1
        where = f"{head.stream} row {row.seq}"
        if row.seq != seq:
            report.problems.append(f"{where}: expected row {seq}; a row was removed or inserted")
            return
        if row.prev_hash != prev:
            report.problems.append(f"{where}: does not follow the row before it")
        data = _parsed(row.data)
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
        if hashlib.sha256(rfc8785.dumps(body)).hexdigest() != row.hash:
            report.problems.append(f"{where}: its content does not match its hash")
        values = data.get("values") if isinstance(data, dict) else None
        if isinstance(values, dict):
            committed |= {(row.seq, name): value for name, value in values.items()}
        prev = row.hash
        report.rows += 1
    if (seq, prev) != (head.seq, head.hash):
        report.problems.append(f"{head.stream}: ends at row {seq}, its head says {head.seq}")
    _verify_values(session, head.stream, committed, report)


def _parsed(text: str) -> Any:
    """Return the JSON of a row, or the text itself where somebody made it no JSON: its hash then differs."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _verify_values(
    session: Session, stream: str, committed: dict[tuple[int, str], str], report: Report
) -> None:
    for row in session.execute(select(HistoryValue.__table__).where(HistoryValue.stream == stream)):
        report.values += 1
        expected = committed.get((row.seq, row.name))
        if expected != commitment(row.salt, json.loads(row.value)):
            report.problems.append(
                f"{stream} row {row.seq}: the value of {row.name!r} is not the committed one"
            )
