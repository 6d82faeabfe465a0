"""Reading JSON strictly: bounded in depth, no NaN, no lone surrogates, no NUL that a database refuses."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest

_NUL = b"\\u0000"


class StrictJSONProvider(DefaultJSONProvider):
    """Flask's, reading with orjson."""

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        """Parse JSON. Raises ValueError."""
        found = orjson.loads(s)
        if _NUL in (s.encode() if isinstance(s, str) else s) and _holds_nul(found):
            raise ValueError("text with a NUL character")
        return found


def read_json(request: Request) -> Any:
    """Return the parsed body. Raises BadRequest."""
    try:
        return request.get_json()
    except BadRequest as error:
        message = "the body is not JSON, or it is nested too deeply or holds a NUL character"
        raise BadRequest(message) from error


def _holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(item) for key, item in value.items())
    if isinstance(value, list):
        return any(_holds_nul(item) for item in value)
    return isinstance(value, str) and "\0" in value
