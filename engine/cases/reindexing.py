"""Indexing customers again in the blind index: under its new key, or by what it did not hold before (R60).

As long as several versions of the key are held, whoever registers is indexed under each of them, and is
looked for under each: two who share a number meet under the older version until everybody has the newer one,
and under the newer one ever after.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from engine.audit.key_versions import INDEX, note_versions
from engine.cases.rows import COMPLAINT
from engine.errors import Conflict, SealBroken
from engine.privacy.erasure import overwrite_what_is_freed
from engine.privacy.identifiers import INDEXED_KINDS
from engine.privacy.key_file import retire_index_key
from engine.privacy.keyring import Keyring, load_keyring
from engine.privacy.subjects import index_subject
from engine.privacy.values import is_reference, read_values
from engine.runtime.runtime import Runtime
from engine.store.base import table_of
from engine.store.in_flight import wait_for_writers
from engine.store.sessions import Sessions
from engine.store.tables.privacy import DataSubject, SubjectIndex

BATCH, BATCHES = 200, 5
"""So many persons a step; so many steps each time that the worker comes by."""
PERSON, DIGEST = table_of(DataSubject).c, table_of(SubjectIndex).c
_log = logging.getLogger(__name__)


def reindex_all(sessions: Sessions, keyring: Keyring, *, batch: int = BATCH) -> Iterator[int]:
    """Index everybody under the versions that are held; yield how many persons each step took.

    Every step is a short transaction of its own: stopped in the middle, what was done stays done, and
    calling it again goes on. Who cannot be read is told in the log and stays as they are: `indexed_under`
    counts them.
    """
    after = ""
    while True:
        with sessions.step() as session:
            seen, done = _reindex(session, keyring, after, batch)
        if not seen:
            return
        after = seen[-1]
        yield done


def reindex_some(rt: Runtime) -> None:
    """Index again who is behind, some at a time: the worker's part, after a migration or a rotation."""
    with rt.sessions.read() as session:
        behind = select(PERSON.id).where(PERSON.index_version < rt.keyring.index_version)
        if session.scalars(behind.limit(1)).first() is None:
            return
    for _done, _number in zip(reindex_all(rt.sessions, rt.keyring), range(BATCHES), strict=False):
        pass


def indexed_under(session: Session) -> dict[int, int]:
    """Return how many persons are indexed under each version and those held with it; 0: under none."""
    query = select(PERSON.index_version, func.count()).where(PERSON.wrapped_key.is_not(None))
    return {row[0]: row[1] for row in session.execute(query.group_by(PERSON.index_version))}


def retire_index_version(sessions: Sessions, path: Path, version: int) -> None:
    """Take a version of the key of the blind index, which nobody needs any more to be found, out of its file.

    Raises Conflict where somebody is not indexed under the one in force, ConfigurationError as
    `retire_index_key`. `drop_digests` removes what was made under it.
    """
    wait_for_writers(sessions)
    with sessions.step() as session:
        keyring = load_keyring(path, strict=False)
        counts = indexed_under(session)
        if left := sum(count for each, count in counts.items() if each < keyring.index_version):
            raise Conflict(f"{left} person(s) are not indexed anew: run `redress key index fill` first")
        retire_index_key(path, version)
        note_versions(session, INDEX, load_keyring(path, strict=False).index_versions)


def drop_digests(sessions: Sessions, keyring: Keyring, *, batch: int = BATCH) -> Iterator[int]:
    """Remove the digests under versions that are no longer held; yield how many each step took."""
    wait_for_writers(sessions)
    after = ""
    while True:
        with sessions.read() as session:
            following = select(DIGEST.subject_id).where(DIGEST.subject_id > after).distinct()
            ids = session.scalars(following.order_by(DIGEST.subject_id).limit(batch)).all()
        if not ids:
            return
        old = DIGEST.subject_id.in_(ids) & DIGEST.key_version.not_in(keyring.index_versions)
        with sessions.read() as session:
            found = session.scalar(select(func.count()).where(old)) or 0
        if found:
            with sessions.step() as session:
                overwrite_what_is_freed(session)
                session.execute(delete(table_of(SubjectIndex)).where(old))
        after = ids[-1]
        yield found


def _reindex(session: Session, keyring: Keyring, after: str, limit: int) -> tuple[list[str], int]:
    """Index up to `limit` persons behind the id `after`; return the ids looked at, and how many are done."""
    version = keyring.index_version
    behind = (
        select(PERSON.id, COMPLAINT.c.personal)
        .outerjoin_from(table_of(DataSubject), COMPLAINT, COMPLAINT.c.subject_id == PERSON.id)
        .where(PERSON.index_version < version, PERSON.wrapped_key.is_not(None), PERSON.id > after)
        .order_by(PERSON.id)
        .limit(limit)
        .with_for_update(of=table_of(DataSubject))
    )
    rows = session.execute(behind).all()
    done = [row.id for row in rows if _index_again(session, keyring, row.id, row.personal or {})]
    changed = update(table_of(DataSubject)).where(PERSON.id.in_(done))
    session.execute(changed.values(index_version=version))
    return [row.id for row in rows], len(done)


def _index_again(session: Session, keyring: Keyring, subject_id: str, personal: dict[str, Any]) -> bool:
    references = {kind: personal[kind] for kind in INDEXED_KINDS if is_reference(personal.get(kind))}
    try:
        values = read_values(session, keyring, references.values(), subject_id=subject_id)
    except SealBroken as error:
        _log.error("a person was not indexed anew: %s", error)
        return False
    known = {kind: values[reference] for kind, reference in references.items() if reference in values}
    index_subject(session, keyring, subject_id, known)
    return True
