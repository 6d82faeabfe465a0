"""Answers in gzip, for readers on slow lines.

The files of the bundle never change under their names: each is compressed once by a process, as well as gzip
can. Pages get some random bytes of padding each time, so that their length tells nobody on the line whether
what they sent is like something secret on the page (BREACH).
"""

from __future__ import annotations

import gzip
import io
import secrets
from functools import lru_cache
from typing import Final

from flask import Flask, Response, request

from web.assets import BUILD

TYPES: Final = frozenset(
    {
        "text/html",
        "text/css",
        "text/javascript",
        "text/plain",
        "text/csv",
        "image/svg+xml",
        "application/json",
        "application/problem+json",
        "application/xml",
    }
)
LEAST_BYTES: Final = 1000
MOST_BYTES: Final = 8 * 1024 * 1024
LEVEL: Final = 5
_MOST_PADDING: Final = 100
_FILES: Final = "/static/build/"


def compress(response: Response) -> Response:
    """Compress an answer that is text, large enough, and for somebody who reads gzip."""
    if (
        request.method != "GET"
        or response.mimetype not in TYPES
        or response.status_code != 200
        or "Content-Encoding" in response.headers
    ):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") <= 0:
        return response
    if request.path.startswith(_FILES) and response.direct_passthrough:
        content = _packed(request.path.removeprefix(_FILES))
        response.close()
        response.direct_passthrough = False
    elif not response.is_streamed and LEAST_BYTES <= (response.content_length or 0) <= MOST_BYTES:
        content = padded(response.get_data())
    else:
        return response
    response.set_data(content)
    response.headers["Content-Encoding"] = "gzip"
    tag, _ = response.get_etag()
    if tag:
        response.set_etag(tag, weak=True)
    return response


def padded(content: bytes) -> bytes:
    """Return `content` in gzip, with a file name of random length, which readers pass over."""
    target = io.BytesIO()
    name = "x" * secrets.randbelow(_MOST_PADDING)
    with gzip.GzipFile(name, "wb", compresslevel=LEVEL, fileobj=target, mtime=0) as packed:
        packed.write(content)
    return target.getvalue()


@lru_cache(maxsize=200)
def _packed(name: str) -> bytes:
    return gzip.compress((BUILD / name).read_bytes(), mtime=0)


def install(app: Flask) -> None:
    """Compress what the application answers."""
    app.after_request(compress)
