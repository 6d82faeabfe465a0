"""No text that is sent to us holds a NUL: nobody types one, and PostgreSQL keeps none."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask, request

from engine.errors import InvalidInput


def install(app: Flask) -> None:
    """Refuse addresses and forms with a NUL; to be called once it is settled who may call what."""
    app.before_request(_refuse)


def _refuse() -> None:
    if request.endpoint is not None and any("\0" in text for text in _texts()):
        raise InvalidInput("the request holds a NUL character; take it out and send it again")


def _texts() -> Iterator[str]:
    yield request.path
    for sent in (request.args, request.form):
        for name, text in sent.items(multi=True):
            yield name
            yield text
