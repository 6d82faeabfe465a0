"""A file encrypted in chunks, so that it is written as it comes in and read from any point.

Layout: magic of 4 bytes, a random prefix of 7, then chunks of 64 KiB, each with its tag. The nonce of a chunk
is the prefix, the chunk's number and whether it is the last one (the STREAM construction): chunks cannot be
changed, swapped, dropped or cut off without the file refusing to open. The key belongs to this file alone.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.errors import InvalidInput, SealBroken
from engine.privacy.sealing import TAG_BYTES, bound_to

MAGIC = b"RDV1"
PREFIX_BYTES = 7
CHUNK_BYTES = 64 * 1024
_HEAD = len(MAGIC) + PREFIX_BYTES
_SEALED_CHUNK = CHUNK_BYTES + TAG_BYTES


@dataclass(frozen=True, slots=True)
class Measured:
    """What was learned of a file while it was written: the SHA-256 of its clear bytes, and their number."""

    sha256: str
    size: int


def write_sealed(source: BinaryIO, target: BinaryIO, key: bytes, document_id: str, *, limit: int) -> Measured:
    """Encrypt `source` into `target`. Raises InvalidInput when it is empty or above `limit` bytes."""
    prefix = os.urandom(PREFIX_BYTES)
    cipher, bound = AESGCM(key), bound_to("document", document_id)
    digest, size = hashlib.sha256(), 0
    target.write(MAGIC + prefix)
    for number, (chunk, last) in enumerate(_chunks(source)):
        size += len(chunk)
        if size > limit:
            raise _refused(f"the file is larger than the {limit / 1024 / 1024:g} MB that are taken")
        digest.update(chunk)
        target.write(cipher.encrypt(_nonce(prefix, number, last=last), chunk, bound))
    if not size:
        raise _refused("the file is empty")
    return Measured(digest.hexdigest(), size)


class SealedReader(io.RawIOBase):
    """The clear bytes of a sealed file: readable and seekable. Closing it closes the file beneath."""

    def __init__(self, file: BinaryIO, key: bytes, document_id: str) -> None:
        """Read from `file`, which is at its beginning. Raises SealBroken where it is no sealed file."""
        super().__init__()
        self._file, self._id = file, document_id
        self._cipher, self._bound = AESGCM(key), bound_to("document", document_id)
        length = file.seek(0, os.SEEK_END) - _HEAD
        file.seek(0)
        head = file.read(_HEAD)
        if length <= TAG_BYTES or not head.startswith(MAGIC):
            raise SealBroken(
                f"the file of document {document_id} is no sealed file; restore it from a backup"
            )
        self._prefix = head[len(MAGIC) :]
        self._count = -(-length // _SEALED_CHUNK)
        self.size = length - self._count * TAG_BYTES
        self._at = 0
        self._number, self._chunk = -1, b""

    def readable(self) -> bool:
        """Tell that this can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that any point can be read."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a point of the clear bytes; return it."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("cannot seek before the beginning of a document")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """Return the point of the clear bytes that is read next."""
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` with what follows, at most to the end of a chunk. Raises SealBroken."""
        if self._at >= self.size:
            return 0
        number, start = divmod(self._at, CHUNK_BYTES)
        piece = self._open(number)[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Close the file beneath and forget what was decrypted."""
        self._chunk = b""
        self._file.close()
        super().close()

    def _open(self, number: int) -> bytes:
        if number != self._number:
            self._file.seek(_HEAD + number * _SEALED_CHUNK)
            nonce = _nonce(self._prefix, number, last=number == self._count - 1)
            try:
                self._chunk = self._cipher.decrypt(nonce, self._file.read(_SEALED_CHUNK), self._bound)
            except InvalidTag as error:
                raise SealBroken(
                    f"the file of document {self._id} was changed or cut off (part {number}); "
                    "restore it from a backup"
                ) from error
            self._number = number
        return self._chunk


def _chunks(source: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Yield full chunks and whether each is the last, however little a read gives."""
    held = _read_full(source)
    while True:
        following = _read_full(source) if len(held) == CHUNK_BYTES else b""
        yield held, not following
        if not following:
            return
        held = following


def _read_full(source: BinaryIO) -> bytes:
    parts: list[bytes] = []
    missing = CHUNK_BYTES
    while missing and (part := source.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message, {"file": [message]})
