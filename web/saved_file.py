"""Answers that a browser keeps as a file: the one place that writes their header."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

from flask import Response

_CHUNK = 64 * 1024
_PLAIN = "!#$&+-.^_`|~"
"""What may stand as it is in an extended value (RFC 5987, attr-char), beside letters and digits."""


def saved_file(
    content: bytes | Iterator[bytes] | BinaryIO, mimetype: str, name: str, *, size: int | None = None
) -> Response:
    """Return `content` as a file of this name, which may hold any characters (RFC 6266).

    A stream is read piece by piece and closed at its end; `size` in bytes tells how much will come of it.
    """
    pieces = content if isinstance(content, bytes) else _pieces(content)
    answer = Response(pieces, mimetype=mimetype)
    answer.headers.set("Content-Disposition", "attachment", **_names(name))
    if size is not None:
        answer.content_length = size
    return answer


def _names(name: str) -> dict[str, str]:
    """Return the name for all browsers, and beside it the whole one where that is not plain ASCII."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if plain == name:
        return {"filename": name}
    stem = plain if plain.partition(".")[0] else f"file{plain}"
    return {"filename": stem, "filename*": f"UTF-8''{quote(name, safe=_PLAIN)}"}


def _pieces(content: Iterator[bytes] | BinaryIO) -> Iterator[bytes]:
    if not isinstance(content, io.IOBase):
        yield from content
        return
    with content:
        while piece := content.read(_CHUNK):
            yield piece
