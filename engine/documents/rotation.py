"""Rotating the master key: everything that it wraps is wrapped anew, in small steps, while work goes on."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Table, func, select, update
from sqlalchemy.orm import Session

from engine.audit.key_versions import MASTER, note_versions
from engine.documents.register import OWNER as DOCUMENT_OWNER
from engine.errors import Conflict, SealBroken
from engine.people.second_factor import OWNER as FACTOR_OWNER
from engine.privacy.key_file import retire_master_key
from engine.privacy.keyring import Keyring, load_keyring, wrapped_with
from engine.privacy.subjects import OWNER as SUBJECT_OWNER
from engine.store.base import table_of
from engine.store.in_flight import wait_for_writers
from engine.store.sessions import Sessions
from engine.store.tables.documents import Document
from engine.store.tables.people import SecondFactor
from engine.store.tables.privacy import DataSubject

BATCH = 200
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A table of wrapped keys: what they are bound to, and the column of whose they are."""

    table: Table
    owner: str
    id_name: str = "id"

    @property
    def id(self) -> ColumnElement[Any]:
        """The column of whose key it is."""
        return self.table.c[self.id_name]


PERSONS = Wrapped(table_of(DataSubject), SUBJECT_OWNER)
DOCUMENTS = Wrapped(table_of(Document), DOCUMENT_OWNER)
FACTORS = Wrapped(table_of(SecondFactor), FACTOR_OWNER, "person_id")
EVERYTHING = (PERSONS, DOCUMENTS, FACTORS)


def rewrap_all(
    sessions: Sessions, keyring: Keyring, *, batch: int = BATCH, of: Sequence[Wrapped] = EVERYTHING
) -> Iterator[int]:
    """Wrap all that is wrapped under the master key in force; yield how many keys each step took.

    These are the keys of persons and documents and the secrets of code generators.

    Every step is a short transaction of its own: stopped in the middle, what was done stays done, and both
    versions open meanwhile. Calling it again goes on. A key that does not open is told in the log and left as
    it is: `wrapped_under` counts it, and its version cannot be retired.
    """
    for wrapped in of:
        after = ""
        while True:
            with sessions.step() as session:
                seen, done = _rewrap(session, keyring, wrapped, after, batch)
            if not seen:
                break
            after = seen[-1]
            yield done


def _rewrap(
    session: Session, keyring: Keyring, wrapped: Wrapped, after: str, limit: int
) -> tuple[list[str], int]:
    """Wrap up to `limit` keys behind the id `after`; return the ids looked at, and how many were wrapped."""
    table = wrapped.table
    older = (
        select(wrapped.id, table.c.wrapped_key)
        .where(table.c.key_version < keyring.current, table.c.wrapped_key.is_not(None), wrapped.id > after)
        .order_by(wrapped.id)
        .limit(limit)
        .with_for_update()
    )
    rows, done = session.execute(older).all(), 0
    for owner_id, sealed in rows:
        try:
            key = keyring.unwrap(sealed, wrapped.owner, owner_id)
        except SealBroken as error:
            _log.error("a key was not wrapped anew: %s", error)
            continue
        again = keyring.wrap(key, wrapped.owner, owner_id)
        values = {"wrapped_key": again, "key_version": wrapped_with(again)}
        session.execute(update(table).where(wrapped.id == owner_id).values(values))
        done += 1
    return [owner_id for owner_id, _ in rows], done


def wrapped_under(session: Session) -> dict[int, int]:
    """Return how many keys of persons, documents and code generators each version of the master key wraps."""
    counts: dict[int, int] = {}
    for wrapped in EVERYTHING:
        table = wrapped.table
        query = (
            select(table.c.key_version, func.count())
            .where(table.c.wrapped_key.is_not(None))
            .group_by(table.c.key_version)
        )
        for version, count in session.execute(query):
            counts[version] = counts.get(version, 0) + count
    return dict(sorted(counts.items()))


def retire_version(sessions: Sessions, path: Path, version: int) -> None:
    """Take a version of the master key that wraps nothing any more out of the key file.

    Who began before the rotation, and wrapped a key under this version, has committed it by now, so that it
    is counted. Raises Conflict where it still wraps something, ConfigurationError as `retire_master_key`.
    """
    wait_for_writers(sessions)
    with sessions.step() as session:
        if left := wrapped_under(session).get(version, 0):
            raise Conflict(f"version {version} still wraps {left} key(s): run `redress key rewrap` first")
        retire_master_key(path, version)
        note_versions(session, MASTER, load_keyring(path, strict=False).versions)
