"""The folder of sealed files: `<data dir>/documents/<last two digits of the id>/<id>`.

A file is written and flushed to disk under `incoming/` and renamed when it is whole and checked, so that
under its own name there is never half a file. Names and hashes of the clear content appear nowhere in it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from engine.documents.sealed_file import Measured, SealedReader, write_sealed
from engine.errors import NotFound
from engine.privacy.keyring import Keyring

INCOMING = "incoming"


class Vault:
    """Where the sealed files lie, under which keyring, and how large one may be."""

    def __init__(self, root: Path, keyring: Keyring, *, limit_bytes: int) -> None:
        """Use the folder `root`, made when the first file comes."""
        self.root = root
        self.keyring = keyring
        self.limit_bytes = limit_bytes

    def receive(
        self, source: BinaryIO, key: bytes, document_id: str, check: Callable[[BinaryIO], None]
    ) -> Measured:
        """Encrypt `source` to disk, let `check` read the clear content back, and keep the file if it passes.

        Whatever `check` or the writing raises is passed on, and nothing is left behind.
        """
        draft = self.root / INCOMING / document_id
        draft.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            measured = self._write(draft, source, key, document_id)
            with self._reading(draft, key, document_id) as content:
                check(content)
            target = self.path(document_id)
            if not target.parent.is_dir():
                target.parent.mkdir(mode=0o700, exist_ok=True)
                _sync_folder(self.root)
            draft.replace(target)
            _sync_folder(target.parent)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        return measured

    def open(self, key: bytes, document_id: str) -> BinaryIO:
        """Open a file for reading clear bytes from any point. Raises NotFound, SealBroken."""
        try:
            return self._open(self.path(document_id), key, document_id)
        except FileNotFoundError as error:
            raise NotFound(
                f"the file of document {document_id} is missing under {self.root}; restore it from a backup"
            ) from error

    def remove(self, document_id: str) -> None:
        """Remove a file from disk; without its key it is unreadable anyway."""
        self.path(document_id).unlink(missing_ok=True)

    def path(self, document_id: str) -> Path:
        """Return where the file of a document lies."""
        if not (len(document_id) == 32 and document_id.isalnum() and document_id.isascii()):
            raise NotFound("that is no id of a document")
        return self.root / document_id[-2:] / document_id

    def files(self) -> Iterator[Path]:
        """Yield all files, those still coming in included."""
        return (path for path in self.root.glob("*/*") if path.is_file())

    def _write(self, draft: Path, source: BinaryIO, key: bytes, document_id: str) -> Measured:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as target:
            measured = write_sealed(source, target, key, document_id, limit=self.limit_bytes)
            target.flush()
            os.fsync(target.fileno())
        return measured

    @contextmanager
    def _reading(self, path: Path, key: bytes, document_id: str) -> Iterator[BinaryIO]:
        content = self._open(path, key, document_id)
        try:
            yield content
        finally:
            content.close()

    def _open(self, path: Path, key: bytes, document_id: str) -> BinaryIO:
        file = path.open("rb")
        try:
            return cast(BinaryIO, io.BufferedReader(SealedReader(file, key, document_id), 64 * 1024))
        except BaseException:
            file.close()
            raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
