"""Sealing the archive of a complaint after its archiving, and afterwards what came later (R33, R34)."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.cases.archive.chain import Link, chain_of, is_kept, listed
from engine.cases.archive.contents import Part, gather
from engine.cases.archive.packing import Follows, check_archive, pack
from engine.cases.rows import COMPLAINT, lock_complaint
from engine.documents.register import OWNER
from engine.documents.sealed_file import Measured
from engine.documents.vault import Vault
from engine.domain.retention import RetentionClass, retain_until
from engine.errors import NotFound, StepFailed
from engine.people.actor import SYSTEM
from engine.privacy.keyring import wrapped_with
from engine.privacy.sealing import new_key, seal
from engine.runtime.runtime import Runtime
from engine.store.ids import new_id
from engine.store.tables.archive import Archive, ArchiveSupplement
from engine.store.tables.cases import CaseRecord
from engine.store.tables.documents import Document

SEAL_JOB = "redress:seal-archive"
MEDIA_TYPE = "application/zip"
MOST_BYTES = 16 * 1024**3
YEARS = "archive.retention_years"
MOST_ROUNDS = 5
"""How often one call starts anew because another worker was quicker."""


def vault_of(rt: Runtime) -> Vault:
    """Return the vault of this installation, open to files as large as an archive may become."""
    return Vault(rt.config.data_dir / "documents", rt.keyring, limit_bytes=MOST_BYTES)


def seal_archive(rt: Runtime, no: str) -> None:
    """Pack, encrypt and register the archive of a complaint, or what is new since it was sealed.

    A second call finds it done, and so does one for an archive that was destroyed. No transaction is open
    while the file is packed and written. Raises NotFound, StepFailed.
    """
    for _ in range(MOST_ROUNDS):
        if _seal_what_is_new(rt, no):
            return
    raise StepFailed(f"others seal the archive of {no} at the same time; it is tried again")


def _seal_what_is_new(rt: Runtime, no: str) -> bool:
    """Seal what is not sealed yet; return False where another worker sealed something meanwhile."""
    vault = vault_of(rt)
    with rt.sessions.read() as session:
        chain = chain_of(session, no)
        if not is_kept(session, chain):
            return True
        parts = gather(rt, vault, session, no, sealed=listed(session, vault, chain))
    if not parts:
        return True
    document_id, key, now = new_id(), new_key(), clock.now()
    pipe = _Pipe(parts, no, now, chain[-1].next if chain else None)
    try:
        measured = vault.receive(pipe.reading, key, document_id, lambda content: _check(pipe, content))
    finally:
        pipe.reading.close()  # a writer that is still at it learns that nobody reads
    sealed = _Sealed(document_id, key, measured, pipe.manifest, len(parts), now)
    try:
        kept = _keep(rt, no, chain, sealed)
    except BaseException:
        vault.remove(document_id)
        raise
    if not kept:
        vault.remove(document_id)
    return kept


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A file that was packed and encrypted, and is to be registered."""

    document_id: str
    key: bytes
    measured: Measured
    manifest: str
    files: int
    at: datetime


class _Pipe:
    """An archive being packed by a thread of its own, to be read as it comes: it is nowhere in clear."""

    def __init__(self, parts: list[Part], no: str, now: datetime, follows: Follows | None) -> None:
        read_end, write_end = os.pipe()
        self.reading: BinaryIO = os.fdopen(read_end, "rb")
        self.manifest = ""
        self._error: BaseException | None = None
        self.follows = follows
        self._thread = threading.Thread(target=self._write, args=(write_end, parts, no, now), daemon=True)
        self._thread.start()

    def _write(self, write_end: int, parts: list[Part], no: str, now: datetime) -> None:
        try:
            with os.fdopen(write_end, "wb") as target:
                self.manifest = pack(
                    parts, target, complaint_no=no, sealed_at=now.isoformat(), follows=self.follows
                )
        except BaseException as error:  # noqa: BLE001 - told to the reader by `finish`
            self._error = error

    def finish(self) -> None:
        """Wait for the writer. Raises what stopped it."""
        self._thread.join()
        if self._error is not None:
            raise StepFailed(f"the archive could not be packed: {self._error}") from self._error


def _check(pipe: _Pipe, content: BinaryIO) -> None:
    pipe.finish()
    check_archive(content, pipe.manifest, follows=pipe.follows)


def _keep(rt: Runtime, no: str, chain: tuple[Link, ...], sealed: _Sealed) -> bool:
    """Register the file as what follows the chain; return False where the chain went on meanwhile."""
    with rt.sessions.step() as session:
        lock_complaint(session, no)
        if chain_of(session, no) != chain:
            return False
        wrapped = rt.keyring.wrap(sealed.key, OWNER, sealed.document_id)
        name = f"{no}-{chain[-1].next.number}.zip" if chain else f"{no}.zip"
        session.execute(
            insert(Document).values(
                id=sealed.document_id,
                sha256=sealed.measured.sha256,
                size=sealed.measured.size,
                media_type=MEDIA_TYPE,
                sealed_name=seal(sealed.key, name.encode(), OWNER, sealed.document_id, "name"),
                wrapped_key=wrapped,
                key_version=wrapped_with(wrapped),
                complaint_no=no,
                uploaded_by=SYSTEM.username,
                created_at=sealed.at,
            )
        )
        if chain:
            _register_supplement(session, no, chain[-1].next, sealed)
        else:
            _register(rt, session, no, sealed)
    return True


def _register(rt: Runtime, session: Session, no: str, sealed: _Sealed) -> None:
    row = session.execute(
        select(COMPLAINT.c.archived_at, COMPLAINT.c.closed_at).where(COMPLAINT.c.no == no)
    ).one_or_none()
    if row is None or row.archived_at is None:
        raise NotFound(f"complaint {no} is not archived")
    kind = _retention_class(session, no)
    closed_on = row.archived_at.astimezone(rt.config.timezone).date()
    years = rt.parameters.current(session).value(YEARS, closed_on)
    until = retain_until(closed_on, years, kind, rt.config.timezone)
    session.execute(
        insert(Archive).values(
            complaint_no=no,
            document_id=sealed.document_id,
            manifest_sha256=sealed.manifest,
            files=sealed.files,
            sealed_at=sealed.at,
            retention_class=str(kind),
            retain_until=until,
        )
    )
    data = {
        "complaint_no": no,
        "manifest_sha256": sealed.manifest,
        "files": sealed.files,
        "retain_until": until.isoformat(),
    }
    note(session, SYSTEM.username, "archive.sealed", data)


def _register_supplement(session: Session, no: str, follows: Follows, sealed: _Sealed) -> None:
    data = {
        "complaint_no": no,
        "number": follows.number,
        "manifest_sha256": sealed.manifest,
        "follows_sha256": follows.manifest_sha256,
        "files": sealed.files,
    }
    row = {**data, "document_id": sealed.document_id, "sealed_at": sealed.at}
    session.execute(insert(ArchiveSupplement).values(row))
    note(session, SYSTEM.username, "archive.supplemented", data)


def _retention_class(session: Session, no: str) -> RetentionClass:
    """Return the class that the archive's form was filled with, the standard one without any."""
    values = session.scalars(
        select(CaseRecord.values)
        .where(CaseRecord.complaint_no == no, CaseRecord.kind == "archive")
        .order_by(CaseRecord.id.desc())
    ).first()
    chosen = (values or {}).get("retention")
    return RetentionClass(chosen) if chosen in list(RetentionClass) else RetentionClass.STANDARD
