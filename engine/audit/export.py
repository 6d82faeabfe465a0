"""Handing a stream out as JSON lines that anybody can verify without us."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.audit.canonical import SCHEMA_VERSION
from engine.errors import NotFound
from engine.store.tables.audit import History
from engine.store.types import instant_text


def export_stream(session: Session, stream: str) -> Iterator[str]:
    """Give a stream's rows in order, each as one line of JSON with its hash. Raises NotFound."""
    empty = True
    rows = session.execute(select(History.__table__).where(History.stream == stream).order_by(History.seq))
    for row in rows:
        empty = False
        yield orjson.dumps(
            {
                "v": SCHEMA_VERSION,
                "stream": row.stream,
                "seq": row.seq,
                "at": instant_text(row.at),
                "actor": row.actor,
                "kind": row.kind,
                "element_id": row.element_id,
                "element_name": row.element_name,
                "data": orjson.loads(row.data),
                "prev": row.prev_hash,
                "hash": row.hash,
            },
            option=orjson.OPT_SORT_KEYS,
        ).decode()
    if empty:
        raise NotFound(f"there is no stream {stream!r}; a stream is an instance's id, or `system`")
