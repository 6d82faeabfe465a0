"""Which versions of a key came and went, in the trail."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.audit.append import SYSTEM_STREAM, note
from engine.people.actor import SYSTEM
from engine.store.tables.audit import History, StreamHead


class Told(NamedTuple):
    """What the trail calls the coming and the going of a version."""

    came: str
    went: str


MASTER = Told("key.rotated", "key.retired")
INDEX = Told("index.rotated", "index.retired")


def note_versions(session: Session, told: Told, held: Collection[int]) -> None:
    """Note what the trail does not tell yet of the versions of a key that its file holds: which of them came,
    and which are gone.

    The file changes first. Who was killed before the row was written is caught up with by the next who looks.
    """
    session.execute(select(StreamHead.seq).where(StreamHead.stream == SYSTEM_STREAM).with_for_update()).all()
    newest = max(held)
    happened = [(told.came, version) for version in range(2, newest + 1)]
    happened += [(told.went, version) for version in range(1, newest) if version not in held]
    rows = select(History.kind, History.data).where(History.stream == SYSTEM_STREAM, History.kind.in_(told))
    noted = {(row.kind, orjson.loads(row.data)["version"]) for row in session.execute(rows)}
    for kind, version in happened:
        if (kind, version) not in noted:
            note(session, SYSTEM.username, kind, {"version": version})
