"""The register of the quality system: what measures changed in documents and process models (R56)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.people.actor import Actor
from engine.quality.files import FILE, RECORD
from engine.quality.kinds import IMPROVEMENT
from engine.quality.reading import visible_files
from engine.read.paging import Order, Page, page

_NEWEST = Order("newest", (RECORD.c.id,), descending=True)
_FIELDS = ("entry_kind", "document", "old_version", "new_version", "effective_on", "training_needed")


def quality_entries(
    session: Session, actor: Actor, *, limit: int | None = None, cursor: str | None = None
) -> Page:
    """Return the entries, the newest first: the measure's `no`, its `status`, `at`, and what was changed.

    Raises InvalidInput for a cursor of another list.
    """
    query = (
        select(FILE.c.no, FILE.c.status, RECORD.c.at, RECORD.c.actor, RECORD.c["values"].label("entry"))
        .join(FILE, FILE.c.no == RECORD.c.file_no)
        .where(
            RECORD.c.kind == "quality_entry",
            FILE.c.kind == IMPROVEMENT.name,
            visible_files(actor, IMPROVEMENT),
        )
    )
    return page(session, query, _NEWEST, limit=limit, cursor=cursor, finish=_plain)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    entry = row.pop("entry")
    return row | {name: entry.get(name) for name in _FIELDS}
