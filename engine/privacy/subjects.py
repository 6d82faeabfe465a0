"""The persons whose data is held: made, found by what identifies them, erased.

Erasing destroys the person's key. What was sealed under it stays where it is and reads as erased, so that the
trail, which holds only references and commitments, keeps all its proofs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from sqlalchemy import Table, and_, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session, aliased

from engine import clock
from engine.errors import NotFound
from engine.privacy.erasure import overwrite_what_is_freed
from engine.privacy.identifiers import normalise
from engine.privacy.keyring import Keyring, wrapped_with
from engine.privacy.sealing import new_key
from engine.store.ids import new_id
from engine.store.prepared import Prepared
from engine.store.tables.privacy import DataSubject, SubjectIndex

OWNER = "data_subject"
_SUBJECTS = cast(Table, DataSubject.__table__)
_INDEX = cast(Table, SubjectIndex.__table__)
_ADD_SUBJECT = Prepared(insert(_SUBJECTS))
_KEY_OF = Prepared(select(_SUBJECTS.c.wrapped_key).where(_SUBJECTS.c.id == bindparam("subject_id")))
_INDEXED = select(_INDEX.c.kind, _INDEX.c.digest).where(_INDEX.c.subject_id == bindparam("subject_id"))
_ADD_TO_INDEX = insert(_INDEX)


def create_subject(session: Session, keyring: Keyring) -> str:
    """Add a person without any data yet, under a random key of their own; return the subject's id."""
    subject_id = new_id()
    wrapped = keyring.wrap(new_key(), OWNER, subject_id)
    row = {
        "id": subject_id,
        "wrapped_key": wrapped,
        "key_version": wrapped_with(wrapped),
        "index_version": keyring.index_version,
        "created_at": clock.now(),
        "erased_at": None,
    }
    _ADD_SUBJECT.run(session, row)
    return subject_id


def subject_key(session: Session, keyring: Keyring, subject_id: str) -> bytes | None:
    """Return the key of a person, or None once they were erased. Raises NotFound, SealBroken."""
    row = _KEY_OF.one_or_none(session, {"subject_id": subject_id})
    if row is None:
        raise NotFound(f"there is no data subject {subject_id}")
    return None if row.wrapped_key is None else keyring.unwrap(row.wrapped_key, OWNER, subject_id)


def index_subject(
    session: Session, keyring: Keyring, subject_id: str, identifiers: Mapping[str, str]
) -> None:
    """Let a person be found by `identifiers`: kind (phone, email, id_number, account) -> value.

    Kept as keyed digests of the normal forms, under every version of the index's key that is held; empty
    values are passed over, known ones not repeated. Raises InvalidInput for another kind.
    """
    digests = {
        (kind, digest): version
        for kind, value in identifiers.items()
        if value and (normal := normalise(kind, value))
        for version, digest in keyring.index_digests(kind, normal).items()
    }
    if not digests:
        return
    connection = session.connection()
    known = {(row.kind, row.digest) for row in connection.execute(_INDEXED, {"subject_id": subject_id})}
    rows = [
        {"kind": kind, "digest": digest, "subject_id": subject_id, "key_version": digests[kind, digest]}
        for kind, digest in sorted(digests.keys() - known)
    ]
    if rows:
        connection.execute(_ADD_TO_INDEX, rows)


def find_subjects(session: Session, keyring: Keyring, kind: str, value: str) -> list[str]:
    """Return the ids of the persons indexed under `value`, however it is written, oldest first."""
    normal = normalise(kind, value)
    if not normal:
        return []
    found = select(SubjectIndex.subject_id).where(
        SubjectIndex.kind == kind, SubjectIndex.digest.in_(keyring.index_digests(kind, normal).values())
    )
    return sorted(session.scalars(found.distinct()))


def find_same_persons(session: Session, subject_id: str) -> list[str]:
    """Return the other subjects that share a phone, e-mail, identity number or account with this one.

    One person who complains twice is two subjects; nothing is decrypted to find that out.
    """
    mine, other = aliased(SubjectIndex), aliased(SubjectIndex)
    shared = (
        select(other.subject_id)
        .join(mine, and_(mine.kind == other.kind, mine.digest == other.digest))
        .where(mine.subject_id == subject_id, other.subject_id != subject_id)
        .distinct()
    )
    return sorted(session.scalars(shared))


def erase_subject(session: Session, subject_id: str) -> bool:
    """Destroy the key of a person and what finds them; return False when that was done before.

    The key is not left behind in SQLite's files either. Backups made before keep it: `redress restore` erases
    again, and their retention is the operator's duty. Raises NotFound.
    """
    overwrite_what_is_freed(session)
    held = select(DataSubject.wrapped_key).where(DataSubject.id == subject_id).with_for_update()
    row = session.execute(held).one_or_none()
    if row is None:
        raise NotFound(f"there is no data subject {subject_id}")
    if row.wrapped_key is None:
        return False
    session.execute(
        update(DataSubject)
        .where(DataSubject.id == subject_id)
        .values(wrapped_key=None, erased_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(SubjectIndex)
        .where(SubjectIndex.subject_id == subject_id)
        .execution_options(synchronize_session=False)
    )
    return True
