"""Uploads that are too large: read to their end and thrown away, so that the sender hears the answer."""

from __future__ import annotations

from typing import Final

from flask import request

MOST_DRAINED: Final = 256 * 1024 * 1024
_PIECE: Final = 64 * 1024


def drain() -> None:
    """Read what is still being sent, up to a bound.

    A server that answers and hangs up while the sender still sends resets the connection: most programs, and
    every browser, then tell of a broken connection instead of the answer that the file is too large.
    """
    left = min(request.content_length or 0, MOST_DRAINED)
    stream = request.environ["wsgi.input"]
    while left > 0 and (piece := stream.read(min(left, _PIECE))):
        left -= len(piece)
