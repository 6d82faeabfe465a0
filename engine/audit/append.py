"""Appending to the trail: the only way a history row comes into being.

A stream is an instance, or `system` for what belongs to none (deployments, log-ins, reveals of personal
data). The rows of a stream are chained; the head of an instance's chain is kept on the instance's row,
which the step has locked, that of other streams in `stream_head`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.audit.canonical import canonical, commitment, new_salt, row_hash
from engine.store.base import table_of
from engine.store.prepared import Prepared, Writes
from engine.store.tables.audit import History, HistoryValue, StreamHead
from engine.store.types import instant_text

SYSTEM_STREAM = "system"


@dataclass(slots=True)
class Entry:
    """Something that happened. `values` are form values: the chain gets commitments, never the values."""

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    element_id: str | None = None
    element_name: str | None = None
    values: Mapping[str, Any] | None = None
    actor: str | None = None


@dataclass(slots=True)
class Head:
    """Where a stream stands: the last sequence number (0 when empty) and its hash."""

    stream: str
    seq: int = 0
    hash: str = ""


def append(session: Session, head: Head, entries: Iterable[Entry], *, actor: str, at: datetime) -> None:
    """Write `entries` behind `head` and move it on. The caller holds the stream's lock and saves the head."""
    writes = Writes()
    chain(writes, head, entries, actor=actor, at=at)
    writes.send(session)


def chain(writes: Writes, head: Head, entries: Iterable[Entry], *, actor: str, at: datetime) -> None:
    """As `append`, to be written with the rest of a step."""
    rows: list[dict[str, Any]] = []
    values: list[dict[str, Any]] = []
    stamp = instant_text(at)
    for entry in entries:
        data = dict(entry.data)
        if entry.values:
            data["values"] = _commit(head, entry.values, values)
        text = canonical(data).decode()
        who = entry.actor or actor
        seq = head.seq + 1
        digest = row_hash(
            stream=head.stream,
            seq=seq,
            at=stamp,
            actor=who,
            kind=entry.kind,
            element_id=entry.element_id,
            element_name=entry.element_name,
            data=text,
            prev_hash=head.hash,
        )
        rows.append(
            {
                "stream": head.stream,
                "seq": seq,
                "at": at,
                "actor": who,
                "kind": entry.kind,
                "element_id": entry.element_id,
                "element_name": entry.element_name,
                "data": text,
                "hash": digest,
                "prev_hash": head.hash,
            }
        )
        head.seq, head.hash = seq, digest
    writes.add(_INSERT_HISTORY, rows)
    writes.add(_INSERT_VALUE, values)


def note(
    session: Session, actor: str, kind: str, data: Mapping[str, Any], *, stream: str = SYSTEM_STREAM
) -> None:
    """Append one entry to a stream that belongs to no instance, under the lock of its head."""
    found = session.execute(
        select(StreamHead.seq, StreamHead.hash).where(StreamHead.stream == stream).with_for_update()
    ).one_or_none()
    head = Head(stream, found.seq, found.hash) if found else Head(stream)
    append(session, head, [Entry(kind, data)], actor=actor, at=clock.now())
    if found:
        session.execute(
            update(StreamHead).where(StreamHead.stream == stream).values(seq=head.seq, hash=head.hash)
        )
    else:
        session.execute(insert(StreamHead).values(stream=stream, seq=head.seq, hash=head.hash))


def _commit(head: Head, values: Mapping[str, Any], rows: list[dict[str, Any]]) -> dict[str, str]:
    commitments = {}
    for name, value in values.items():
        salt = new_salt()
        commitments[name] = commitment(salt, value)
        rows.append(
            {
                "stream": head.stream,
                "seq": head.seq + 1,
                "name": name,
                "salt": salt,
                "value": canonical(value).decode(),
            }
        )
    return commitments


_INSERT_HISTORY = Prepared(insert(table_of(History)))
_INSERT_VALUE = Prepared(insert(table_of(HistoryValue)))
