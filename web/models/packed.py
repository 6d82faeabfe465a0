"""Chosen files, kept in the page that shows what they change until they are deployed or let go."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from collections.abc import Mapping

from engine.errors import InvalidInput
from engine.models.bundle import MAX_FILES, MAX_TOTAL_BYTES

MOST_CHARACTERS = 900_000
"""As much as a field of a form may hold, with room for the others."""


def pack(files: Mapping[str, bytes]) -> str:
    """Return files as one text for a field of a form, or an empty text where they are too many for it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    packed = base64.b64encode(held.getvalue()).decode("ascii")
    return packed if len(packed) <= MOST_CHARACTERS else ""


def unpack(packed: str) -> dict[str, bytes]:
    """Return the files of such a text. Raises InvalidInput where it is none, or holds too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(packed, validate=True))) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_TOTAL_BYTES:
                raise _refused()
            return {entry.filename: archive.read(entry) for entry in entries}
    except (binascii.Error, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise _refused() from error


def _refused() -> InvalidInput:
    return InvalidInput("the files that this page held cannot be read; choose them again")
