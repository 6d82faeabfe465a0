"""Sealing the archive of a complaint, once, after its archiving (R33, R34)."""

from __future__ import annotations

import os
import threading
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import note
from engine.cases.archive.contents import gather
from engine.cases.archive.packing import check_archive, pack
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
from engine.store.tables.archive import Archive
from engine.store.tables.cases import CaseRecord
from engine.store.tables.documents import Document

SEAL_JOB = "redress:seal-archive"
MEDIA_TYPE = "application/zip"
MOST_BYTES = 16 * 1024**3
YEARS = "archive.retention_years"


def vault_of(rt: Runtime) -> Vault:
    """Return the vault of this installation, open to files as large as an archive may become."""
    return Vault(rt.config.data_dir / "documents", rt.keyring, limit_bytes=MOST_BYTES)


def seal_archive(rt: Runtime, no: str) -> None:
    """Pack, encrypt and register the archive of a complaint; a second call finds it done.

    No transaction is open while files are read and written. Raises NotFound, StepFailed.
    """
    vault = vault_of(rt)
    with rt.sessions.read() as session:
        if _is_sealed(session, no):
            return
        parts = gather(rt, vault, session, no)
    document_id, key, now = new_id(), new_key(), clock.now()
    pipe = _Pipe(parts, no, now)
    try:
        measured = vault.receive(pipe.reading, key, document_id, lambda content: _check(pipe, content))
    finally:
        pipe.reading.close()  # a writer that is still at it learns that nobody reads
    try:
        kept = _keep(rt, no, document_id, key, measured, pipe.manifest, len(parts), now)
    except BaseException:
        vault.remove(document_id)
        raise
    if not kept:
        vault.remove(document_id)  # another worker was quicker


class _Pipe:
    """An archive being packed by a thread of its own, to be read as it comes: it is nowhere in clear."""

    def __init__(self, parts: list[Any], no: str, now: datetime) -> None:
        read_end, write_end = os.pipe()
        self.reading: BinaryIO = os.fdopen(read_end, "rb")
        self.manifest = ""
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._write, args=(write_end, parts, no, now), daemon=True)
        self._thread.start()

    def _write(self, write_end: int, parts: list[Any], no: str, now: datetime) -> None:
        try:
            with os.fdopen(write_end, "wb") as target:
                self.manifest = pack(parts, target, complaint_no=no, sealed_at=now.isoformat())
        except BaseException as error:  # noqa: BLE001 - told to the reader by `finish`
            self._error = error

    def finish(self) -> None:
        """Wait for the writer. Raises what stopped it."""
        self._thread.join()
        if self._error is not None:
            raise StepFailed(f"the archive could not be packed: {self._error}") from self._error


def _check(pipe: _Pipe, content: BinaryIO) -> None:
    pipe.finish()
    check_archive(content, pipe.manifest)


def _keep(
    rt: Runtime,
    no: str,
    document_id: str,
    key: bytes,
    measured: Measured,
    manifest: str,
    files: int,
    now: datetime,
) -> bool:
    """Register the file and the archive; return False where another worker sealed it meanwhile."""
    with rt.sessions.step() as session:
        lock_complaint(session, no)
        if _is_sealed(session, no):
            return False
        wrapped = rt.keyring.wrap(key, OWNER, document_id)
        session.execute(
            insert(Document).values(
                id=document_id,
                sha256=measured.sha256,
                size=measured.size,
                media_type=MEDIA_TYPE,
                sealed_name=seal(key, f"{no}.zip".encode(), OWNER, document_id, "name"),
                wrapped_key=wrapped,
                key_version=wrapped_with(wrapped),
                complaint_no=no,
                uploaded_by=SYSTEM.username,
                created_at=now,
            )
        )
        _register(rt, session, no, document_id, manifest, files, now)
    return True


def _is_sealed(session: Session, no: str) -> bool:
    return session.scalar(select(Archive.complaint_no).where(Archive.complaint_no == no)) is not None


def _register(
    rt: Runtime, session: Session, no: str, document_id: str, manifest: str, files: int, now: datetime
) -> None:
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
            document_id=document_id,
            manifest_sha256=manifest,
            files=files,
            sealed_at=now,
            retention_class=str(kind),
            retain_until=until,
        )
    )
    data = {
        "complaint_no": no,
        "manifest_sha256": manifest,
        "files": files,
        "retain_until": until.isoformat(),
    }
    note(session, SYSTEM.username, "archive.sealed", data)


def _retention_class(session: Session, no: str) -> RetentionClass:
    """Return the class that the archive's form was filled with, the standard one without any."""
    values = session.scalars(
        select(CaseRecord.values)
        .where(CaseRecord.complaint_no == no, CaseRecord.kind == "archive")
        .order_by(CaseRecord.id.desc())
    ).first()
    chosen = (values or {}).get("retention")
    return RetentionClass(chosen) if chosen in list(RetentionClass) else RetentionClass.STANDARD
