"""Reading JSON strictly: bounded in depth, no NaN, no lone surrogates, no NUL that a database refuses."""

from __future__ import annotations

from typing import Any, Final

import orjson
from flask import Request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest

_NUL = b"\\u0000"
MOST_LEVELS: Final = 120
"""So deep may lists and objects stand inside one another: a value of FEEL may have 100, and lies within."""


class StrictJSONProvider(DefaultJSONProvider):
    """Flask's, reading with orjson."""

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        """Parse JSON. Raises ValueError."""
        found, raw = orjson.loads(s), s.encode() if isinstance(s, str) else s
        if raw.count(b"[") + raw.count(b"{") > MOST_LEVELS and _is_deep(found):
            raise ValueError(f"nested deeper than {MOST_LEVELS} levels")
        if _NUL in raw and _holds_nul(found):
            raise ValueError("text with a NUL character")
        return found


def read_json(request: Request) -> Any:
    """Return the parsed body. Raises BadRequest."""
    try:
        return request.get_json()
    except BadRequest as error:
        message = "the body is not JSON, or it is nested too deeply or holds a NUL character"
        raise BadRequest(message) from error


def _is_deep(value: Any) -> bool:
    """Whether lists and objects are nested deeper than is taken: looked at by level, never recursively."""
    level = [value]
    for _ in range(MOST_LEVELS):
        held = (each.values() if isinstance(each, dict) else each for each in level)
        level = [each for inner in held for each in inner if isinstance(each, dict | list)]
    return bool(level)


def _holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(item) for key, item in value.items())
    if isinstance(value, list):
        return any(_holds_nul(item) for item in value)
    return isinstance(value, str) and "\0" in value
